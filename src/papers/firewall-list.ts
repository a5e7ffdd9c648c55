import type { Destination } from '../core/destinations.ts'
import { mdnsGroups, mdnsPort } from '../core/local-name.ts'
import { twinGroups, twinPort } from '../core/twin.ts'
import { textTable } from './text-table.ts'

export interface Entrance {
  readonly what: string
  readonly address: string
  readonly port: number
}

export interface FirewallFacts {
  readonly box: string
  readonly destinations: readonly Destination[]
  /** Of ways out that are switched off. */
  readonly later: readonly Destination[]
  readonly entrances: readonly Entrance[]
}

const purposes: Readonly<Record<Destination['purpose'], string>> = {
  mail: 'hands over mail',
  'sign-in': 'gets tokens from Entra',
  renewal: 'renews its certificate',
  reports: 'reads delivery reports',
  alerts: 'sends alerts',
  backup: 'keeps the nightly copies',
  update: 'fetches updates',
  proxy: 'HTTPS through the proxy',
}

/** What the network's administrator opens for the box, and nothing else. */
export function firewallList({ box, destinations, later, entrances }: FirewallFacts): string {
  const direct = destinations.filter(({ isBehindProxy }) => !isBehindProxy)
  const proxied = destinations.filter(({ isBehindProxy }) => isBehindProxy)
  return [
    `Firewall list of the mail gateway "${box}"`,
    '',
    'The box dials only what stands here. Names, not addresses: Microsoft changes the addresses without notice.',
    '',
    'From the box to the outside:',
    ...(direct.length === 0
      ? ['  nothing: it has no way out yet']
      : indent(textTable(['TO', 'PORT', 'PROTOCOL', 'FOR', 'WHY'], direct.map(rowOf)))),
    ...(proxied.length === 0
      ? []
      : [
          '',
          'Through the proxy, which has to let these names pass unopened:',
          ...indent(textTable(['TO', 'PORT', 'PROTOCOL', 'FOR', 'WHY'], proxied.map(rowOf))),
        ]),
    ...(later.length === 0
      ? []
      : [
          '',
          'Not dialled yet, but as soon as a way out is used that is switched off now:',
          ...indent(textTable(['TO', 'PORT', 'PROTOCOL', 'FOR', 'WHY'], later.map(rowOf))),
        ]),
    '',
    'From the box to servers of the network, by the operating system:',
    '  the DNS servers of the network, port 53, UDP and TCP; a time server, port 123, UDP',
    '',
    'From the box to devices, when somebody asks for it:',
    '  port 9100, TCP, to print the card of a device on its own paper; port 9, UDP, one datagram to look for a device',
    '',
    'Between boxes of one identity, within the link only (multicast, both ways):',
    `  ${twinGroups.udp6} and ${twinGroups.udp4}, port ${twinPort}, UDP`,
    '',
    'Its name in the local network, within the link only (multicast DNS, both ways; who asks there is also answered alone):',
    `  ${mdnsGroups.udp6} and ${mdnsGroups.udp4}, port ${mdnsPort}, UDP; to who asked: from port ${mdnsPort}, UDP`,
    '',
    'From the devices to the box:',
    ...indent(
      textTable(
        ['PORT', 'AT', 'WHAT'],
        entrances.map(({ what, address, port }) => [
          port === 0 ? 'chosen at start' : String(port),
          address,
          what,
        ]),
      ),
    ),
    '',
    'Nothing on the Internet needs to reach the box.',
    '',
  ].join('\n')
}

const rowOf = ({ host, port, protocol, purpose, upstream }: Destination): readonly string[] => [
  host,
  String(port),
  protocol.toUpperCase(),
  upstream ?? 'the box',
  purposes[purpose],
]

const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`)
