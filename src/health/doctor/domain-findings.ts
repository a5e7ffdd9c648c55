import type { Finding } from '../../core/diagnosis.ts'
import type { UpstreamSetup } from '../../core/setup.ts'
import type { Pause } from '../../core/spool.ts'
import type { DomainRecords, SelectorSight } from './domain-records.ts'
import { about, attention, notChecked, ok, trouble } from './finding.ts'
import { acsKinds, exchangeKinds } from './kinds.ts'
import { mostLookups } from './spf.ts'

const microsoftInclude = 'spf.protection.outlook.com'

/** SPF, DKIM and DMARC of one sender domain. */
export function domainFindings(records: DomainRecords, pauses: readonly Pause[]): readonly Finding[] {
  return [spfFinding(records, pauses), ...dkimFindings(records), dmarcFinding(records)]
}

const isMicrosoft = ({ kind }: UpstreamSetup): boolean => acsKinds.has(kind) || exchangeKinds.has(kind)

function spfFinding({ domain, upstreams, spf }: DomainRecords, pauses: readonly Pause[]): Finding {
  const subject = about('domain', `spf/${domain}`)
  if (spf.isUnknown) return notChecked(subject, `The SPF record of ${domain} could not be read: no answer.`)
  const needsMicrosoft = upstreams.some(isMicrosoft)
  const act = (sentence: string, remedy: string): Finding => attention(subject, sentence, remedy, spf.records)
  if (spf.records.length === 0) {
    return act(
      `${domain} has no SPF record.`,
      `Publish a TXT record at ${domain}: ${exampleRecord(needsMicrosoft)}`,
    )
  }
  if (spf.records.length > 1) {
    return act(
      `${domain} has ${spf.records.length} SPF records: receivers then take none of them.`,
      'Merge them into one TXT record.',
    )
  }
  if (spf.lookups > mostLookups) {
    return act(
      `The SPF record of ${domain} costs ${spf.lookups} look-ups, more than the ${mostLookups} that receivers make.`,
      'Take out includes that nobody sends through any more.',
    )
  }
  if (needsMicrosoft && !spf.included.has(microsoftInclude)) {
    return act(
      `The SPF record of ${domain} does not name Microsoft, which sends for it (${upstreams.map(({ name }) => name).join(', ')}).`,
      `Add include:${microsoftInclude} to it.`,
    )
  }
  if (waitsForVerification(upstreams, pauses) && spf.all !== '-all') {
    return act(
      `Azure has not linked ${domain}, and verifies a domain only while its SPF record ends in -all (this one: ${spf.all || 'nothing'}).`,
      'Let it end in -all until Azure has verified the domain; ~all is taken afterwards.',
    )
  }
  return ok(subject, `The SPF record of ${domain} is in order.`, spf.records)
}

const exampleRecord = (needsMicrosoft: boolean): string =>
  needsMicrosoft
    ? `v=spf1 include:${microsoftInclude} -all`
    : 'v=spf1 with the servers that send for it, and -all'

const waitsForVerification = (upstreams: readonly UpstreamSetup[], pauses: readonly Pause[]): boolean =>
  pauses.some(
    ({ code, upstream }) =>
      code === 'domain-not-linked' &&
      upstreams.some(({ name, kind }) => name === upstream && acsKinds.has(kind)),
  )

function dkimFindings({ domain, acsSelectors, exchangeSelectors }: DomainRecords): readonly Finding[] {
  return [
    ...(acsSelectors.length > 0 ? [acsDkim(domain, acsSelectors)] : []),
    ...(exchangeSelectors.length > 0 ? [exchangeDkim(domain, exchangeSelectors)] : []),
  ]
}

function acsDkim(domain: string, selectors: readonly SelectorSight[]): Finding {
  const subject = about('domain', `dkim/${domain}`)
  if (selectors.some(isUnknown)) return notChecked(subject, `The DKIM names of ${domain} could not be read.`)
  const bad = selectors.filter((selector) => !isRight(selector))
  if (bad.length === 0) return ok(subject, `Both DKIM names of ${domain} lead to Azure.`)
  return attention(
    subject,
    `${bad.length === 2 ? 'Both DKIM names' : 'A DKIM name'} of ${domain} ${bad.length === 2 ? 'are' : 'is'} missing or wrong: Azure can't sign for it.`,
    `Publish ${bad.map(({ name, wanted }) => `CNAME ${name} to ${wanted}`).join(' and ')}.`,
    bad.map(
      ({ name, answer }) => `${name}: ${answer.kind === 'found' ? answer.values.join(', ') : answer.kind}`,
    ),
  )
}

/** A tenant signs with its onmicrosoft.com domain where these are missing: a notice, mail goes. */
function exchangeDkim(domain: string, selectors: readonly SelectorSight[]): Finding {
  const subject = about('domain', `dkim-exchange/${domain}`)
  if (selectors.some(isUnknown)) return notChecked(subject, `The DKIM names of ${domain} could not be read.`)
  return selectors.every(isRight)
    ? ok(subject, `Exchange can sign for ${domain} (DKIM).`)
    : ok(
        subject,
        `Exchange has no DKIM names at ${domain} and signs with its own domain: mail passes DMARC by SPF alone. The Defender portal (Email authentication settings, DKIM) names the two CNAMEs.`,
      )
}

const isUnknown = ({ answer }: SelectorSight): boolean => answer.kind === 'silent' || answer.kind === 'failed'

const isRight = ({ answer, wanted }: SelectorSight): boolean =>
  answer.kind === 'found' &&
  answer.values.some((value) => wanted === undefined || value.toLowerCase().replace(/\.$/, '') === wanted)

/** Whether what receivers are asked to do with mail that is not aligned can hit ours. */
function dmarcFinding(records: DomainRecords): Finding {
  const { domain, dmarc, upstreams } = records
  const subject = about('domain', `dmarc/${domain}`)
  if (dmarc.isUnknown) return notChecked(subject, `The DMARC record of ${domain} could not be read.`)
  if (dmarc.at === '') {
    return ok(subject, `${domain} has no DMARC record: nothing is asked of receivers.`)
  }
  const evidence = [`p=${dmarc.policy} at _dmarc.${dmarc.at}`]
  if (!upstreams.every(isMicrosoft)) {
    return ok(
      subject,
      `DMARC of ${domain} asks for ${dmarc.policy}: the smarthost has to sign for ${domain} or stand in its SPF record.`,
      evidence,
    )
  }
  const by = alignedBy(records)
  if (by.length > 0) {
    return ok(subject, `From and ${by.join(' and ')} agree: mail of ${domain} passes DMARC.`, evidence)
  }
  const sentence = `Nothing agrees with the From of ${domain}: neither SPF (MAIL FROM) nor DKIM. DMARC asks receivers for ${dmarc.policy}.`
  return dmarc.policy === 'none'
    ? attention(subject, sentence, `Cure spf/${domain} or dkim/${domain} first.`, evidence)
    : trouble(
        subject,
        sentence,
        `Cure spf/${domain} or dkim/${domain}: until then such mail is lost.`,
        evidence,
      )
}

/** MAIL FROM has the domain of From, always: the box writes both. */
function alignedBy({ spf, acsSelectors, exchangeSelectors }: DomainRecords): readonly string[] {
  const isSpf = spf.records.length === 1 && spf.lookups <= mostLookups && spf.included.has(microsoftInclude)
  const selectors = [...acsSelectors, ...exchangeSelectors]
  const isDkim = selectors.length > 0 && selectors.every(isRight)
  return [...(isSpf ? ['MAIL FROM (SPF)'] : []), ...(isDkim ? ['signature (DKIM)'] : [])]
}
