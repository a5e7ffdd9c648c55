import { domainOf } from '../core/address.ts'
import type {
  ConsoleSetup,
  CredentialSetup,
  DeviceSetup,
  GatewaySetup,
  ListenerSetup,
  OperatorSetup,
  Quota,
  Setup,
  TlsFloor,
  UpstreamSetup,
} from '../core/setup.ts'
import { parseSize } from '../core/size.ts'
import { parseDuration } from '../core/time.ts'
import type {
  CredentialDocument,
  DeviceDocument,
  ListenerDocument,
  SetupDocument,
  UpstreamDocument,
} from './schema.ts'
import { credentialSecrets, devicePassword, upstreamSecret } from './secret-slots.ts'
import { azureDomainQuota, defaultPort, kindFacts } from './upstream-kinds.ts'

/** Where the gateway runs: out of a checkout as anybody, or as the machine's service. */
export type Profile = 'checkout' | 'packaged'

interface ProfileDefaults {
  readonly trustedNetworks: readonly string[]
  readonly console: Pick<ConsoleSetup, 'address' | 'port' | 'tls'>
  readonly listeners: readonly ListenerSetup[]
}

const listener = (
  name: string,
  address: string,
  port: number,
  security: ListenerSetup['security'],
): ListenerSetup => ({ name, address, port, security, tls: 'legacy', protocol: 'smtp' })

/** What the document leaves to the place where it is used (contract section 4). */
export const profiles: Readonly<Record<Profile, ProfileDefaults>> = {
  checkout: {
    trustedNetworks: [
      'attached',
      '127.0.0.0/8',
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      'fc00::/7',
      'fe80::/10',
      '::1',
    ],
    console: { address: '127.0.0.1', port: 8025, tls: 'off' },
    listeners: [
      listener('submission', '127.0.0.1', 2525, 'starttls'),
      listener('submission-2587', '127.0.0.1', 2587, 'starttls'),
      listener('submissions', '127.0.0.1', 2465, 'implicit'),
    ],
  },
  packaged: {
    trustedNetworks: ['attached', '127.0.0.0/8', '::1'],
    console: { address: '::', port: 443, tls: 'self-signed' },
    listeners: [
      listener('submission', '::', 25, 'starttls'),
      listener('submission-587', '::', 587, 'starttls'),
      listener('submissions', '::', 465, 'implicit'),
    ],
  },
}

/**
 * The document as the value that is handed to the rooms. `operators` are those of the document and of the console, with
 * their hashes, which the document only shows as kept.
 */
export function setupOf(
  document: SetupDocument,
  profile: Profile,
  operators: readonly OperatorSetup[],
): Setup {
  const defaults = profiles[profile]
  return {
    gateway: gatewayOf(document.gateway, defaults),
    limits: {
      connections: document.limits.connections,
      connectionsPerAddress: document.limits.connections_per_address,
      recipients: document.limits.recipients,
      memory: octets(document.limits.memory),
    },
    history: {
      keepMs: ms(document.history.keep),
      keepTranscriptsMs: ms(document.history.keep_transcripts),
      keepAuditMs: ms(document.history.keep_audit),
      keepSubjects: document.history.keep_subjects,
    },
    console: consoleOf(document.console, defaults),
    operators,
    listeners: listenersOf(document, defaults),
    aliases: document.alias,
    devices: document.device.map(deviceOf),
    upstreams: document.upstream.map(upstreamOf),
    largeFiles: {
      account: document.large_files.account,
      container: document.large_files.container,
      linkLifetimeMs: ms(document.large_files.link_lifetime),
    },
    alerts: {
      webhook: document.alerts.webhook,
      syslog: document.alerts.syslog,
      weeklyLetter: document.alerts.weekly_letter,
    },
  }
}

/** The schema let only readable ones pass. */
function ms(text: string): number {
  const duration = parseDuration(text)
  if (duration === undefined) throw new Error(`unchecked duration ${text}`)
  return duration
}

function octets(text: string): number {
  const size = parseSize(text)
  if (size === undefined) throw new Error(`unchecked size ${text}`)
  return size
}

function gatewayOf(row: SetupDocument['gateway'], defaults: ProfileDefaults): GatewaySetup {
  return {
    name: row.name,
    hostname: row.hostname ?? `${row.name}.local`,
    postmaster: row.postmaster,
    sender: row.sender,
    defaultDomain: row.default_domain ?? '',
    language: row.language,
    timezone: row.timezone,
    queueLifetimeMs: ms(row.queue_lifetime),
    maxMessageSize: octets(row.max_message_size),
    weakestTls: row.weakest_tls,
    trustedNetworks: row.trusted_networks ?? defaults.trustedNetworks,
    proxy: row.proxy,
  }
}

function consoleOf(row: SetupDocument['console'], defaults: ProfileDefaults): ConsoleSetup {
  return {
    address: row.address ?? defaults.console.address,
    port: row.port ?? defaults.console.port,
    tls: row.tls ?? defaults.console.tls,
    certificateFile: row.certificate_file,
    networks: row.networks,
    secondFactor: row.second_factor,
    physicalReset: row.physical_reset,
  }
}

function listenersOf({ listener: rows, gateway }: SetupDocument, defaults: ProfileDefaults): ListenerSetup[] {
  // A listener that says nothing of TLS follows the gateway where that asks for more than `legacy`.
  const tls = gateway.weakest_tls === 'modern' ? 'modern' : 'legacy'
  if (rows === undefined) return defaults.listeners.map((row) => ({ ...row, tls }))
  return rows.map((row, index) => listenerOf(row, index, tls, defaults))
}

function listenerOf(
  row: ListenerDocument,
  index: number,
  tls: TlsFloor,
  { listeners: [first] }: ProfileDefaults,
): ListenerSetup {
  return {
    name: row.name ?? (index === 0 ? 'submission' : `listener-${index + 1}`),
    address: row.address ?? first?.address ?? '127.0.0.1',
    port: row.port ?? first?.port ?? 2525,
    security: row.security,
    tls: row.tls ?? tls,
    protocol: row.protocol,
  }
}

function deviceOf(row: DeviceDocument): DeviceSetup {
  return {
    name: row.name,
    username: row.username,
    password: row.password === undefined ? undefined : devicePassword(row.name),
    alsoKnownAs: row.also_known_as,
    addresses: row.addresses,
    mac: row.mac,
    sender: row.sender,
    senderName: row.sender_name,
    keepSender: row.keep_sender,
    subjectPrefix: row.subject_prefix,
    allowedRecipients: row.allowed_recipients,
    maxPerHour: row.max_per_hour,
    priority: row.priority,
    owner: row.owner,
    route: row.route,
    tls: row.tls === '' ? undefined : row.tls,
    requireTls: row.require_tls,
    weakUntil: row.weak_until,
    certificate: row.certificate,
    auth: row.auth,
    charset: row.charset,
    dataEnd: row.data_end,
    enabled: row.enabled,
  }
}

/** One upstream as a value; also for those that left the document and only live until they are settled. */
export function upstreamOf(row: UpstreamDocument): UpstreamSetup {
  const facts = kindFacts[row.kind]
  const security = row.security ?? 'starttls'
  const isSmtp = facts.speaks === 'smtp'
  const size = row.max_message_size
  return {
    name: row.name,
    kind: row.kind,
    enabled: row.enabled,
    endpoint: facts.speaks === 'https' ? (row.endpoint ?? facts.endpoint) : '',
    authority: row.authority,
    host: isSmtp ? (row.host ?? facts.host) : '',
    port: isSmtp ? (row.port ?? defaultPort(row.kind, security)) : 0,
    security,
    username: row.username ?? '',
    senders: row.senders,
    sender: row.sender,
    quota: sharedQuota({ ...presetQuota(row), ...writtenQuota(row) }, row.share),
    connections: row.connections,
    maxMessageSize: size === undefined ? facts.maxMessageSize : octets(size),
    acceptedDomains: row.accepted_domains,
    licences: row.licences,
    price: row.price && {
      perMessage: row.price.per_message,
      perMegabyte: row.price.per_megabyte,
      currency: row.price.currency,
    },
    caFile: row.ca_file,
    reportsQueue: row.reports?.queue ?? '',
    credential: credentialOf(row.name, row.credential, row.username),
  }
}

const isAzureDomain = (domain: string): boolean =>
  domain === 'azurecomm.net' || domain.endsWith('.azurecomm.net')

/** Azure's own sender domains have a tenth of the quota: one sender there is enough to hit it. */
function presetQuota(row: UpstreamDocument): Quota {
  const preset = kindFacts[row.kind].quota
  const domains = row.senders.map((pattern) => pattern.slice(pattern.lastIndexOf('@') + 1).toLowerCase())
  const all = row.sender === undefined ? domains : [...domains, domainOf(row.sender)]
  const isAzureKind = row.kind === 'acs-email' || row.kind === 'acs-smtp'
  return isAzureKind && all.some(isAzureDomain) ? azureDomainQuota : preset
}

function writtenQuota(row: UpstreamDocument): Quota {
  const quota = row.quota ?? {}
  return {
    ...(quota.per_minute !== undefined && { perMinute: quota.per_minute }),
    ...(quota.per_hour !== undefined && { perHour: quota.per_hour }),
    ...(quota.per_day !== undefined && { perDay: quota.per_day }),
    ...(quota.recipients_per_day !== undefined && { recipientsPerDay: quota.recipients_per_day }),
    ...(quota.external_per_day !== undefined && { externalPerDay: quota.external_per_day }),
  }
}

/** This box's part, rounded down; never nothing, or its mail would wait for ever. */
function sharedQuota(quota: Quota, share: string): Quota {
  const [part = 1, whole = 1] = share.split('/').map(Number)
  return Object.fromEntries(
    Object.entries(quota).map(([window, amount]: [string, number]) => [
      window,
      Math.max(1, Math.floor((amount * part) / whole)),
    ]),
  )
}

function credentialOf(
  upstream: string,
  credential: CredentialDocument,
  username: string | undefined,
): CredentialSetup {
  const names = credentialSecrets(credential)
    .filter(({ value, file }) => value !== undefined || file !== undefined)
    .map(({ key }) => upstreamSecret(upstream, key))
  switch (credential.kind) {
    case 'none':
      return { kind: 'none' }
    case 'access-key':
      return { kind: 'access-key', keys: names }
    case 'client-secret':
      return { ...entraOf(credential), kind: 'client-secret', secrets: names }
    case 'client-certificate':
      return {
        ...entraOf(credential),
        kind: 'client-certificate',
        certificateFile: credential.certificate_file,
      }
    case 'password':
      return {
        kind: 'password',
        username: credential.username ?? username ?? '',
        password: upstreamSecret(upstream, 'password'),
        expires: credential.expires,
      }
  }
}

const entraOf = (credential: {
  readonly tenant_id?: string | undefined
  readonly client_id?: string | undefined
  readonly expires: string
}): { readonly tenantId: string; readonly clientId: string; readonly expires: string } => ({
  tenantId: credential.tenant_id ?? '',
  clientId: credential.client_id ?? '',
  expires: credential.expires,
})
