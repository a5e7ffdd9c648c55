import type { Clock } from '../../core/clock.ts'
import {
  type Diagnosis,
  diagnosisOf,
  type Finding,
  type MailHost,
  type NameAnswer,
  type NameService,
  type SignInSight,
} from '../../core/diagnosis.ts'
import type { MachineSigns } from '../../core/machine-troubles.ts'
import type { DeviceView, StatusView } from '../../core/operations.ts'
import type { Setup, UpstreamSetup } from '../../core/setup.ts'
import type { Pause } from '../../core/spool.ts'
import { second } from '../../core/time.ts'
import { boxFindings, type Expiry } from './box-findings.ts'
import { clockFinding } from './clock-finding.ts'
import { type Contact, isUsable } from './contact.ts'
import { type Destination, destinationsOf } from './destinations.ts'
import { domainFindings } from './domain-findings.ts'
import { readDomain } from './domain-records.ts'
import { egressFindings, isLocal } from './egress-findings.ts'
import { about, notChecked } from './finding.ts'
import { dnsFinding, nameFindings, networkFinding } from './name-findings.ts'
import { type Roots, reach } from './reaching.ts'
import { senderDomainsOf } from './sender-domains.ts'
import { senderFinding, servicesOf, signInFinding } from './service-findings.ts'
import { tenantFindings, tenantHostsOf } from './tenant-findings.ts'
import { tlsFindings } from './tls-findings.ts'

/** What the doctor needs of the house: everything is asked when it is needed, nothing is kept. */
export interface DoctorParts {
  readonly setup: Setup
  readonly clock: Clock
  readonly names: NameService
  readonly roots: (caFile: string) => Roots
  readonly status: () => Promise<StatusView>
  readonly devices: () => Promise<readonly DeviceView[]>
  readonly machine: () => Promise<MachineSigns>
  readonly pauses: () => Promise<readonly Pause[]>
  readonly expiries: () => readonly Expiry[]
  readonly attachedNetworks: () => readonly string[]
  /** Whether the machine's time service has heard from a time server; undefined: there is none that we know. */
  readonly isSynchronised: () => boolean | undefined
  /** Signs in to a way out, without mail. */
  readonly signIn: (upstream: UpstreamSetup, signal: AbortSignal) => Promise<SignInSight>
}

/** Both together stay under the 20 s in which a person gets an answer, whatever does not. */
const lookWithinMs = 9 * second
const signInWithinMs = 8 * second

/** Can't exist (RFC 6761 section 6.4): only a resolver that answers everything has it. */
const impossibleName = 'inkpost-doctor.invalid'

/** Runs every diagnosis side by side; ends within 18 s. Never rejects for what is outside the box. */
export async function diagnose(parts: DoctorParts): Promise<Diagnosis> {
  const { setup, names } = parts
  using limit = within(lookWithinMs)
  const { signal } = limit
  const reachParts = {
    names,
    clock: parts.clock,
    hostname: setup.gateway.hostname,
    proxy: setup.gateway.proxy,
    roots: parts.roots,
  }
  const [status, devices, machine, pauses, contacts, impossible, domains, mailHosts] = await Promise.all([
    parts.status(),
    parts.devices(),
    parts.machine(),
    parts.pauses(),
    Promise.all(destinationsOf(setup).map((place) => reach(place, reachParts, signal))),
    names.addresses(impossibleName, signal),
    Promise.all(senderDomainsOf(setup).map((sender) => readDomain(sender, names, signal))),
    readMailHosts(setup, names, signal),
  ])
  const services = await serviceFindings(parts, contacts, pauses)
  const dns = dnsFinding({ servers: names.servers(), contacts, impossible })
  const findings = [
    clockFinding({
      now: parts.clock.wall(),
      isBelievable: parts.clock.isBelievable(),
      isSynchronised: parts.isSynchronised(),
      contacts,
    }),
    ...boxFindings({ status, devices, expiries: parts.expiries(), machine }),
    networkFinding(parts.attachedNetworks(), contacts.some(needsNetwork)),
    dns,
    ...nameFindings(contacts),
    ...egressFindings(contacts),
    ...tlsFindings(contacts, parts.clock.wall()),
    ...services,
    ...tenantFindings({ setup, contacts, domains, pauses, mailHosts }),
    ...domains
      .flatMap((records) => domainFindings(records, pauses))
      .map((finding) => trustedBy(dns, finding)),
  ]
  return diagnosisOf(findings, parts.clock.wall())
}

/** What a resolver in trouble says of a domain is no reason to change the domain. */
const trustedBy = (dns: Finding, finding: Finding): Finding =>
  dns.state === 'trouble' ? notChecked(finding, 'The DNS has to be cured first.') : finding

const needsNetwork = ({ destination }: Contact): boolean => !isLocal(destination.host)

/** A limit of its own in real time, whatever the box's clock says; its timer ends with it. */
function within(ms: number): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new Error(`no end within ${ms / second} s`)), ms)
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) }
}

async function readMailHosts(
  setup: Setup,
  names: NameService,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, NameAnswer<MailHost>>> {
  const domains = new Set(tenantHostsOf(setup).flatMap(({ acceptedDomains }) => acceptedDomains))
  const answers = [...domains].map(async (domain) => [domain, await names.mailHosts(domain, signal)] as const)
  return new Map(await Promise.all(answers))
}

/** Signing in comes after reaching: what can't be reached would only say so once more. */
async function serviceFindings(
  parts: DoctorParts,
  contacts: readonly Contact[],
  pauses: readonly Pause[],
): Promise<readonly Finding[]> {
  using limit = within(signInWithinMs)
  const findings = servicesOf(parts.setup).map(async (upstream) => [
    await askedFinding(upstream, parts, contacts, pauses, limit.signal),
    senderFinding(upstream, pauses),
  ])
  return (await Promise.all(findings)).flat()
}

async function askedFinding(
  upstream: UpstreamSetup,
  parts: DoctorParts,
  contacts: readonly Contact[],
  pauses: readonly Pause[],
  signal: AbortSignal,
): Promise<Finding> {
  const subject = about('service', `sign-in/${upstream.name}`)
  const far = contacts.find((contact) => isNeededFor(contact.destination, upstream) && !isUsable(contact))
  if (far)
    return notChecked(subject, `${upstream.name} is not asked: ${far.destination.host} can't be used yet.`)
  const block = pauses.find(
    (pause) => pause.upstream === upstream.name && !pause.mayProbe && !pause.byOperator,
  )
  // Exchange's 5.2.251 to 5.2.255 last longer with every attempt.
  if (block)
    return notChecked(subject, `${upstream.name} is not asked: asking makes it worse (${block.code}).`)
  return signInFinding(upstream, await parts.signIn(upstream, signal))
}

const isNeededFor = ({ upstreams }: Destination, { name }: UpstreamSetup): boolean => upstreams.includes(name)
