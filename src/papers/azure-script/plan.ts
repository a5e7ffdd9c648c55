import { comparable, domainOf, localPartOf, parseAddress } from '../../core/address.ts'
import type { Setup, UpstreamSetup } from '../../core/setup.ts'

/** The public part of what an upstream is known by at Entra or at a connector. */
export interface BoxCertificate {
  readonly pem: string
  /** SHA-1, hexadecimal without colons, as Entra shows it. */
  readonly thumbprint: string
}

export interface ScriptFacts {
  readonly setup: Setup
  /** The ways out that are to be made; those that need nothing of Microsoft are passed over. */
  readonly upstreams: readonly UpstreamSetup[]
  /** By the name of the upstream; of those that are known by a certificate. */
  readonly certificates: ReadonlyMap<string, BoxCertificate>
  /** Where the console is; empty if nowhere. */
  readonly consoleUrl: string
}

/** What has to be there at Microsoft so that the box can send. */
export interface ScriptPlan {
  /** The box's name: a DNS label. Everything of this box alone is called `inkpost-NAME`. */
  readonly box: string
  /** For whom an administrator finds the registration in two years. */
  readonly notes: string
  readonly certificates: readonly BoxCertificate[]
  readonly acs: readonly AcsPlan[]
  readonly exchange: readonly ExchangePlan[]
  /** Upstreams that sign in to Entra, by name: they get tenant and application in the answer. */
  readonly entra: readonly string[]
  /** Of these the secret is made by hand: a script that prints one would leave it in a scroll-back. */
  readonly bySecret: readonly string[]
}

export interface AcsPlan {
  readonly upstream: UpstreamSetup
  readonly senders: readonly MailFrom[]
  /** Domains of the senders that are to be verified; Azure's own left out. */
  readonly domains: readonly string[]
  /** Reports on other senders are of other boxes. Undefined: no filter says it. */
  readonly reportFilter: SenderFilter | undefined
}

/** A filter of Event Grid on the sender of a report (learn.microsoft.com, "Understand event filtering"). */
export interface SenderFilter {
  readonly operator: 'StringIn' | 'StringEndsWith'
  readonly values: readonly string[]
}

/** One MailFrom address with the name that recipients see. */
export interface MailFrom {
  readonly address: string
  readonly username: string
  readonly domain: string
  readonly displayName: string
}

export type ExchangePlan =
  | { readonly kind: 'mailbox'; readonly upstream: UpstreamSetup; readonly mailbox: string }
  | { readonly kind: 'hve'; readonly upstream: UpstreamSetup; readonly account: string }
  | { readonly kind: 'graph'; readonly upstream: UpstreamSetup; readonly mailboxes: readonly string[] }
  | { readonly kind: 'connector'; readonly upstream: UpstreamSetup; readonly certificateName: string }
  | { readonly kind: 'direct'; readonly upstream: UpstreamSetup }

export function planScript(facts: ScriptFacts): ScriptPlan {
  const { setup, upstreams } = facts
  const named = (kind: 'client-certificate' | 'client-secret') =>
    upstreams.filter(({ credential }) => credential.kind === kind).filter(usesEntra)
  return {
    box: setup.gateway.name,
    notes: notesOf(facts),
    certificates: named('client-certificate').flatMap(({ name }) => facts.certificates.get(name) ?? []),
    acs: upstreams.filter(isAcs).map((upstream) => acsPlan(setup, upstream)),
    exchange: upstreams.flatMap((upstream) => exchangePlan(setup, upstream)),
    entra: [...named('client-certificate'), ...named('client-secret')].map(({ name }) => name),
    bySecret: named('client-secret').map(({ name }) => name),
  }
}

const isAcs = ({ kind }: UpstreamSetup): boolean => kind === 'acs-email' || kind === 'acs-smtp'
/** A connector looks at the certificate itself; a smarthost is nobody's that we could set up. */
const usesEntra = ({ kind }: UpstreamSetup): boolean => kind !== 'exchange-connector' && kind !== 'smarthost'

function notesOf({ setup: { gateway }, consoleUrl }: ScriptFacts): string {
  return [
    `inkpost gateway ${gateway.name} (${gateway.hostname})`,
    consoleUrl === '' ? '' : `console ${consoleUrl}`,
    gateway.postmaster === undefined ? '' : `contact ${gateway.postmaster}`,
  ]
    .filter((part) => part !== '')
    .join('; ')
}

function acsPlan(setup: Setup, upstream: UpstreamSetup): AcsPlan {
  const senders = mailFroms(setup, upstream)
  return {
    upstream,
    senders,
    domains: [...new Set(senders.map(({ domain }) => domain))],
    reportFilter: senderFilter(wishedSenders(setup, upstream).map(({ address }) => comparable(address))),
  }
}

/** Event Grid's limit for all filters of a subscription. */
const mostValues = 25

/** Single addresses where they fit, else whole domains. */
function senderFilter(wished: readonly string[]): SenderFilter | undefined {
  const addresses = [...new Set(wished.filter((text) => text !== ''))]
  const domains = [...new Set(addresses.map((text) => text.slice(text.lastIndexOf('@'))))]
  const isExact = addresses.length <= mostValues && addresses.every((text) => !text.startsWith('*'))
  if (isExact && addresses.length > 0) return { operator: 'StringIn', values: addresses }
  if (domains.length === 0 || domains.length > mostValues || domains.includes('*')) return undefined
  return { operator: 'StringEndsWith', values: domains }
}

interface WishedSender {
  /** Or a pattern; empty where nobody names one. */
  readonly address: string
  readonly displayName: string
}

/** Each device that may leave by this way, the box's own sender, and what the upstream itself names. */
function wishedSenders({ devices, gateway }: Setup, upstream: UpstreamSetup): readonly WishedSender[] {
  return [
    ...devices
      .filter(({ enabled, route }) => enabled && (route === undefined || route.includes(upstream.name)))
      .map(({ sender, senderName, name }) => ({ address: sender ?? '', displayName: senderName || name })),
    { address: upstream.sender ?? '', displayName: gateway.name },
    ...upstream.senders.map((address) => ({ address, displayName: gateway.name })),
    { address: gateway.sender ?? '', displayName: gateway.name },
  ]
}

/** Each address once. */
function mailFroms(setup: Setup, upstream: UpstreamSetup): MailFrom[] {
  const found = new Map<string, MailFrom>()
  for (const { address, displayName } of wishedSenders(setup, upstream)) {
    const mailFrom = mailFromOf(address, displayName)
    if (mailFrom !== undefined && !found.has(comparable(address))) found.set(comparable(address), mailFrom)
  }
  return [...found.values()]
}

/** Patterns name no address, Azure's own domains bring their only one along, and no MailFrom address has quotes. */
function mailFromOf(text: string, displayName: string): MailFrom | undefined {
  const address = text.startsWith('*') ? undefined : parseAddress(text)
  if (address === undefined) return undefined
  const domain = domainOf(address)
  const username = localPartOf(address)
  const isMakeable = /^[a-z0-9.-]+\.[a-z0-9-]+$/.test(domain) && !domain.endsWith('.azurecomm.net')
  return isMakeable && !username.startsWith('"') ? { address, username, domain, displayName } : undefined
}

function exchangePlan({ gateway }: Setup, upstream: UpstreamSetup): readonly ExchangePlan[] {
  switch (upstream.kind) {
    case 'exchange-smtp':
      return [{ kind: 'mailbox', upstream, mailbox: loginOf(upstream) }]
    case 'exchange-hve':
      return [{ kind: 'hve', upstream, account: loginOf(upstream) }]
    case 'graph':
      return [{ kind: 'graph', upstream, mailboxes: literalSenders(upstream) }]
    case 'exchange-connector': {
      const isByCertificate = upstream.credential.kind === 'client-certificate'
      return [{ kind: 'connector', upstream, certificateName: isByCertificate ? gateway.hostname : '' }]
    }
    case 'exchange-direct':
      return [{ kind: 'direct', upstream }]
    case 'acs-email':
    case 'acs-smtp':
    case 'smarthost':
    case 'outbox':
      return []
  }
}

const loginOf = ({ username, credential }: UpstreamSetup): string =>
  credential.kind === 'password' ? credential.username : username

const literalSenders = ({ sender, senders }: UpstreamSetup): string[] => [
  ...new Set([...(sender === undefined ? [] : [sender]), ...senders.filter((text) => !text.startsWith('*'))]),
]

/** What keeps a script from being written; each a sentence for the person who asked. */
export function obstacles(plan: ScriptPlan): readonly string[] {
  const say = (name: string, sentence: string): string => `upstream ${JSON.stringify(name)}: ${sentence}`
  return [
    ...plan.acs
      .filter(({ senders, upstream }) => senders.length === 0 && upstream.endpoint === '')
      .map(({ upstream: { name } }) =>
        say(name, 'no device and no upstream names a sender, so there is no domain to make'),
      ),
    ...plan.exchange.flatMap((part) => {
      const { name } = part.upstream
      if (part.kind === 'mailbox' && part.mailbox === '')
        return [say(name, 'username is empty: it names the mailbox')]
      if (part.kind === 'hve' && part.account === '')
        return [say(name, 'username is empty: it names the HVE account')]
      if (part.kind === 'graph' && part.mailboxes.length === 0)
        return [
          say(
            name,
            'sender and senders name no whole address: rights are given for single mailboxes, never for all',
          ),
        ]
      return []
    }),
  ]
}
