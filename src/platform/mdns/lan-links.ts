import { createSocket } from 'node:dgram'
import { BlockList, isIP } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import type { MdnsAir, MdnsLink, MdnsSender } from '../../core/local-name.ts'
import { type Family, type MdnsPlace, MdnsSocket, type MdnsSocketOptions } from './mdns-socket.ts'

export interface LanLinksOptions extends Pick<MdnsSocketOptions, 'onFault' | 'onTrouble'> {
  /** Of the machine by default. */
  readonly interfaces?: typeof networkInterfaces
  readonly createSocket?: MdnsSocketOptions['createSocket']
}

type Hear = Parameters<MdnsAir['listen']>[0]
type Sockets = Readonly<Record<Family, MdnsSocket>>

/**
 * Multicast DNS in every network that this machine is attached to. What is heard belongs to the link in whose networks its
 * sender is, and to none where a router was between (RFC 6762 section 11).
 */
export class LanLinks implements MdnsAir {
  readonly #interfaces: typeof networkInterfaces
  readonly #sockets: Sockets
  readonly #links = new Map<string, LanLink>()
  readonly #heard: Hear[] = []
  #attached = ''

  constructor(options: LanLinksOptions) {
    this.#interfaces = options.interfaces ?? networkInterfaces
    const socket = (family: Family): MdnsSocket =>
      new MdnsSocket({
        family,
        createSocket: options.createSocket ?? createSocket,
        hear: (octets, from) => this.#hear(octets, from),
        onFault: options.onFault,
        onTrouble: options.onTrouble,
      })
    this.#sockets = { udp4: socket('udp4'), udp6: socket('udp6') }
  }

  links(): readonly MdnsLink[] {
    const present = attached(this.#interfaces())
    const text = JSON.stringify([...present])
    // The memberships of before went with the addresses: the sockets are made anew.
    if (text !== this.#attached) this.leave()
    this.#attached = text
    this.#follow(present)
    this.#sockets.udp4.join(placesOf(present, 'IPv4'))
    this.#sockets.udp6.join(placesOf(present, 'IPv6'))
    return [...this.#links.values()].filter(({ isHeard }) => isHeard)
  }

  #follow(present: Present): void {
    for (const name of [...this.#links.keys()]) if (!present.has(name)) this.#links.delete(name)
    for (const [name, addresses] of present) {
      const link = this.#links.get(name) ?? new LanLink(name, this.#sockets)
      this.#links.set(name, link)
      link.have(addresses)
    }
  }

  listen(hear: Hear): void {
    this.#heard.push(hear)
  }

  #hear(octets: Uint8Array, from: MdnsSender): void {
    for (const link of this.#links.values())
      if (link.hasNeighbour(from.address)) for (const hear of this.#heard) hear(link.name, octets, from)
  }

  leave(): void {
    for (const socket of Object.values(this.#sockets)) socket.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave()
  }
}

type Present = ReadonlyMap<string, readonly NetworkInterfaceInfo[]>

const attached = (interfaces: ReturnType<typeof networkInterfaces>): Present =>
  new Map(
    Object.entries(interfaces).flatMap(([name, found = []]) => {
      const addresses = found.filter(({ internal }) => !internal)
      return addresses.length === 0 ? [] : [[name, addresses] as const]
    }),
  )

const placesOf = (present: Present, family: NetworkInterfaceInfo['family']): readonly MdnsPlace[] =>
  [...present].flatMap(([link, addresses]) => {
    const first = addresses.find((each) => each.family === family)
    return first === undefined ? [] : [{ link, address: first.address }]
  })

class LanLink implements MdnsLink {
  readonly name: string
  readonly #sockets: Sockets
  #present: readonly NetworkInterfaceInfo[] = []
  #neighbours = new BlockList()

  constructor(name: string, sockets: Sockets) {
    this.name = name
    this.#sockets = sockets
  }

  get isHeard(): boolean {
    return Object.values(this.#sockets).some((socket) => socket.hears(this.name))
  }

  addresses(): readonly string[] {
    return this.#present.map(({ address }) => address)
  }

  have(present: readonly NetworkInterfaceInfo[]): void {
    this.#present = present
    this.#neighbours = new BlockList()
    for (const { cidr, address, family } of present)
      this.#neighbours.addSubnet(
        address,
        Number(cidr?.split('/')[1] ?? 128),
        family === 'IPv4' ? 'ipv4' : 'ipv6',
      )
  }

  hasNeighbour(from: string): boolean {
    const [address = '', zone] = from.split('%')
    if (zone !== undefined && zone !== this.name) return false
    return this.#neighbours.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
  }

  say(octets: Uint8Array): void {
    for (const socket of Object.values(this.#sockets)) socket.say(this.name, octets)
  }

  reply(octets: Uint8Array, to: MdnsSender): void {
    this.#sockets[isIP(to.address.replace(/%.*$/, '')) === 4 ? 'udp4' : 'udp6'].send(octets, to)
  }
}
