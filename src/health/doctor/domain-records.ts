import type { NameAnswer, NameService } from '../../core/diagnosis.ts'
import { acsKinds, exchangeKinds } from './kinds.ts'
import type { SenderDomain } from './sender-domains.ts'
import { readSpf, type SpfSight } from './spf.ts'

/** A name that signs, and where its CNAME leads. */
export interface SelectorSight {
  readonly name: string
  /** What it has to lead to; undefined: the portal of the tenant says it. */
  readonly wanted: string | undefined
  readonly answer: NameAnswer<string>
}

export interface DmarcSight {
  /** Where the record that counts stands: the domain itself, or one above it. */
  readonly at: string
  readonly policy: string
  readonly isUnknown: boolean
}

/** Everything that the DNS says of a domain as a sender. */
export interface DomainRecords extends SenderDomain {
  readonly spf: SpfSight
  readonly acsSelectors: readonly SelectorSight[]
  readonly exchangeSelectors: readonly SelectorSight[]
  readonly dmarc: DmarcSight
}

/** Never rejects; ends with the signal. */
export async function readDomain(
  sender: SenderDomain,
  names: NameService,
  signal: AbortSignal,
): Promise<DomainRecords> {
  const { domain, upstreams } = sender
  const look = (selectors: readonly Omit<SelectorSight, 'answer'>[]): Promise<readonly SelectorSight[]> =>
    Promise.all(
      selectors.map(async (selector) => ({
        ...selector,
        answer: await names.aliases(selector.name, signal),
      })),
    )
  const has = (kinds: typeof acsKinds): boolean => upstreams.some(({ kind }) => kinds.has(kind))
  const [spf, acsSelectors, exchangeSelectors, dmarc] = await Promise.all([
    readSpf(domain, names, signal),
    look(has(acsKinds) ? acsNames(domain) : []),
    look(has(exchangeKinds) ? exchangeNames(domain) : []),
    readDmarc(domain, names, signal),
  ])
  return { ...sender, spf, acsSelectors, exchangeSelectors, dmarc }
}

/** As Azure lists them under "DKIM" and "DKIM2" of a custom domain, of a subdomain too. */
const acsNames = (domain: string) =>
  [1, 2].map((number) => {
    const selector = `selector${number}-azurecomm-prod-net._domainkey`
    return { name: `${selector}.${domain}`, wanted: `${selector}.azurecomm.net` }
  })

/** Where they lead to carries a part that only the tenant's portal knows. */
const exchangeNames = (domain: string) =>
  [1, 2].map((number) => ({ name: `selector${number}._domainkey.${domain}`, wanted: undefined }))

/** Up the tree to the first record (RFC 7489 section 6.6.3; no list of public suffixes is kept for one question). */
async function readDmarc(domain: string, names: NameService, signal: AbortSignal): Promise<DmarcSight> {
  const labels = domain.split('.')
  for (let from = 0; from <= labels.length - 2; from += 1) {
    const at = labels.slice(from).join('.')
    const answer = await names.texts(`_dmarc.${at}`, signal)
    if (answer.kind === 'silent' || answer.kind === 'failed') return { at: '', policy: '', isUnknown: true }
    const record =
      answer.kind === 'found' ? answer.values.find((text) => /^v=DMARC1\b/i.test(text)) : undefined
    if (record !== undefined) return { at, policy: policyIn(record, from > 0), isUnknown: false }
  }
  return { at: '', policy: '', isUnknown: false }
}

/** `sp` counts for names below the one that has the record. */
function policyIn(record: string, isBelow: boolean): string {
  const tag = (name: string): string | undefined =>
    new RegExp(`(?:^|;)\\s*${name}\\s*=\\s*([a-z]+)`, 'i').exec(record)?.[1]?.toLowerCase()
  return (isBelow ? tag('sp') : undefined) ?? tag('p') ?? 'none'
}
