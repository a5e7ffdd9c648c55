import fc from 'fast-check'
import { upstreamKinds } from './schema.ts'

/** Documents for tests, as written: every kind of key, sometimes absent, sometimes saying the default. */

const words = fc.constantFrom('Front desk', 'Büro "Süd"', "o'clock\\", 'a/b', '扫描', 'x')
const address = fc.constantFrom('anna@contoso.com', 'Bob@Contoso.COM', 'x.y@example.org')
const pattern = fc.oneof(address, fc.constantFrom('*', '*@contoso.com'))
const duration = fc.constantFrom('90s', '15m', '120h', '5d', '30d')
const size = fc.constantFrom('10MB', '35MB', '1500KB', '999B', '1.5GB')
const text = fc.string({ unit: 'grapheme-ascii', maxLength: 20 })
const flag = fc.boolean()
const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.uniqueArray(value, { maxLength: 2 })
const few = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.uniqueArray(value, { minLength: 1, maxLength: 2 })
const network = fc.constantFrom('attached', '10.0.0.0/8', '192.168.7.20', 'FD00::/8')
const count = fc.integer({ min: 1, max: 500 })
const optional: { requiredKeys: [] } = { requiredKeys: [] }

const gateway = fc.record(
  {
    name: fc.constantFrom('inkpost', 'Branch-07'),
    hostname: fc.constant('box.contoso.com'),
    postmaster: address,
    sender: address,
    default_domain: fc.constant('contoso.com'),
    queue_lifetime: duration,
    max_message_size: size,
    weakest_tls: fc.constantFrom('legacy', 'modern'),
    trusted_networks: some(network),
  },
  optional,
)

const listener = fc.record(
  {
    address: fc.constantFrom('127.0.0.1', '::1'),
    port: fc.constant(0),
    security: fc.constantFrom('plain', 'starttls', 'implicit'),
    protocol: fc.constantFrom('smtp', 'pop3'),
  },
  optional,
)

const device = fc.record(
  {
    name: words,
    password: fc.constantFrom('1234', 'long enough', '"\\'),
    username: fc.stringMatching(/^[a-z0-9._-]{1,15}$/),
    mac: fc.constantFrom('', '00-11-22-33-44-55'),
    sender_name: text,
    keep_sender: fc.constantFrom('reply-to', 'never'),
    subject_prefix: text,
    allowed_recipients: some(pattern),
    max_per_hour: count,
    priority: fc.constantFrom('alarm', 'normal', 'bulk'),
    owner: address,
    tls: fc.constantFrom('', 'modern', 'plain'),
    weak_until: fc.constantFrom('', '2028-02-29'),
    auth: few(fc.constantFrom('LOGIN', 'PLAIN', 'CRAM-MD5')),
    charset: fc.constantFrom('utf-8', 'Windows-1252'),
    enabled: flag,
  },
  { requiredKeys: ['name', 'username', 'password'] },
)

const credential = fc.oneof(
  fc.record({ kind: fc.constant('access-key'), key: fc.base64String({ minLength: 8 }) }),
  fc.record(
    {
      kind: fc.constant('client-secret'),
      tenant_id: fc.uuid(),
      client_id: fc.uuid(),
      secret: fc.string({ minLength: 1, unit: 'grapheme-ascii' }),
      next_secret: fc.constant('another'),
      expires: fc.constantFrom('', '2028-05-01'),
    },
    { requiredKeys: ['kind', 'tenant_id', 'client_id', 'secret'] },
  ),
  fc.record({ kind: fc.constant('client-certificate'), tenant_id: fc.uuid(), client_id: fc.uuid() }),
)

const upstreamRow = {
  name: words,
  enabled: flag,
  senders: some(pattern),
  sender: address,
  quota: fc.record({ per_minute: count, per_day: count }, optional),
  share: fc.constantFrom('1/1', '1/3'),
  connections: fc.integer({ min: 1, max: 10 }),
  max_message_size: size,
  accepted_domains: some(fc.constantFrom('contoso.com', 'Example.org')),
  price: fc.record({ per_message: fc.constantFrom(0, 0.00025, 1e-7), per_megabyte: fc.constant(0.5) }),
  ca_file: fc.constantFrom(
    '',
    '/etc/ssl/extra.pem',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  ),
  reports: fc.constant({ queue: 'https://contoso.queue.core.windows.net/acs' }),
}

const acs = fc
  .record(
    {
      ...upstreamRow,
      kind: fc.constant('acs-email'),
      endpoint: fc.constant('https://contoso.communication.azure.com/'),
      credential,
    },
    { requiredKeys: ['name', 'kind', 'sender', 'endpoint', 'credential'] },
  )
  .map(({ reports, ...row }) =>
    // An access key opens no queue.
    reports === undefined || row.credential.kind === 'access-key' ? row : { ...row, reports },
  )

const ownNetwork = fc.record(
  {
    method: fc.constant('dhcp'),
    ipv6: fc.constantFrom('auto', 'off'),
    dns: fc.constantFrom([], ['10.0.0.1']),
    ntp: fc.constantFrom([], ['Time.Contoso.com']),
    wifi: fc.record(
      {
        ssid: fc.constantFrom('office', 'Büro "1"'),
        passphrase: fc.constant('correct horse'),
        country: fc.constant('DE'),
      },
      { requiredKeys: ['ssid', 'country'] },
    ),
  },
  { requiredKeys: ['method'] },
)

const documentWith = (upstream: fc.Arbitrary<{ readonly name: string }>) =>
  fc.record(
    {
      schema: fc.constant(1),
      gateway,
      limits: fc.record({ connections: count, memory: size }, optional),
      history: fc.record({ keep: duration, keep_subjects: flag }, optional),
      console: fc.record({ port: fc.constant(0), networks: some(network) }, optional),
      listener: fc.array(listener, { minLength: 1, maxLength: 3 }),
      alias: fc.uniqueArray(fc.record({ name: fc.constantFrom('anna', 'bob'), to: few(address) }), {
        selector: ({ name }) => name,
      }),
      device: fc.uniqueArray(device, { selector: ({ name }) => name, maxLength: 3 }),
      upstream: fc.uniqueArray(upstream, { selector: ({ name }) => name, maxLength: 3 }),
      network: ownNetwork,
      update: fc.record(
        { url: fc.constantFrom('', 'https://updates.contoso.com/latest.json'), automatic: flag },
        optional,
      ),
      large_files: fc.record({ link_lifetime: duration }, optional),
      alerts: fc.record(
        {
          weekly_letter: flag,
          syslog: fc.constantFrom('', '10.0.0.1', 'tls://log.contoso.com:6514'),
          webhook: fc.constantFrom('', 'https://hooks.contoso.com/a', 'http://10.0.0.5/a?sig=1'),
        },
        optional,
      ),
    },
    optional,
  )

/** Any document that the schema takes, whatever the rules say. */
export const anyDocument = documentWith(
  fc.record({ ...upstreamRow, kind: fc.constantFrom(...upstreamKinds) }, { requiredKeys: ['name', 'kind'] }),
)

/** Documents that the rules take too, but for a login that two devices share. */
export const soundDocument = documentWith(acs)
