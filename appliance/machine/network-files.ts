import type { NetworkWish } from '../../src/core/machine-network.ts'
import { supplicantFiles } from './supplicant-files.ts'

/** A file below `/run`. */
export interface RunFile {
  readonly path: string
  readonly text: string
  /** Root alone reads it; else systemd's services do, too. */
  readonly isSecret?: boolean
}

/** The machine's ports; undefined: it has none of the kind. */
export interface Links {
  readonly wired: string | undefined
  readonly wireless: string | undefined
}

export const vlanName = (id: number): string => `vlan${id}`
const folder = 'systemd/network'
/** Before what a distribution ships: systemd-networkd takes the first file that matches (systemd.network(5)). */
const ahead = '05-inkpost'

/** The link that the addresses of a wish are on. */
export function linkOf(wish: NetworkWish, { wired, wireless }: Links): string | undefined {
  if (wish.wifi) return wireless
  return wish.vlan > 0 && wired !== undefined ? vlanName(wish.vlan) : wired
}

/** Everything that systemd-networkd and wpa_supplicant are told of a wish. */
export function networkFiles(wish: NetworkWish, links: Links): readonly RunFile[] {
  const { wired, wireless } = links
  if (wish.wifi)
    return [
      ...(wireless === undefined ? [] : [network('wireless', wireless, addressing(wish))]),
      ...(wired === undefined ? [] : [network('cable', wired, besideWifi)]),
      ...supplicantFiles(wish, links),
    ]
  if (wired === undefined) return []
  if (wish.vlan === 0) return [network('cable', wired, addressing(wish)), ...supplicantFiles(wish, links)]
  const name = vlanName(wish.vlan)
  return [
    network(
      'cable',
      wired,
      section('Network', { VLAN: name, LinkLocalAddressing: 'no', IPv6AcceptRA: 'no' }),
    ),
    {
      path: `${folder}/${ahead}-vlan.netdev`,
      text: [section('NetDev', { Name: name, Kind: 'vlan' }), section('VLAN', { Id: wish.vlan })].join('\n'),
    },
    network('vlan', name, addressing(wish)),
    ...supplicantFiles(wish, links),
  ]
}

function network(kind: string, link: string, text: string): RunFile {
  return {
    path: `${folder}/${ahead}-${kind}.network`,
    text: [section('Match', { Name: link }), text].join('\n'),
  }
}

type Values = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** Empty texts, empty lists and undefined are left out. */
function section(name: string, values: Values): string {
  const lines = Object.entries(values).flatMap(([key, value]) => {
    const list = Array.isArray(value) ? value : [value ?? '']
    return list.filter((each) => each !== '').map((each) => `${key}=${each}\n`)
  })
  return `[${name}]\n${lines.join('')}`
}

/** A cable that is plugged in beside Wi-Fi is better than it. */
const besideWifi = section('Network', { DHCP: 'ipv4', MulticastDNS: 'resolve', LLMNR: 'no' })

function addressing(wish: NetworkWish): string {
  const { ipv6, dns, ntp } = wish
  const own = { UseDNS: dns.length > 0 ? 'no' : undefined, UseNTP: ntp.length > 0 ? 'no' : undefined }
  const isWireless = wish.wifi !== null
  return [
    section('Network', {
      DHCP: wish.method === 'dhcp' ? 'ipv4' : 'no',
      LinkLocalAddressing: ipv6 === 'off' ? 'no' : 'ipv6',
      IPv6AcceptRA: ipv6 === 'auto' ? 'yes' : 'no',
      Address: [wish.address, wish.ipv6Address],
      Gateway: [wish.gateway, wish.ipv6Gateway],
      DNS: dns,
      NTP: ntp,
      // Names of others; the gateway tells its own (decision 42).
      MulticastDNS: 'resolve',
      LLMNR: 'no',
    }),
    section('DHCPv4', {
      // The same lease after a restart, and after this very file changed: printers hold the address.
      SendRelease: 'no',
      // Routers reserve addresses by hardware address.
      ClientIdentifier: 'mac',
      ...own,
      RouteMetric: isWireless ? 2048 : undefined,
    }),
    section('DHCPv6', own),
    section('IPv6AcceptRA', { UseDNS: own.UseDNS }),
  ].join('\n')
}
