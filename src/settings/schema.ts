import * as v from 'valibot'
import * as field from './schema-fields.ts'

export { kept } from './schema-fields.ts'

/**
 * The setup document (contract section 4): every key, its check and its default. A key without a default here has one
 * that depends on the machine or on the upstream's kind (`value.ts`). Knows core and the validation library only, so
 * that pages in a browser check with the same rules. What was once taken here is taken for ever, because stored documents
 * are read with it: a key that becomes stricter does so in a rule.
 */

export const unknownKey = 'unknown key'

/** A table that refuses every key it does not know, and names each of them (`strictObject` stops at the first). */
function table<const Entries extends v.ObjectEntries>(entries: Entries) {
  const checked = v.objectWithRest(
    entries,
    v.custom<never>(() => false, unknownKey),
    'must be a table',
  )
  // Library seam: the index signature of "with rest" would make every known key `never`; what is left over is refused.
  return checked as unknown as v.StrictObjectSchema<Entries, undefined>
}

const rows = <Row extends v.GenericSchema>(row: Row, header: string) =>
  v.optional(v.array(row, `must be tables written as [[${header}]]`), [])

const tlsFloor = ['modern', 'legacy', 'vintage'] as const

const gateway = table({
  name: v.optional(field.label, 'inkpost'),
  hostname: v.optional(field.domain),
  postmaster: v.optional(field.mailAddress),
  sender: v.optional(field.mailAddress),
  default_domain: v.optional(field.domain),
  language: v.optional(field.language, 'en'),
  timezone: v.optional(field.timezone, 'UTC'),
  queue_lifetime: v.optional(field.duration, '5d'),
  max_message_size: v.optional(field.size, '35MB'),
  weakest_tls: v.optional(field.choice(...tlsFloor), 'legacy'),
  trusted_networks: v.optional(field.listOf(field.network)),
  proxy: v.optional(field.proxyUrl, ''),
})

const limits = table({
  connections: v.optional(field.whole(1, 10_000), 500),
  connections_per_address: v.optional(field.whole(1, 10_000), 50),
  recipients: v.optional(field.whole(1, 10_000), 1000),
  memory: v.optional(field.size, '48MB'),
})

const history = table({
  keep: v.optional(field.duration, '30d'),
  keep_transcripts: v.optional(field.duration, '7d'),
  keep_audit: v.optional(field.duration, '400d'),
  keep_subjects: v.optional(field.flag, true),
})

const consoleTable = table({
  address: v.optional(field.ipAddress),
  port: v.optional(field.whole(0, 65_535)),
  tls: v.optional(field.choice('off', 'self-signed', 'file')),
  certificate_file: v.optional(field.line(1024), ''),
  networks: v.optional(field.listOf(field.network), []),
  second_factor: v.optional(field.choice('optional', 'administrators', 'all'), 'optional'),
  physical_reset: v.optional(field.flag, true),
})

const operator = table({
  name: field.name,
  role: v.optional(field.choice('administrator', 'technician', 'viewer'), 'administrator'),
  password_hash: field.passwordHash,
})

const listener = table({
  name: v.optional(field.name),
  address: v.optional(field.ipAddress),
  port: v.optional(field.whole(0, 65_535)),
  security: v.optional(field.choice('plain', 'starttls', 'implicit'), 'starttls'),
  tls: v.optional(field.choice(...tlsFloor)),
  protocol: v.optional(field.choice('smtp', 'pop3'), 'smtp'),
})

const alias = table({
  name: field.aliasName,
  to: v.pipe(
    field.listOf(field.mailAddress),
    v.check((list) => list.length > 0, 'must name at least one address'),
  ),
})

const device = table({
  name: field.name,
  username: v.optional(field.username),
  password: v.optional(field.secret),
  also_known_as: v.optional(field.listOf(field.login), []),
  addresses: v.optional(field.listOf(field.network), []),
  mac: v.optional(field.macAddress, ''),
  sender: v.optional(field.mailAddress),
  sender_name: v.optional(field.line(), ''),
  keep_sender: v.optional(field.choice('reply-to', 'never', 'when-allowed'), 'reply-to'),
  subject_prefix: v.optional(field.line(), ''),
  allowed_recipients: v.optional(field.listOf(field.addressPattern), []),
  max_per_hour: v.optional(field.whole(1, 1_000_000), 200),
  raised_per_hour: v.optional(field.whole(0, 1_000_000), 0),
  raised_until: v.optional(field.date, ''),
  priority: v.optional(field.choice('alarm', 'normal', 'bulk'), 'normal'),
  owner: v.optional(field.mailAddress),
  route: v.optional(
    v.pipe(
      field.listOf(field.name),
      v.check((list) => list.length > 0, 'must name an upstream, or be left out'),
    ),
  ),
  tls: v.optional(
    v.union([v.literal(''), field.choice(...tlsFloor, 'plain')], 'must be modern, legacy, vintage or plain'),
    '',
  ),
  require_tls: v.optional(field.flag, false),
  weak_until: v.optional(field.date, ''),
  certificate: v.optional(field.choice('auto', 'sha1', 'sha1-1024'), 'auto'),
  auth: v.optional(
    v.pipe(
      field.listOf(field.choice('LOGIN', 'PLAIN', 'CRAM-MD5')),
      v.check((list) => list.length > 0, 'must offer at least one way to sign in'),
    ),
    ['LOGIN', 'PLAIN'],
  ),
  charset: v.optional(field.charset, 'utf-8'),
  data_end: v.optional(field.choice('crlf', 'lf'), 'crlf'),
  enabled: v.optional(field.flag, true),
})

const limit = v.optional(field.whole(1, 1_000_000_000))

const quota = table({
  per_minute: limit,
  per_hour: limit,
  per_day: limit,
  recipients_per_day: limit,
  external_per_day: limit,
  queries_per_minute: limit,
  queries_per_hour: limit,
})

const file = v.optional(field.line(1024))
const id = field.name

/** One table for each kind of credential: the keys of another kind are unknown keys. */
const credentialTables = [
  table({ kind: v.literal('none') }),
  table({
    kind: v.literal('access-key'),
    key: v.optional(field.secret),
    key_file: file,
    next_key: v.optional(field.secret),
    next_key_file: file,
    expires: v.optional(field.date, ''),
  }),
  table({
    kind: v.literal('client-secret'),
    tenant_id: id,
    client_id: id,
    object_id: v.optional(id),
    secret: v.optional(field.secret),
    secret_file: file,
    next_secret: v.optional(field.secret),
    next_secret_file: file,
    expires: v.optional(field.date, ''),
  }),
  table({
    kind: v.literal('client-certificate'),
    tenant_id: v.optional(id),
    client_id: v.optional(id),
    object_id: v.optional(id),
    certificate_file: v.optional(field.line(1024), ''),
    expires: v.optional(field.date, ''),
  }),
  table({
    kind: v.literal('password'),
    username: v.optional(field.login),
    password: v.optional(field.secret),
    password_file: file,
    expires: v.optional(field.date, ''),
  }),
] as const

export const credentialKinds = [
  'none',
  'access-key',
  'client-secret',
  'client-certificate',
  'password',
] as const

export const upstreamKinds = [
  'outbox',
  'acs-email',
  'acs-smtp',
  'exchange-smtp',
  'exchange-hve',
  'exchange-direct',
  'exchange-connector',
  'graph',
  'smarthost',
] as const

const upstream = table({
  name: field.name,
  kind: field.choice(...upstreamKinds),
  enabled: v.optional(field.flag, true),
  endpoint: v.optional(field.httpsUrl),
  authority: v.optional(field.httpsUrl, 'https://login.microsoftonline.com'),
  host: v.optional(field.host),
  port: v.optional(field.whole(1, 65_535)),
  security: v.optional(field.choice('starttls', 'implicit', 'plain')),
  username: v.optional(field.login),
  senders: v.optional(field.listOf(field.addressPattern), []),
  sender: v.optional(field.mailAddress),
  quota: v.optional(quota),
  share: v.optional(field.share, '1/1'),
  connections: v.optional(field.whole(1, 250), 2),
  max_message_size: v.optional(field.size),
  accepted_domains: v.optional(field.listOf(field.domain), []),
  licences: v.optional(field.whole(0, 10_000_000), 0),
  price: v.optional(
    table({
      per_message: field.amount,
      per_megabyte: field.amount,
      currency: v.optional(
        v.pipe(field.line(3), v.regex(/^[A-Z]{3}$/, 'must be a currency such as "USD"')),
        'USD',
      ),
    }),
  ),
  ca_file: v.optional(field.authorities, ''),
  reports: v.optional(table({ queue: field.queueUrl })),
  credential: v.optional(
    v.variant('kind', credentialTables, `must be one of ${credentialKinds.join(', ')}`),
    { kind: 'none' },
  ),
})

const largeFiles = table({
  account: v.optional(field.line(), ''),
  container: v.optional(field.line(63), 'scans'),
  link_lifetime: v.optional(field.duration, '30d'),
})

/** Where nightly copies go besides the data directory; which keys belong to a kind is for the rules to say. */
const backup = table({
  name: field.name,
  kind: field.choice('https', 'smb', 'usb'),
  enabled: v.optional(field.flag, true),
  url: v.optional(field.httpsUrl),
  auth: v.optional(field.choice('none', 'basic', 'bearer', 'sas'), 'none'),
  share: v.optional(field.line(1024), ''),
  username: v.optional(field.login),
  secret: v.optional(field.secret),
  secret_file: file,
  ca_file: v.optional(field.authorities, ''),
  keep: v.optional(field.whole(1, 366), 7),
})

const alerts = table({
  webhook: v.optional(field.webhookUrl, ''),
  syslog: v.optional(field.line(), ''),
  ca_file: v.optional(field.authorities, ''),
  weekly_letter: v.optional(field.flag, true),
})

const portAccess = table({
  method: field.choice('eap-tls', 'peap'),
  identity: field.login,
  password: v.optional(field.secret),
  ca_file: field.authorities,
  certificate_file: v.optional(field.keyPair, ''),
})

const wifi = table({
  ssid: field.ssid,
  passphrase: v.optional(field.passphrase),
  country: field.country,
})

/** Absent it is no table of defaults: the machine's own configuration is not touched. */
const network = table({
  method: field.choice('dhcp', 'static'),
  address: v.optional(field.ownAddress(4), ''),
  gateway: v.optional(field.addressOf(4), ''),
  ipv6: v.optional(field.choice('auto', 'static', 'off'), 'auto'),
  ipv6_address: v.optional(field.ownAddress(6), ''),
  ipv6_gateway: v.optional(field.addressOf(6), ''),
  dns: v.optional(field.listOf(field.ipAddress, 8), []),
  ntp: v.optional(field.listOf(field.host, 8), []),
  vlan: v.optional(field.whole(0, 4094), 0),
  wifi: v.optional(wifi),
  port_access: v.optional(portAccess),
})

const update = table({
  url: v.optional(field.optionalHttpsUrl, ''),
  window: v.optional(field.timeWindow, '02:00-04:00'),
  automatic: v.optional(field.flag, false),
  ca_file: v.optional(field.authorities, ''),
})

/** Another box, as this one lists it; its token is one of a viewer. */
const fleetBox = table({
  name: field.name,
  address: field.consoleAddress,
  fingerprint: field.fingerprint,
  token: v.optional(field.secret),
  token_file: file,
})

/** All off by default: a box that head office looks after pulls what it publishes. */
const fleet = table({
  url: v.optional(field.fleetUrl, ''),
  public_keys: v.optional(field.listOf(field.publicKey, 8), []),
  canary: v.optional(field.flag, false),
  every: v.optional(field.duration, '15m'),
  username: v.optional(field.line(255), ''),
  password: v.optional(field.secret),
  password_file: file,
  ca_file: v.optional(field.authorities, ''),
  status_url: v.optional(field.optionalHttpsUrl, ''),
  box: v.optional(
    v.pipe(
      v.array(fleetBox, 'must be tables written as [[fleet.box]]'),
      v.maxLength(200, 'has more than 200 entries'),
    ),
    [],
  ),
})

export const documentSchema = table({
  schema: v.optional(v.literal(1, 'must be 1'), 1),
  gateway: v.optional(gateway, {}),
  limits: v.optional(limits, {}),
  history: v.optional(history, {}),
  console: v.optional(consoleTable, {}),
  operator: rows(operator, 'operator'),
  listener: v.optional(
    v.pipe(
      v.array(listener, 'must be tables written as [[listener]]'),
      v.check((list) => list.length > 0, 'must be at least one, or be left out'),
    ),
  ),
  alias: rows(alias, 'alias'),
  device: rows(device, 'device'),
  upstream: rows(upstream, 'upstream'),
  backup: rows(backup, 'backup'),
  large_files: v.optional(largeFiles, {}),
  alerts: v.optional(alerts, {}),
  network: v.optional(network),
  update: v.optional(update, {}),
  fleet: v.optional(fleet, {}),
})

/** As written, before defaults are filled in. */
export type WrittenDocument = v.InferInput<typeof documentSchema>
/** Checked, canonical, with the defaults that hold everywhere. */
export type SetupDocument = v.InferOutput<typeof documentSchema>
export type DeviceDocument = SetupDocument['device'][number]
export type UpstreamDocument = SetupDocument['upstream'][number]
export type ListenerDocument = NonNullable<SetupDocument['listener']>[number]
export type AliasDocument = SetupDocument['alias'][number]
export type OperatorDocument = SetupDocument['operator'][number]
export type BackupDocument = SetupDocument['backup'][number]
export type FleetDocument = SetupDocument['fleet']
export type NetworkDocument = NonNullable<SetupDocument['network']>
export type CredentialDocument = UpstreamDocument['credential']

/** The tables of which there are many, by the schema of one row. */
export const rowSchemas = { operator, listener, alias, device, upstream, backup } as const
export const singleSchemas = {
  gateway,
  limits,
  history,
  console: consoleTable,
  large_files: largeFiles,
  alerts,
  network,
  update,
  fleet,
} as const
