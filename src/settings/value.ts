import type {
  BackupTargetSetup,
  ConsoleSetup,
  DeviceSetup,
  FleetSetup,
  GatewaySetup,
  ListenerSetup,
  OperatorSetup,
  Setup,
  TlsFloor,
} from '../core/setup.ts'
import type {
  BackupDocument,
  DeviceDocument,
  FleetDocument,
  ListenerDocument,
  SetupDocument,
} from './schema.ts'
import { backupSecret, devicePassword, fleetPassword, fleetToken } from './secret-slots.ts'
import { msOf, octetsOf } from './units.ts'
import { upstreamOf } from './upstream-value.ts'

/** Where the gateway runs: out of a checkout as anybody, or as the machine's service. */
export type Profile = 'checkout' | 'packaged'

interface ProfileDefaults {
  readonly trustedNetworks: readonly string[]
  readonly console: Pick<ConsoleSetup, 'address' | 'port' | 'tls'>
  readonly listeners: readonly ListenerSetup[]
  /** Of a `pop3` listener that names none: in clear or with STLS, and implicit TLS. */
  readonly pop3: { readonly port: number; readonly implicitPort: number }
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
    pop3: { port: 2110, implicitPort: 2995 },
  },
  packaged: {
    trustedNetworks: ['attached', '127.0.0.0/8', '::1'],
    console: { address: '::', port: 443, tls: 'self-signed' },
    listeners: [
      listener('submission', '::', 25, 'starttls'),
      listener('submission-587', '::', 587, 'starttls'),
      listener('submissions', '::', 465, 'implicit'),
    ],
    pop3: { port: 110, implicitPort: 995 },
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
      memory: octetsOf(document.limits.memory),
    },
    history: {
      keepMs: msOf(document.history.keep),
      keepTranscriptsMs: msOf(document.history.keep_transcripts),
      keepAuditMs: msOf(document.history.keep_audit),
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
      linkLifetimeMs: msOf(document.large_files.link_lifetime),
    },
    alerts: {
      webhook: document.alerts.webhook,
      syslog: document.alerts.syslog,
      caFile: document.alerts.ca_file,
      weeklyLetter: document.alerts.weekly_letter,
    },
    backups: document.backup.map(backupOf),
    update: {
      url: document.update.url,
      window: document.update.window,
      automatic: document.update.automatic,
      caFile: document.update.ca_file,
    },
    fleet: fleetOf(document.fleet),
  }
}

function fleetOf(row: FleetDocument): FleetSetup | undefined {
  if (row.url === '' && row.box.length === 0) return undefined
  const hasPassword = row.password !== undefined || row.password_file !== undefined
  return {
    url: row.url,
    publicKeys: row.public_keys,
    canary: row.canary,
    everyMs: msOf(row.every),
    username: row.username,
    password: hasPassword ? fleetPassword : undefined,
    caFile: row.ca_file,
    statusUrl: row.status_url,
    boxes: row.box.map(({ name, address, fingerprint }) => ({
      name,
      address,
      fingerprint,
      token: fleetToken(name),
    })),
  }
}

const backupOf = (row: BackupDocument): BackupTargetSetup => ({
  name: row.name,
  kind: row.kind,
  enabled: row.enabled,
  url: row.url ?? '',
  auth: row.auth,
  share: row.share,
  username: row.username ?? '',
  secret: row.secret === undefined && row.secret_file === undefined ? undefined : backupSecret(row.name),
  caFile: row.ca_file,
  keep: row.keep,
})

function gatewayOf(row: SetupDocument['gateway'], defaults: ProfileDefaults): GatewaySetup {
  return {
    name: row.name,
    hostname: row.hostname ?? `${row.name}.local`,
    postmaster: row.postmaster,
    sender: row.sender,
    defaultDomain: row.default_domain ?? '',
    language: row.language,
    timezone: row.timezone,
    queueLifetimeMs: msOf(row.queue_lifetime),
    maxMessageSize: octetsOf(row.max_message_size),
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
  defaults: ProfileDefaults,
): ListenerSetup {
  const [first] = defaults.listeners
  return {
    name: row.name ?? (index === 0 ? 'submission' : `listener-${index + 1}`),
    address: row.address ?? first?.address ?? '127.0.0.1',
    port: row.port ?? (row.protocol === 'pop3' ? pop3Port(row, defaults) : (first?.port ?? 2525)),
    security: row.security,
    tls: row.tls ?? tls,
    protocol: row.protocol,
  }
}

const pop3Port = ({ security }: ListenerDocument, { pop3 }: ProfileDefaults): number =>
  security === 'implicit' ? pop3.implicitPort : pop3.port

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
    raisedPerHour: row.raised_per_hour,
    raisedUntil: row.raised_until,
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
