import { isIP } from 'node:net'
import { NetworkSet, parseBlock } from '../platform/network.ts'
import type { Rule } from './candidate.ts'
import { error, type Problem } from './problem.ts'
import type { NetworkDocument } from './schema.ts'

type Key = keyof NetworkDocument | 'port_access.password' | 'port_access.certificate_file'
const problem = (key: Key, sentence: string): Problem => error(`network: ${key}`, sentence)

/** A rule of `[network]`; of an absent table there is nothing to say. */
const rule = (name: string, judge: (network: NetworkDocument) => readonly Problem[]): Rule => ({
  name,
  check: ({ document }) => (document.network ? judge(document.network) : []),
})

const addressesFitTheirMethod = rule('addresses stand where they are set by hand', (network) => [
  ...fits(network.method === 'static', 'address', network.address, 'method = "static"'),
  ...(network.method === 'dhcp' && network.gateway !== ''
    ? [problem('gateway', 'is told by DHCP: leave it out, or set method = "static"')]
    : []),
  ...fits(network.ipv6 === 'static', 'ipv6_address', network.ipv6_address, 'ipv6 = "static"'),
  ...(network.ipv6 !== 'static' && network.ipv6_gateway !== ''
    ? [problem('ipv6_gateway', 'stands with ipv6 = "static" only')]
    : []),
])

function fits(isByHand: boolean, key: Key, value: string, setting: string): readonly Problem[] {
  if (isByHand && value === '') return [problem(key, `is required with ${setting}`)]
  return !isByHand && value !== '' ? [problem(key, `stands with ${setting} only`)] : []
}

/** What a host may have in a network of its own (RFC 1122 section 3.2.1.3, RFC 4291). */
const impossible = new NetworkSet([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '224.0.0.0/3',
  '::/127',
  'ff00::/8',
  'fe80::/10',
])

const addressesCanBe = rule('an address is one that a host may have', (network) => [
  ...judgeAddress('address', network.address),
  ...judgeAddress('ipv6_address', network.ipv6_address),
])

function judgeAddress(key: Key, text: string): readonly Problem[] {
  const block = parseBlock(text)
  if (block === undefined) return []
  if (impossible.has(block.address)) return [problem(key, `${block.address} can't be the address of a box`)]
  if (block.prefix === 0) return [problem(key, 'names no network: write it as 192.168.7.5/24')]
  if (block.family === 'ipv6' || block.prefix > 30) return []
  const hostBits = hostPart(block.address, block.prefix)
  if (hostBits === 0) return [problem(key, `${block.address} is the name of its network: choose another`)]
  if (hostBits === 2 ** (32 - block.prefix) - 1)
    return [problem(key, `${block.address} is the broadcast address of its network: choose another`)]
  return []
}

function hostPart(address: string, prefix: number): number {
  const whole = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
  return whole % 2 ** (32 - prefix)
}

const gatewaysAreNear = rule('a router stands in the network of the address', (network) => [
  ...judgeGateway('gateway', network.gateway, network.address),
  ...judgeGateway('ipv6_gateway', network.ipv6_gateway, network.ipv6_address),
])

function judgeGateway(key: Key, gateway: string, address: string): readonly Problem[] {
  if (gateway === '' || address === '' || new NetworkSet(['fe80::/10']).has(gateway)) return []
  if (parseBlock(address)?.address === gateway) return [problem(key, 'is the address of the box itself')]
  return new NetworkSet([address]).has(gateway)
    ? []
    : [problem(key, `${gateway} is not in the network of ${address}`)]
}

const nameServersAreNear = rule('name servers can be reached', (network) =>
  network.dns.some((address) => isIP(address) === 6) && network.ipv6 === 'off'
    ? [problem('dns', 'names an IPv6 address, and ipv6 is off')]
    : [],
)

const wifiStandsAlone = rule('what is of a cable is not said of Wi-Fi', (network) =>
  network.wifi === undefined
    ? []
    : [
        ...(network.vlan > 0 ? [problem('vlan', 'is of a cable: leave it out with [network.wifi]')] : []),
        ...(network.port_access
          ? [problem('port_access', 'is of a cable: leave it out with [network.wifi]')]
          : []),
      ],
)

const portAccessIsWhole = rule('802.1X has what its method proves itself by', ({ port_access: port }) => {
  if (port === undefined) return []
  if (port.method === 'peap')
    return port.password === undefined
      ? [problem('port_access.password', 'is required with method = "peap"')]
      : []
  return port.certificate_file === ''
    ? [problem('port_access.certificate_file', 'is required with method = "eap-tls"')]
    : []
})

export const networkRules: readonly Rule[] = [
  addressesFitTheirMethod,
  addressesCanBe,
  gatewaysAreNear,
  nameServersAreNear,
  wifiStandsAlone,
  portAccessIsWhole,
]
