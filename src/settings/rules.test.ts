import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Candidate } from './candidate.ts'
import { parseDocument } from './parse.ts'
import { problemText } from './problem.ts'
import { wholly } from './readable.ts'
import { judge, rules } from './rules.ts'
import { networkRules } from './rules-network.ts'
import { setupOf } from './value.ts'

/** A document as the rules see it, with the passwords that stand in it. */
function candidate(text: string): Candidate {
  const parsed = parseDocument(`schema = 1\n${text}`)
  assert.equal(parsed.kind, 'parsed', JSON.stringify(parsed))
  const { document } = parsed
  const passwordLengths = document.device.map(({ password }) => password?.length)
  return { ...wholly(document), setup: setupOf(document, 'checkout', []), passwordLengths }
}

const said = (text: string): readonly string[] =>
  judge(candidate(text)).map((problem) => `${problem.severity} ${problemText(problem)}`)

const outbox = '[[upstream]]\nname = "outbox"\nkind = "outbox"\n'
const open = '[[listener]]\naddress = "::"\nport = 2525\n'
const device = (name: string, lines: string): string => `[[device]]\nname = "${name}"\n${lines}\n`
const scanner = (lines: string): string =>
  device('Scanner', `username = "scan1"\npassword = "1234"\n${lines}`)
const upstream = (kind: string, lines: string): string =>
  `[[upstream]]\nname = "up"\nkind = "${kind}"\n${lines}\n`
const withKey = '[upstream.credential]\nkind = "access-key"\nkey = "c2VjcmV0"\n'
const acs = (lines: string): string =>
  upstream(
    'acs-email',
    `endpoint = "https://contoso.communication.azure.com"\nsender = "a@contoso.com"\n${lines}\n${withKey}`,
  )
const smarthost = (lines: string): string => upstream('smarthost', `sender = "a@contoso.com"\n${lines}`)
const entra = (kind: string): string =>
  `[upstream.credential]\nkind = "${kind}"\ntenant_id = "t"\nclient_id = "c"\n${kind === 'client-secret' ? 'secret = "s"' : ''}\n`
const graph = (lines: string): string => upstream('graph', `${lines}\n${entra('client-secret')}`)

const acsWithReports = (credential: string): string =>
  upstream(
    'acs-email',
    `endpoint = "https://contoso.communication.azure.com"\nsender = "a@contoso.com"\n[upstream.reports]\nqueue = "https://contoso.queue.core.windows.net/acs-reports"\n${credential}`,
  )

interface Case {
  readonly rule: string
  readonly wrong: string
  readonly says: string | readonly string[]
  /** Nearly the same, about which nothing is to be said. */
  readonly right: string
}

const fleetKey = `ed25519:${'A'.repeat(43)}`
const fleetBox = (token: string): string =>
  `[[fleet.box]]\nname = "branch-02"\naddress = "10.0.2.5"\nfingerprint = "${Array(32).fill('AB').join(':')}"\n${token}\n`

const cases: readonly Case[] = [
  {
    rule: 'backups have a place',
    wrong: `${outbox}[[backup]]
name = "a"
kind = "https"
share = "//nas/b"
auth = "basic"
[[backup]]
name = "b"
kind = "smb"
share = "nas"
url = "https://x.example"
auth = "sas"
[[backup]]
name = "c"
kind = "https"
url = "https://x.example"
secret = "s"
[[backup]]
name = "d"
kind = "usb"
share = "//nas/b"
secret = "s"
`,
    says: [
      'error backup 1 "a": url: is required with kind = "https"',
      'error backup 1 "a": share: belongs to kind = "smb"',
      'error backup 1 "a": username: is required with auth = "basic"',
      'error backup 1 "a": secret: is required with auth = "basic"',
      'error backup 2 "b": share: "nas" is no share such as "//nas/backups/inkpost"',
      'error backup 2 "b": url: belongs to kind = "https"',
      'error backup 2 "b": username: is required with kind = "smb"',
      'error backup 2 "b": secret: is required with kind = "smb"',
      'error backup 2 "b": auth: belongs to kind = "https"',
      'error backup 3 "c": secret: needs auth: basic, bearer or sas',
      'error backup 4 "d": share: belongs to a place in the network, not to kind = "usb"',
      'error backup 4 "d": secret: is of no use with kind = "usb": the copy is sealed already',
    ],
    right: `${outbox}[[backup]]
name = "a"
kind = "https"
url = "https://x.example/boxes"
auth = "basic"
username = "box"
secret_file = "/etc/secret"
[[backup]]
name = "b"
kind = "smb"
share = "//nas/backups"
username = "box"
secret = "s"
[[backup]]
name = "c"
kind = "usb"
`,
  },
  {
    rule: 'delivery reports need an identity at Entra',
    wrong: acsWithReports(withKey),
    says: 'error upstream 1 "up": reports.queue: can\'t be opened with access-key: change the credential to client-certificate or client-secret, whose app has the role "Storage Queue Data Message Processor" on the queue, or leave the reports out',
    right: acsWithReports(entra('client-secret')),
  },
  {
    rule: 'the queue of delivery reports is named',
    wrong: acsWithReports(entra('client-secret')).replace('/acs-reports', '/My_Queue'),
    says: 'error upstream 1 "up": reports.queue: must name the queue: https://ACCOUNT.queue.core.windows.net/QUEUE',
    right: acsWithReports(entra('client-secret')),
  },
  {
    rule: 'syslog is a server',
    wrong: `[alerts]\nsyslog = "udp://10.0.0.1:99999"\n${outbox}`,
    says: 'error alerts: syslog: "udp://10.0.0.1:99999" is no syslog server such as udp://host:514, tcp://host:514 or tls://host:6514',
    right: `[alerts]\nsyslog = "10.0.0.1"\n${outbox}`,
  },
  {
    rule: 'what is pulled is signed',
    wrong: `[fleet]\nurl = "https://fleet.contoso.com/inkpost"\n${outbox}`,
    says: 'error fleet: public_keys: is required with url: whoever holds the server could change the box',
    right: `[fleet]\nurl = "https://fleet.contoso.com/inkpost"\npublic_keys = ["${fleetKey}"]\n${outbox}`,
  },
  {
    rule: 'a fleet has a place',
    wrong: `[fleet]\nurl = "//nas/fleet/../x"\nusername = "box"\npassword = "s"\npublic_keys = ["${fleetKey}"]\n${outbox}`,
    says: 'error fleet: url: "//nas/fleet/../x" is no share such as "//nas/fleet/inkpost"',
    right: `[fleet]\nurl = "//nas/fleet/x"\nusername = "box"\npassword = "s"\npublic_keys = ["${fleetKey}"]\n${outbox}`,
  },
  {
    rule: 'a server of fifty boxes is asked now and then',
    wrong: `[fleet]\nurl = "https://fleet.contoso.com"\npublic_keys = ["${fleetKey}"]\nevery = "5s"\n${outbox}`,
    says: 'error fleet: every: must be at least "1m"',
    right: `[fleet]\nurl = "https://fleet.contoso.com"\npublic_keys = ["${fleetKey}"]\nevery = "5m"\n${outbox}`,
  },
  {
    rule: 'other boxes are known by name and by token',
    wrong: `${fleetBox('')}${outbox}`,
    says: 'error fleet: box.branch-02.token: is required: make one as viewer with `inkpost token add` there',
    right: `${fleetBox('token = "inkpost_x"')}${outbox}`,
  },
  {
    rule: 'names are unique in their table',
    wrong: device('A', 'addresses = ["10.0.0.1"]') + device('a', 'addresses = ["10.0.0.2"]') + outbox,
    says: 'error device 2 "a": name: is already the name of device 1',
    right: device('A', 'addresses = ["10.0.0.1"]') + device('B', 'addresses = ["10.0.0.2"]') + outbox,
  },
  {
    rule: 'trusted networks are not the internet',
    wrong: `[gateway]\ntrusted_networks = ["0.0.0.0/0", "::/0", "128.0.0.0/1", "203.0.113.0/24"]\n${outbox}`,
    says: [
      'error gateway: trusted_networks: "0.0.0.0/0" is the whole internet; name the networks of your devices',
      'error gateway: trusted_networks: "::/0" is the whole internet; name the networks of your devices',
      'error gateway: trusted_networks: "128.0.0.0/1" is the whole internet; name the networks of your devices',
      'warning gateway: trusted_networks: "203.0.113.0/24" is public: passwords may be guessed and read on the way there',
    ],
    right: `[gateway]\ntrusted_networks = ["attached", "10.0.0.0/8", "fd00::/8", "192.168.7.0/24"]\n${outbox}`,
  },
  {
    rule: 'console networks are not the internet',
    wrong: `[console]\nnetworks = ["0.0.0.0/0"]\n${outbox}`,
    says: 'error console: networks: "0.0.0.0/0" is the whole internet; name your own networks',
    right: `[console]\nnetworks = ["10.0.0.0/8"]\n${outbox}`,
  },
  {
    rule: 'nothing opens less than weakest_tls',
    wrong: `[gateway]\nweakest_tls = "modern"\n[[listener]]\ntls = "legacy"\n${scanner('addresses = ["10.0.0.1"]\ntls = "legacy"')}${outbox}`,
    says: [
      'error listener 1 "submission": tls: legacy is weaker than weakest_tls of [gateway], which is modern',
      'error device 1 "Scanner": tls: legacy is weaker than weakest_tls of [gateway], which is modern',
    ],
    right: `[gateway]\nweakest_tls = "modern"\n[[listener]]\nport = 2525\n${outbox}`,
  },
  {
    rule: 'one listener on an address and port',
    wrong: `${open}[[listener]]\nname = "second"\nport = 2525\n[[listener]]\nname = "third"\nport = 8025\n${outbox}`,
    says: [
      'error listener 2 "second": port: 2525 is already taken by listener "submission"',
      'error console: port: 8025 is already taken by listener "third"',
    ],
    right: `${open}[[listener]]\nport = 2526\n[[listener]]\naddress = "::"\nport = 0\n[[listener]]\nport = 0\n${outbox}`,
  },
  {
    rule: 'some listener takes mail',
    wrong: `[[listener]]\nprotocol = "pop3"\n${outbox}`,
    says: 'warning listener: none of them takes mail: add one without protocol = "pop3"',
    right: `[[listener]]\n[[listener]]\nprotocol = "pop3"\n${outbox}`,
  },
  {
    rule: 'aliases lead out of the box',
    wrong: `[gateway]\nname = "box"\n[[alias]]\nname = "anna"\nto = ["anna@box.local"]\n[[alias]]\nname = "Test"\nto = ["a@b.c"]\n${outbox}`,
    says: [
      'error alias 1 "anna": to: "anna@box.local" leads back into this box',
      'error alias 2 "Test": name: test is the box\'s own address for trying a device',
    ],
    right: `[gateway]\nname = "box"\n[[alias]]\nname = "anna"\nto = ["anna@contoso.com"]\n${outbox}`,
  },
  {
    rule: 'the console has its certificate',
    wrong: `[console]\ntls = "file"\n${outbox}`,
    says: 'error console: certificate_file: is required with tls = "file"',
    right: `[console]\ntls = "file"\ncertificate_file = "/etc/x.pem"\n${outbox}`,
  },
  {
    rule: 'a webhook in clear stays in the own network',
    wrong: `[alerts]\nwebhook = "http://hooks.contoso.com/a?sig=1"\n${outbox}`,
    says: 'error alerts: webhook: goes in clear: use https://, or http:// to a private IP address',
    right: `[alerts]\nwebhook = "http://192.168.7.2:8080/a?sig=1"\n${outbox}`,
  },
  {
    rule: 'logins are unique',
    wrong:
      scanner('also_known_as = ["Old@contoso.com"]') +
      device('B', 'username = "scan1"\npassword = "1234"\nalso_known_as = ["old@CONTOSO.com"]') +
      outbox,
    says: [
      'error device 2 "B": username: "scan1" is already a login of device "Scanner"',
      'error device 2 "B": also_known_as: "old@CONTOSO.com" is already a login of device "Scanner"',
    ],
    right: scanner('') + device('B', 'username = "scan2"\npassword = "1234"') + outbox,
  },
  {
    rule: 'device addresses are unique',
    wrong:
      device('A', 'addresses = ["192.168.7.0/24", "attached", "fd00::1"]') +
      device('B', 'addresses = ["192.168.7.99/24", "attached", "fd00:0:0::1/128"]') +
      outbox,
    says: [
      'error device 2 "B": addresses: "192.168.7.99/24" already belongs to device "A"; two equal matches cannot be told apart',
      'error device 2 "B": addresses: "attached" already belongs to device "A"; two equal matches cannot be told apart',
      'error device 2 "B": addresses: "fd00:0:0::1/128" already belongs to device "A"; two equal matches cannot be told apart',
    ],
    right:
      device('A', 'addresses = ["192.168.7.0/24"]') + device('B', 'addresses = ["192.168.7.99"]') + outbox,
  },
  {
    rule: 'a device is known by password or address',
    wrong: device('A', '') + device('B', 'password = "1234"') + outbox,
    says: [
      'error device 1 "A": needs a password or addresses; without both anyone could send in its name',
      'error device 2 "B": username: is required with a password',
    ],
    right:
      device('A', 'addresses = ["attached"]') +
      device('B', 'password = "1234"\nalso_known_as = ["x"]') +
      outbox,
  },
  {
    rule: 'a short password is bound to addresses',
    wrong: open + scanner('') + outbox,
    says: 'error device 1 "Scanner": password: has 4 characters; with a listener beyond loopback it needs 8, or addresses',
    right: open + scanner('addresses = ["192.168.7.20"]') + outbox,
  },
  {
    rule: 'device addresses open no relay',
    wrong:
      device('A', 'addresses = ["203.0.113.0/24", "203.0.113.7"]') +
      scanner('addresses = ["198.51.100.0/24"]') +
      device('C', 'username = "c"\npassword = "long enough"\naddresses = ["0.0.0.0/0"]') +
      outbox,
    says: [
      'error device 1 "A": addresses: "203.0.113.0/24" is a public network: without a password everyone in it could send',
      'error device 2 "Scanner": addresses: "198.51.100.0/24" is a public network: with a password under 8 characters everyone in it could send',
      'error device 3 "C": addresses: "0.0.0.0/0" is the whole internet; name the network in which the device stands',
      'warning device 1 "A": addresses: "203.0.113.7" is public: whoever is behind it may send without a password',
    ],
    right:
      device('A', 'addresses = ["10.0.0.0/8", "169.254.1.1", "fe80::/64"]') +
      device('C', 'username = "c"\npassword = "long enough"\naddresses = ["203.0.113.0/24"]') +
      outbox,
  },
  {
    rule: 'a route names upstreams',
    wrong: `${scanner('route = ["outbox", "exchange"]')}${device('B', 'addresses = ["10.0.0.1"]\nroute = ["off"]')}${outbox}[[upstream]]\nname = "off"\nkind = "outbox"\nenabled = false`,
    says: [
      'error device 1 "Scanner": route: "exchange" is no upstream of this document',
      'warning device 2 "B": route: every upstream of it is switched off: mail of this device waits',
    ],
    right: scanner('route = ["outbox"]') + outbox,
  },
  {
    rule: 'a sender that some upstream accepts',
    wrong: `${scanner('sender = "scan@other.com"')}${upstream('smarthost', 'host = "mx.contoso.com"\nsenders = ["*@contoso.com"]')}[gateway]\nsender = "box@contoso.com"\n`,
    says: 'error device 1 "Scanner": sender: "scan@other.com" is accepted by no upstream of its route (up), and none of them has a sender to use instead',
    right: `${scanner('sender = "scan@CONTOSO.com"')}${upstream('smarthost', 'host = "mx.contoso.com"\nsenders = ["*@contoso.com"]')}[gateway]\nsender = "box@contoso.com"\n`,
  },
  {
    rule: 'vintage TLS is for private addresses',
    wrong: `[gateway]\nweakest_tls = "vintage"\n${device('C', 'username = "c"\npassword = "long enough"\naddresses = ["203.0.113.5"]\ntls = "vintage"')}${outbox}`,
    says: 'error device 1 "C": tls: vintage is for private addresses, and "203.0.113.5" is none',
    right: `[gateway]\nweakest_tls = "vintage"\n${device('C', 'addresses = ["10.0.0.5"]\ntls = "vintage"')}${outbox}`,
  },
  {
    rule: 'required TLS is offered',
    wrong: scanner('addresses = ["10.0.0.1"]\ntls = "plain"\nrequire_tls = true') + outbox,
    says: 'error device 1 "Scanner": require_tls: cannot hold with tls = "plain", which hides STARTTLS',
    right: scanner('addresses = ["10.0.0.1"]\ntls = "plain"') + outbox,
  },
  {
    rule: 'settings that act before login',
    wrong: scanner('tls = "plain"\nauth = ["PLAIN"]') + outbox,
    says: [
      'warning device 1 "Scanner": tls: acts before the device has signed in, so it holds only where the device signed in from before; give it addresses',
      'warning device 1 "Scanner": auth: acts before the device has signed in, so it holds only where the device signed in from before; give it addresses',
    ],
    right: scanner('addresses = ["10.0.0.1"]\ntls = "plain"\nauth = ["PLAIN"]') + outbox,
  },
  {
    rule: 'a raised limit ends',
    wrong: scanner('raised_per_hour = 400') + outbox,
    says: 'error device 1 "Scanner": raised_until: is required with raised_per_hour: the last day of it',
    right: scanner('raised_per_hour = 400\nraised_until = "2026-11-29"') + outbox,
  },
  {
    rule: 'ACS shows no sender name of ours',
    wrong: scanner('sender_name = "Front desk"') + acs(''),
    says: 'warning device 1 "Scanner": sender_name: is not shown by upstream "up": Azure shows the display name of its own MailFrom address',
    right: scanner('sender_name = "Front desk"') + smarthost('host = "mx.contoso.com"'),
  },
  {
    rule: 'Microsoft is reached by name',
    wrong:
      upstream(
        'acs-email',
        `endpoint = "https://20.1.2.3"\nsender = "a@contoso.com"\nauthority = "https://[2603::1]"\n${withKey}`,
      ) +
      upstream('exchange-direct', 'host = "52.101.1.1"\naccepted_domains = ["contoso.com"]').replace(
        '"up"',
        '"two"',
      ),
    says: [
      'error upstream 1 "up": endpoint: acs-email is reached by name: Microsoft\'s addresses change, and certificates name hosts',
      'error upstream 1 "up": authority: acs-email is reached by name: Microsoft\'s addresses change, and certificates name hosts',
      'error upstream 2 "two": host: exchange-direct is reached by name: Microsoft\'s addresses change, and certificates name hosts',
    ],
    right: smarthost('host = "127.0.0.1"'),
  },
  {
    rule: 'the name outbox is the outbox',
    wrong: smarthost('host = "mail.contoso.com"').replace('"up"', '"outbox"'),
    says: ['error upstream 1 "outbox": name: "outbox" is the name of the box\'s own outbox: choose another'],
    right: '[[upstream]]\nname = "outbox"\nkind = "outbox"\n',
  },
  {
    rule: 'the next hop is named',
    wrong:
      upstream('acs-email', `sender = "a@contoso.com"\n${withKey}`) + smarthost('').replace('"up"', '"two"'),
    says: [
      'error upstream 1 "up": endpoint: is required for acs-email',
      'error upstream 2 "two": host: is required for smarthost',
    ],
    right: upstream(
      'exchange-smtp',
      `sender = "a@contoso.com"\nusername = "a@contoso.com"\n${entra('client-secret')}`,
    ),
  },
  {
    rule: 'keys belong to the kind',
    wrong: acs('host = "x.example"\nport = 25'),
    says: [
      'warning upstream 1 "up": host: means nothing to acs-email',
      'warning upstream 1 "up": port: means nothing to acs-email',
    ],
    right: acs(''),
  },
  {
    rule: 'TLS towards the next hop',
    wrong:
      upstream('exchange-connector', 'sender = "a@contoso.com"\nhost = "c.example"\nsecurity = "plain"') +
      smarthost(
        'host = "mx.example"\nsecurity = "plain"\n[upstream.credential]\nkind = "password"\nusername = "u"\npassword = "p"',
      ).replace('"up"', '"two"'),
    says: [
      'error upstream 1 "up": security: exchange-connector takes mail over TLS only',
      'warning upstream 2 "two": security: sends the credential in clear over the network',
    ],
    right: smarthost(
      'host = "10.0.0.9"\nsecurity = "plain"\n[upstream.credential]\nkind = "password"\nusername = "u"\npassword = "p"',
    ),
  },
  {
    rule: 'credentials belong to the kind',
    wrong:
      upstream('acs-email', 'endpoint = "https://a.example"\nsender = "a@contoso.com"') +
      smarthost(`host = "mx.example"\n${withKey}`).replace('"up"', '"two"'),
    says: [
      'error upstream 1 "up": credential: is required: acs-email takes access-key, client-secret or client-certificate',
      'error upstream 2 "two": credential: smarthost takes none, password, client-secret or client-certificate, not access-key',
    ],
    right: acs(''),
  },
  {
    rule: 'a secret stands in one place',
    wrong:
      acs('').replace('key = "c2VjcmV0"', 'key = "c2VjcmV0"\nkey_file = "/run/key"') +
      acs('').replace('key = "c2VjcmV0"', 'next_key = "c2VjcmV0"').replace('"up"', '"two"'),
    says: [
      'error upstream 1 "up": credential.key: stands beside key_file; keep one of them',
      'error upstream 2 "two": credential.key: is required, or key_file',
    ],
    right: acs('').replace('key = "c2VjcmV0"', 'key_file = "/run/key"'),
  },
  {
    rule: 'an access key is base64',
    wrong: acs('').replace('c2VjcmV0', 'not a key'),
    says: 'error upstream 1 "up": credential.key: is no access key (base64)',
    right: acs(''),
  },
  {
    rule: 'an identity at Entra is complete',
    wrong: smarthost(
      'host = "mx.example"\n[upstream.credential]\nkind = "client-certificate"\ntenant_id = "t"',
    ),
    says: [
      'error upstream 1 "up": credential.client_id: is required',
      'error upstream 1 "up": username: is required for smarthost with client-certificate',
    ],
    right: smarthost(`host = "mx.example"\nusername = "a@contoso.com"\n${entra('client-certificate')}`),
  },
  {
    rule: 'a password has a user name',
    wrong: smarthost('host = "mx.example"\n[upstream.credential]\nkind = "password"\npassword = "p"'),
    says: 'error upstream 1 "up": credential.username: is required',
    right: smarthost(
      'host = "mx.example"\nusername = "u"\n[upstream.credential]\nkind = "password"\npassword = "p"',
    ),
  },
  {
    rule: 'what delivers inside knows its domains',
    wrong: upstream('exchange-direct', 'host = "mx.example"\nsender = "a@contoso.com"'),
    says: 'error upstream 1 "up": accepted_domains: is required for exchange-direct: it takes recipients of the tenant only',
    right: upstream(
      'exchange-direct',
      'host = "mx.example"\nsender = "a@contoso.com"\naccepted_domains = ["contoso.com"]',
    ),
  },
  {
    rule: 'Graph knows its mailboxes',
    wrong: `[gateway]\nsender = "box@contoso.com"\n${graph('')}`,
    says: 'error upstream 1 "up": sender: is required for graph, or senders: mail leaves from a mailbox of the tenant, and they say which',
    right: `[gateway]\nsender = "box@contoso.com"\n${graph('senders = ["box@contoso.com"]')}`,
  },
  {
    rule: 'Graph takes small mail',
    wrong: graph('sender = "a@contoso.com"\nmax_message_size = "3.1MB"'),
    says: 'error upstream 1 "up": max_message_size: cannot be above 3MB for graph: its requests have at most 4 MB, with the mail in base64',
    right: graph('sender = "a@contoso.com"\nmax_message_size = "3MB"'),
  },
  {
    rule: 'Graph takes few at once',
    wrong: graph('sender = "a@contoso.com"\nconnections = 5'),
    says: `warning upstream 1 "up": connections: is above 4: Graph takes no more requests at once for a mailbox, and says 'too many' to the rest`,
    right: graph('sender = "a@contoso.com"\nconnections = 4'),
  },
  {
    rule: "a connector's certificate is signed",
    wrong: upstream(
      'exchange-connector',
      'host = "mx.example"\nsender = "a@contoso.com"\n[upstream.credential]\nkind = "client-certificate"',
    ),
    says: 'warning upstream 1 "up": credential.certificate_file: is empty: nothing is sent until it names the signed answer to "inkpost certificate up --csr"',
    right: upstream(
      'exchange-connector',
      'host = "mx.example"\nsender = "a@contoso.com"\n[upstream.credential]\nkind = "client-certificate"\ncertificate_file = "/etc/signed.pem"',
    ),
  },
  {
    rule: 'a mailbox takes few connections',
    wrong: upstream(
      'exchange-smtp',
      `sender = "a@contoso.com"\nusername = "a@contoso.com"\nconnections = 4\n${entra('client-secret')}`,
    ),
    says: 'warning upstream 1 "up": connections: is above 3: Exchange allows no more for a mailbox, no more are used',
    right: upstream(
      'exchange-smtp',
      `sender = "a@contoso.com"\nusername = "a@contoso.com"\nconnections = 3\n${entra('client-secret')}`,
    ),
  },
  {
    rule: 'Direct Send and a connector share a host',
    wrong:
      upstream(
        'exchange-direct',
        'host = "mx.example"\nsender = "a@contoso.com"\naccepted_domains = ["contoso.com"]',
      ) + upstream('exchange-connector', 'host = "MX.example"').replace('"up"', '"two"'),
    says: 'warning upstream 2 "two": host: is also the host of upstream "up": Exchange tells Direct Send and the connector apart by address or certificate only',
    right: upstream('exchange-connector', 'host = "mx.example"\nsender = "a@contoso.com"'),
  },
  {
    rule: 'a share is enough to work with',
    wrong: acs('share = "1/200"'),
    says: 'warning upstream 1 "up": share: leaves one mail an hour or less, and every box takes at least one',
    right: acs('share = "1/5"'),
  },
  {
    rule: 'there is a way out',
    wrong: '',
    says: 'warning upstream: there is none in use: mail is taken and waits until its lifetime ends',
    right: outbox,
  },
  {
    rule: "the box's own mail has a sender",
    wrong: `[gateway]\nsender = "box@other.com"\n${upstream('smarthost', 'host = "mx.example"\nsenders = ["*@contoso.com"]')}`,
    says: 'warning gateway: sender: "box@other.com" is accepted by no upstream',
    right: `[gateway]\nsender = "box@contoso.com"\n${upstream('smarthost', 'host = "mx.example"\nsenders = ["*@contoso.com"]')}`,
  },
]

describe('rules over the whole setup document', () => {
  for (const { rule, wrong, says, right } of cases) {
    it(rule, () => {
      assert.deepEqual(said(wrong), typeof says === 'string' ? [says] : says)
      assert.deepEqual(said(right), [])
      // The sentences come from the rule that the case is named after.
      const own = rules.find(({ name }) => name === rule)
      assert.ok(own, `no rule is called ${rule}`)
      assert.equal(own.check(candidate(wrong)).length, said(wrong).length)
    })
  }

  it('every rule stands in the table', () => {
    // Those of [network] have a table of their own: rules-network.test.ts.
    const others = rules.filter((rule) => !networkRules.includes(rule))
    assert.deepEqual(others.map(({ name }) => name).toSorted(), cases.map(({ rule }) => rule).toSorted())
  })

  it('asks vintage for addresses', () => {
    const text = `[gateway]\nweakest_tls = "vintage"\n${scanner('tls = "vintage"')}${outbox}`
    assert.ok(said(text).includes('error device 1 "Scanner": tls: vintage needs addresses'))
  })

  it('says that a box without sender cannot report', () => {
    assert.deepEqual(said(upstream('smarthost', 'host = "mx.example"')), [
      'warning gateway: sender: is empty: reports and alerts have no address to come from',
    ])
  })
})
