import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDocument } from './parse.ts'
import { problemText } from './problem.ts'

const problemsOf = (text: string): readonly string[] => {
  const parsed = parseDocument(text)
  return parsed.kind === 'problems' ? parsed.problems.map(problemText) : []
}

const device = (line: string): string => `[[device]]\nname = "Front desk"\n${line}`
const upstream = (line: string): string => `[[upstream]]\nname = "acs"\nkind = "acs-email"\n${line}`
const credential = (kind: string, line: string): string =>
  upstream(`[upstream.credential]\nkind = "${kind}"\n${line}`)

/** A wrong document and the one sentence that is to be said of it. */
const sentences: readonly (readonly [text: string, sentence: string])[] = [
  // Places
  ['colour = "red"', 'colour: unknown key'],
  ['[gateway]\ncolour = "red"', 'gateway: colour: unknown key'],
  [device('colour = "red"'), 'device 1 "Front desk": colour: unknown key'],
  [`[[device]]\nname = "A"\n${device('user = "x"')}`, 'device 2 "Front desk": user: unknown key'],
  ['[[device]]\nusername = "scan1"', 'device 1: name: is required'],
  ['[[upstream]]\nname = "acs"', 'upstream 1 "acs": kind: is required'],
  ['[[operator]]\nname = "anna"', 'operator 1 "anna": password_hash: is required'],
  ['[[alias]]\nname = "anna"', 'alias 1 "anna": to: is required'],
  ['[[listener]]\nname = "x"\nport = 70000', 'listener 1 "x": port: must be 0 to 65535'],
  [upstream('quota = { per_second = 1 }'), 'upstream 1 "acs": quota.per_second: unknown key'],
  [credential('access-key', 'secret = "x"'), 'upstream 1 "acs": credential.secret: unknown key'],
  [credential('client-secret', 'tenant_id = "t"'), 'upstream 1 "acs": credential.client_id: is required'],
  [
    credential('magic', ''),
    'upstream 1 "acs": credential.kind: must be one of none, access-key, client-secret, client-certificate, password',
  ],
  // Nothing at all
  ['', 'schema: is missing: the document is empty'],
  [' \n\t\r\n', 'schema: is missing: the document is empty'],
  ['\uFEFF# schema = 1\n', 'schema: is missing: the document is empty'],
  // Shapes
  ['schema = 2', 'schema: must be 1'],
  ['gateway = "x"', 'gateway: must be one table written as [gateway]'],
  ['[[gateway]]', 'gateway: must be one table written as [gateway]'],
  ['gateway = 2026-01-01', 'gateway: must be one table written as [gateway]'],
  ['[device]\nname = "A"', 'device: must be tables written as [[device]]'],
  ['device = ["A"]', 'device 1: must be a table written as [[device]]'],
  ['listener = []', 'listener: must be at least one, or be left out'],
  ['[gateway]\n__proto__ = "x"', 'gateway: __proto__: unknown key'],
  [device('constructor = "x"'), 'device: constructor: unknown key'],
  ['[network]\nmethod = "dhcp"\nip = "x"', 'network: ip: unknown key'],
  ['[network]', 'network: method: is required'],
  [
    '[network]\nmethod = "static"\naddress = "10.0.0.1"',
    'network: address: "10.0.0.1" is no IPv4 address with its network, such as 192.168.7.5/24',
  ],
  [
    '[network]\nmethod = "dhcp"\nipv6_address = "10.0.0.1/8"',
    'network: ipv6_address: "10.0.0.1/8" is no IPv6 address with its network, such as fd00:7::5/64',
  ],
  ['[network]\nmethod = "dhcp"\nvlan = 4095', 'network: vlan: must be 0 to 4094'],
  [
    '[network]\nmethod = "dhcp"\n[network.wifi]\nssid = "a"\npassphrase = "short"\ncountry = "DE"',
    'network: wifi.passphrase: must be 8 to 63 characters of ASCII',
  ],
  [
    '[network]\nmethod = "dhcp"\n[network.wifi]\nssid = "a"\ncountry = "de"',
    'network: wifi.country: must be a country of two capitals such as "DE"',
  ],
  ['[update]\nwindow = "2-4"', 'update: window: "2-4" is no window such as "02:00-04:00"'],
  ['[update]\nurl = "http://a.b/c"', 'update: url: is no address that starts with https://'],
  ['[backup]', 'backup: must be tables written as [[backup]]'],
  // TOML itself
  ['name = ', 'line 1, column 8: is not TOML: invalid value'],
  [
    '[gateway]\nname = "a"\nname = "b"',
    'line 3, column 1: is not TOML: trying to redefine an already defined table or value',
  ],
  // A signature is a secret, and not repeated
  [
    upstream('[upstream.reports]\nqueue = "nonsense"'),
    'upstream 1 "acs": reports.queue: "nonsense" is no address that starts with https://',
  ],
  [
    upstream('[upstream.reports]\nqueue = "https://c.queue.core.windows.net/acs?sv=2026&sig=c2VjcmV0"'),
    'upstream 1 "acs": reports.queue: must stand without its signature, the part behind "?": the box opens the queue with the credential of this upstream',
  ],
  [
    upstream('[upstream.reports]\nqueue = "http://c.queue.core.windows.net/acs"'),
    'upstream 1 "acs": reports.queue: "http://c.queue.core.windows.net/acs" is no address that starts with https://',
  ],
  // Gateway
  ['[gateway]\nname = "Branch 07"', 'gateway: name: must be 1 to 63 characters of a-z 0-9 and - inside'],
  ['[gateway]\nname = 7', 'gateway: name: must be text in quotes'],
  ['[gateway]\nhostname = "10.0.0.1"', 'gateway: hostname: "10.0.0.1" is no domain name'],
  ['[gateway]\npostmaster = "it"', 'gateway: postmaster: "it" is no mail address'],
  ['[gateway]\nlanguage = "English"', 'gateway: language: must be a language tag such as "en"'],
  ['[gateway]\ntimezone = "Berlin"', 'gateway: timezone: "Berlin" is no time zone such as "Europe/Berlin"'],
  [
    '[gateway]\nqueue_lifetime = "5 days"',
    'gateway: queue_lifetime: "5 days" is no duration such as "90s", "15m", "4h" or "5d"',
  ],
  [
    '[gateway]\nqueue_lifetime = 5',
    'gateway: queue_lifetime: must be a duration in quotes such as "90s", "15m", "4h" or "5d"',
  ],
  [
    '[gateway]\nmax_message_size = "0MB"',
    'gateway: max_message_size: "0MB" is no size such as "500KB" or "35MB"',
  ],
  ['[gateway]\nweakest_tls = "SSLv3"', 'gateway: weakest_tls: "SSLv3" is none of modern, legacy, vintage'],
  [
    '[gateway]\ntrusted_networks = ["10.0.0.0/33"]',
    'gateway: trusted_networks: "10.0.0.0/33" is no IP address, no block such as 10.0.0.0/8 and not "attached"',
  ],
  [
    '[gateway]\ntrusted_networks = ["::ffff:10.0.0.0/104"]',
    'gateway: trusted_networks: is an IPv4 address in IPv6 spelling; write it as IPv4',
  ],
  ['[gateway]\ntrusted_networks = "attached"', 'gateway: trusted_networks: must be a list in [ ]'],
  ['[gateway]\nproxy = "http://me:secret@proxy"', 'gateway: proxy: is no address such as http://proxy:3128'],
  // Others
  ['[limits]\nconnections = 0', 'limits: connections: must be 1 to 10000'],
  ['[limits]\nconnections = 1.5', 'limits: connections: must be a whole number'],
  ['[limits]\nconnections = "many"', 'limits: connections: must be a whole number'],
  ['[history]\nkeep_subjects = "yes"', 'history: keep_subjects: must be true or false'],
  ['[console]\naddress = "localhost"', 'console: address: "localhost" is no IP address'],
  ['[console]\ntls = "on"', 'console: tls: "on" is none of off, self-signed, file'],
  [
    '[[operator]]\nname = "anna"\npassword_hash = "secret"',
    'operator 1 "anna": password_hash: is no scrypt$N$r$p$salt$hash',
  ],
  [
    `[[operator]]\nname = "anna"\npassword_hash = "scrypt$8388608$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}"`,
    'operator 1 "anna": password_hash: is no scrypt$N$r$p$salt$hash',
  ],
  [
    '[[alias]]\nname = "anna meier"\nto = ["a@b.c"]',
    'alias 1 "anna meier": name: must be 1 to 64 characters without blanks, @ and < > ( ) [ ] \\ , ; : "',
  ],
  ['[[alias]]\nname = "anna"\nto = []', 'alias 1 "anna": to: must name at least one address'],
  ['[[alias]]\nname = "anna"\nto = ["bob"]', 'alias 1 "anna": to: "bob" is no mail address'],
  ['[alerts]\nwebhook = "ftp://x"', 'alerts: webhook: is no address that starts with https://'],
  ['[alerts]\nwebhook = "https://me:pass@x/"', 'alerts: webhook: is no address that starts with https://'],
  // Devices
  [
    device('username = "front-desk-scanner"'),
    'device 1 "Front desk": username: must be 1 to 15 characters of a-z 0-9 . _ - (a longer login goes to also_known_as)',
  ],
  [
    device('username = "Scan1"'),
    'device 1 "Front desk": username: must be 1 to 15 characters of a-z 0-9 . _ - (a longer login goes to also_known_as)',
  ],
  [device('password = ""'), 'device 1 "Front desk": password: must not be empty'],
  [device('password = 1234'), 'device 1 "Front desk": password: must be text in quotes'],
  [
    device('addresses = ["192.168.7.300"]'),
    'device 1 "Front desk": addresses: "192.168.7.300" is no IP address, no block such as 10.0.0.0/8 and not "attached"',
  ],
  [device('addresses = ["10.0.0.1", "10.0.0.1"]'), 'device 1 "Front desk": addresses: names something twice'],
  [
    device('mac = "00:11"'),
    'device 1 "Front desk": mac: "00:11" is no hardware address such as 00:11:22:33:44:55',
  ],
  [
    device('allowed_recipients = ["contoso.com"]'),
    'device 1 "Front desk": allowed_recipients: "contoso.com" is no mail address and no pattern such as "*@contoso.com"',
  ],
  [device('route = []'), 'device 1 "Front desk": route: must name an upstream, or be left out'],
  [device('tls = "ssl"'), 'device 1 "Front desk": tls: must be modern, legacy, vintage or plain'],
  [
    device('weak_until = "2026-02-30"'),
    'device 1 "Front desk": weak_until: "2026-02-30" is no date such as "2028-05-01"',
  ],
  [
    device('weak_until = 2026-02-28'),
    'device 1 "Front desk": weak_until: must be a date in quotes such as "2028-05-01"',
  ],
  [device('auth = ["NTLM"]'), 'device 1 "Front desk": auth: "NTLM" is none of LOGIN, PLAIN, CRAM-MD5'],
  [device('auth = []'), 'device 1 "Front desk": auth: must offer at least one way to sign in'],
  [
    device('charset = "klingon"'),
    'device 1 "Front desk": charset: "klingon" is no character set such as "utf-8" or "windows-1252"',
  ],
  [
    device('subject_prefix = "a\\nb"'),
    'device 1 "Front desk": subject_prefix: has line breaks or control characters',
  ],
  ['[[device]]\nname = " A"', 'device 1 " A": name: has blanks around it'],
  [
    device(`also_known_as = ["${'x'.repeat(256)}"]`),
    'device 1 "Front desk": also_known_as: is longer than 255 characters',
  ],
  // Upstreams
  [
    '[[upstream]]\nname = "x"\nkind = "gmail"',
    'upstream 1 "x": kind: "gmail" is none of outbox, acs-email, acs-smtp, exchange-smtp, exchange-hve, exchange-direct, exchange-connector, graph, smarthost',
  ],
  [
    upstream('endpoint = "http://contoso.communication.azure.com"'),
    'upstream 1 "acs": endpoint: "http://contoso.communication.azure.com" is no address that starts with https://',
  ],
  [upstream('share = "2/1"'), 'upstream 1 "acs": share: "2/1" is no share such as "1/50"'],
  [upstream('quota = { per_hour = 0 }'), 'upstream 1 "acs": quota.per_hour: must be 1 to 1000000000'],
  [upstream('quota = 5'), 'upstream 1 "acs": quota: must be a table'],
  [upstream('price = { per_message = 1 }'), 'upstream 1 "acs": price.per_megabyte: is required'],
  [upstream('host = "smtp.example.org:25"'), 'upstream 1 "acs": host: "smtp.example.org:25" is no host name'],
  [upstream('ca_file = 1'), 'upstream 1 "acs": ca_file: must be text in quotes'],
]

describe('setup document: what a key may say', () => {
  for (const [text, sentence] of sentences) {
    it(sentence, () => assert.deepEqual(problemsOf(text), [sentence]))
  }

  it('names every problem, not only the first', () => {
    assert.deepEqual(problemsOf(`[gateway]\na = 1\nb = 2\n[limits]\nmemory = "x"\n${device('c = 3')}`), [
      'gateway: a: unknown key',
      'gateway: b: unknown key',
      'limits: memory: "x" is no size such as "500KB" or "35MB"',
      'device 1 "Front desk": c: unknown key',
    ])
  })

  it('never repeats a secret, nor the text around a mistake in TOML', () => {
    const texts = [
      device(`password = "${'hunter2'.repeat(200)}"`),
      'password = "hunter2" "hunter2"',
      credential('access-key', 'key = ["hunter2"]'),
    ]
    for (const text of texts) {
      const problems = problemsOf(text)
      assert.ok(problems.length > 0)
      assert.doesNotMatch(problems.join(), /hunter2/)
    }
  })

  it('folds to one spelling', () => {
    const parsed = parseDocument(
      `\uFEFF[gateway]\nqueue_lifetime = "120h"\nmax_message_size = "35000KB"\n${device('mac = "AA-BB-CC-00-11-22"\nsender = "Scanner@CONTOSO.com"')}\n${upstream('endpoint = "https://contoso.communication.azure.com/"')}`,
    )
    assert.equal(parsed.kind, 'parsed')
    const { gateway, device: devices, upstream: upstreams } = parsed.document
    assert.deepEqual([gateway.queue_lifetime, gateway.max_message_size], ['5d', '35MB'])
    assert.deepEqual([devices[0]?.mac, devices[0]?.sender], ['aa:bb:cc:00:11:22', 'Scanner@contoso.com'])
    assert.equal(upstreams[0]?.endpoint, 'https://contoso.communication.azure.com')
  })
})
