import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDocument } from './parse.ts'
import { problemText } from './problem.ts'
import { wholly } from './readable.ts'
import { networkRules } from './rules-network.ts'
import { setupOf } from './value.ts'

function said(text: string): readonly string[] {
  const parsed = parseDocument(`schema = 1\n${text}`)
  assert.equal(parsed.kind, 'parsed', JSON.stringify(parsed))
  const { document } = parsed
  const candidate = { ...wholly(document), setup: setupOf(document, 'checkout', []), passwordLengths: [] }
  return networkRules
    .flatMap((rule) => rule.check(candidate))
    .map((one) => `${one.severity} ${problemText(one)}`)
}

interface Case {
  readonly rule: string
  readonly wrong: string
  readonly says: string | readonly string[]
  /** Nearly the same, about which nothing is to be said. */
  readonly right: string
}

const network = (lines: string): string => `[network]\n${lines}\n`
const fixed = (lines: string): string => network(`method = "static"\n${lines}`)
const port = (lines: string): string =>
  network(`method = "dhcp"\n[network.port_access]\nidentity = "box"\nca_file = "ca.pem"\n${lines}`)
const wifi = '[network.wifi]\nssid = "office"\ncountry = "DE"'

const cases: readonly Case[] = [
  {
    rule: 'addresses stand where they are set by hand',
    wrong: network('method = "static"\nipv6 = "static"'),
    says: [
      'error network: address: is required with method = "static"',
      'error network: ipv6_address: is required with ipv6 = "static"',
    ],
    right: fixed('address = "192.168.7.5/24"\nipv6 = "static"\nipv6_address = "fd00:7::5/64"'),
  },
  {
    rule: 'addresses stand where they are set by hand',
    wrong: network(
      'method = "dhcp"\naddress = "192.168.7.5/24"\ngateway = "192.168.7.1"\nipv6_address = "fd00::5/64"\nipv6_gateway = "fd00::1"',
    ),
    says: [
      'error network: address: stands with method = "static" only',
      'error network: gateway: is told by DHCP: leave it out, or set method = "static"',
      'error network: ipv6_address: stands with ipv6 = "static" only',
      'error network: ipv6_gateway: stands with ipv6 = "static" only',
    ],
    right: network('method = "dhcp"\ndns = ["192.168.7.1"]\nvlan = 7'),
  },
  ...(
    [
      ['192.168.7.0/24', '192.168.7.0 is the name of its network: choose another'],
      ['192.168.7.255/24', '192.168.7.255 is the broadcast address of its network: choose another'],
      ['127.0.0.1/8', "127.0.0.1 can't be the address of a box"],
      ['224.0.0.1/24', "224.0.0.1 can't be the address of a box"],
      ['10.0.0.5/0', 'names no network: write it as 192.168.7.5/24'],
    ] as const
  ).map(([address, sentence]) => ({
    rule: 'an address is one that a host may have',
    wrong: fixed(`address = "${address}"`),
    says: `error network: address: ${sentence}`,
    right: fixed('address = "192.168.7.254/31"'),
  })),
  {
    rule: 'a router stands in the network of the address',
    wrong: fixed('address = "192.168.7.5/24"\ngateway = "192.168.8.1"'),
    says: 'error network: gateway: 192.168.8.1 is not in the network of 192.168.7.5/24',
    right: fixed(
      'address = "192.168.7.5/24"\ngateway = "192.168.7.1"\nipv6 = "static"\nipv6_address = "fd00::5/64"\nipv6_gateway = "fe80::1"',
    ),
  },
  {
    rule: 'a router stands in the network of the address',
    wrong: fixed('address = "192.168.7.5/24"\ngateway = "192.168.7.5"'),
    says: 'error network: gateway: is the address of the box itself',
    right: fixed('address = "192.168.7.5/24"'),
  },
  {
    rule: 'name servers can be reached',
    wrong: network('method = "dhcp"\nipv6 = "off"\ndns = ["fd00::1"]'),
    says: 'error network: dns: names an IPv6 address, and ipv6 is off',
    right: network('method = "dhcp"\nipv6 = "off"\ndns = ["10.0.0.1"]'),
  },
  {
    rule: 'what is of a cable is not said of Wi-Fi',
    wrong: `${port('method = "peap"\npassword = "p"')}${wifi}`.replace(
      '[network]\n',
      '[network]\nvlan = 7\n',
    ),
    says: [
      'error network: vlan: is of a cable: leave it out with [network.wifi]',
      'error network: port_access: is of a cable: leave it out with [network.wifi]',
    ],
    right: `${network('method = "dhcp"')}${wifi}`,
  },
  {
    rule: '802.1X has what its method proves itself by',
    wrong: port('method = "peap"'),
    says: 'error network: port_access.password: is required with method = "peap"',
    right: port('method = "peap"\npassword = "secret"'),
  },
  {
    rule: '802.1X has what its method proves itself by',
    wrong: port('method = "eap-tls"'),
    says: 'error network: port_access.certificate_file: is required with method = "eap-tls"',
    right: port('method = "eap-tls"\ncertificate_file = "box.pem"'),
  },
]

describe('rules of [network]', () => {
  for (const { rule, wrong, says, right } of cases) {
    it(`${rule}: ${[says].flat()[0]}`, () => {
      assert.deepEqual(said(wrong), [says].flat())
      assert.deepEqual(said(right), [])
    })
  }

  it('are all told of here', () => {
    const told = new Set(cases.map(({ rule }) => rule))
    assert.deepEqual([...told].toSorted(), networkRules.map(({ name }) => name).toSorted())
  })

  it('say nothing of a document without it', () => {
    assert.deepEqual(said(''), [])
  })
})
