import { domainOf, parseAddress } from '../../core/address.ts'
import type { Finding, MailHost, NameAnswer } from '../../core/diagnosis.ts'
import type { DeviceSetup, Setup, UpstreamSetup } from '../../core/setup.ts'
import type { Pause } from '../../core/spool.ts'
import { internalKinds } from '../../core/upstream-kinds.ts'
import { NetworkSet } from '../../platform/network.ts'
import { type Contact, publicAddressIn } from './contact.ts'
import type { DomainRecords } from './domain-records.ts'
import { about, attention, notChecked, ok, trouble } from './finding.ts'
import { tenantHostKinds } from './kinds.ts'
import { servicesOf } from './service-findings.ts'

export interface TenantFacts {
  readonly setup: Setup
  readonly contacts: readonly Contact[]
  readonly domains: readonly DomainRecords[]
  readonly pauses: readonly Pause[]
  /** MX of every accepted domain of a way out to the tenant's own host. */
  readonly mailHosts: ReadonlyMap<string, NameAnswer<MailHost>>
}

/** Ways out that speak to the tenant's own host: they stand on the public address of this site. */
export const tenantHostsOf = (setup: Setup): readonly UpstreamSetup[] =>
  servicesOf(setup).filter(({ kind }) => tenantHostKinds.has(kind))

export function tenantFindings(facts: TenantFacts): readonly Finding[] {
  return [
    ...tenantHostsOf(facts.setup).flatMap((upstream) => [
      publicAddressFinding(upstream, facts),
      tenantFinding(upstream, facts),
    ]),
    ...strandedFindings(facts.setup),
  ]
}

/** The address that Exchange sees, against what has to know it. */
function publicAddressFinding(upstream: UpstreamSetup, { contacts, domains, pauses }: TenantFacts): Finding {
  const { name, kind, credential } = upstream
  const subject = about('service', `public-address/${name}`)
  const contact = contacts.find(({ destination }) => destination.uses.includes(name))
  const address = contact && publicAddressIn(contact)
  if (address === undefined) {
    return notChecked(subject, `The public address of this site is not known: ${name} did not tell it.`)
  }
  const evidence = [`${name} greets ${address}`]
  if (kind === 'exchange-connector') {
    if (credential.kind !== 'none')
      return ok(subject, `${name} sees this site as ${address}; its connector goes by certificate.`, evidence)
    return hasPause(pauses, name, 'connector-mismatch')
      ? trouble(
          subject,
          `The connector of ${name} does not know this site, which comes from ${address}.`,
          `Enter ${address} in the inbound connector (Exchange admin center, Mail flow, Connectors).`,
          evidence,
        )
      : ok(subject, `This site comes from ${address}: the connector of ${name} has to list it.`, evidence)
  }
  const bare = domains.filter(
    ({ upstreams, spf }) =>
      upstreams.some((each) => each.name === name) &&
      !spf.isUnknown &&
      !new NetworkSet(spf.ranges).has(address),
  )
  if (bare.length === 0) return ok(subject, `This site comes from ${address}, which SPF lists.`, evidence)
  return attention(
    subject,
    `This site comes from ${address}, which the SPF record of ${bare.map(({ domain }) => domain).join(', ')} does not list: its mail may land in Junk.`,
    `Add ${address.includes(':') ? 'ip6' : 'ip4'}:${address} to the SPF record. A line with a changing address can't use Direct Send well.`,
    evidence,
  )
}

const hasPause = (pauses: readonly Pause[], name: string, wanted: string): boolean =>
  pauses.some(({ upstream, code }) => upstream === name && code === wanted)

/** Whether the host of the setup is the tenant's, and whether the tenant takes mail there. */
function tenantFinding(upstream: UpstreamSetup, { pauses, mailHosts }: TenantFacts): Finding {
  const { name, kind, acceptedDomains, host } = upstream
  const subject = about('service', `direct-send/${name}`)
  const rejected = pauses.find((pause) => pause.upstream === name && pause.code === 'direct-send-rejected')
  if (rejected) return trouble(subject, `${name}: ${rejected.reason}`, rejected.remedy)
  if (kind === 'exchange-direct' && acceptedDomains.length === 0) {
    return trouble(
      subject,
      `${name} has no accepted_domains: it takes no mail at all.`,
      'List the domains of the tenant in accepted_domains.',
    )
  }
  const answers = acceptedDomains.map((domain) => ({ domain, answer: mailHosts.get(domain) }))
  const known = answers.flatMap(({ domain, answer }) =>
    answer?.kind === 'found' ? [{ domain, hosts: answer.values.map((each) => each.host) }] : [],
  )
  if (known.length === 0) return notChecked(subject, `${name}: no MX of its accepted domains could be read.`)
  const evidence = known.map(({ domain, hosts }) => `MX of ${domain}: ${hosts.join(', ')}`)
  if (known.some(({ hosts }) => hosts.includes(host.toLowerCase())))
    return ok(subject, `${host} is the mail host of the tenant.`, evidence)
  const other = known.find(({ hosts }) => hosts.some(isTenantHost))
  if (other) {
    return attention(
      subject,
      `${name} sends to ${host}, but mail for ${other.domain} goes to ${other.hosts.join(', ')}.`,
      `Compare host with the MX of ${other.domain}.`,
      evidence,
    )
  }
  return ok(
    subject,
    `Mail for ${known.map(({ domain }) => domain).join(', ')} goes through a filter first; ${name} goes past it to ${host}, which the tenant may forbid.`,
    evidence,
  )
}

/** Names of tenants' hosts, the older form and the one with DNSSEC. */
const isTenantHost = (host: string): boolean =>
  /\.(mail\.protection\.outlook\.com|mx\.microsoft)$/i.test(host)

/** Devices that may write outside, and have only ways out that stay inside. */
function strandedFindings(setup: Setup): readonly Finding[] {
  const stranded = setup.devices.filter((device) => device.enabled && isStranded(device, setup))
  if (stranded.length === 0) return []
  const names = stranded.map(({ name }) => name).join(', ')
  return [
    attention(
      about('service', 'external-recipients'),
      `${names} may write to anyone, but every way out of its route delivers inside the organisation only: mail to others has no way out.`,
      'Add a way out that goes outside to its route, or narrow its allowed_recipients to the domains inside.',
    ),
  ]
}

function isStranded(device: DeviceSetup, setup: Setup): boolean {
  const ways = servicesOf(setup).filter(({ name }) => device.route?.includes(name) ?? true)
  if (ways.length === 0 || !ways.every(({ kind }) => internalKinds.has(kind))) return false
  const inside = new Set(
    ways.flatMap(({ acceptedDomains }) => acceptedDomains.map((each) => each.toLowerCase())),
  )
  return (
    device.allowedRecipients.length === 0 ||
    device.allowedRecipients.some((pattern) => !isInside(pattern, inside))
  )
}

function isInside(pattern: string, inside: ReadonlySet<string>): boolean {
  if (pattern === '*') return false
  const address = parseAddress(pattern)
  return inside.has(address ? domainOf(address) : pattern.slice(pattern.lastIndexOf('@') + 1).toLowerCase())
}
