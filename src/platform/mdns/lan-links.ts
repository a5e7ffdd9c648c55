import { createSocket, type Socket } from 'node:dgram'
import { BlockList, isIP } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { type MdnsAir, type MdnsLink, type MdnsSender, mdnsGroups, mdnsPort } from '../../core/local-name.ts'

type Family = keyof typeof mdnsGroups
type Hear = (link: string, octets: Uint8Array, from: MdnsSender) => void

export interface LanLinksOptions {
  /** A family that the machine has not, or a port that somebody else keeps to himself. */
  readonly onTrouble: (detail: string) => void
}

/** RFC 6762 section 11: who hears less knows that a router was between. */
const hops = 255

/**
 * Multicast DNS in every network that this machine is attached to. A socket for each link and family: what it says leaves
 * by its link. The kernel gives each of them what came by any: only who sits in the link is heard, as the RFC wants it
 * (section 11).
 */
export function openLanLinks({ onTrouble }: LanLinksOptions): MdnsAir {
  const heard: Hear[] = []
  const links = new Map<string, LanLink>()
  const tell: Hear = (link, octets, from) => {
    for (const hear of heard) hear(link, octets, from)
  }
  return {
    links() {
      const present = attached()
      for (const [name, link] of links)
        if (!present.has(name)) {
          link.close()
          links.delete(name)
        }
      for (const [name, addresses] of present) {
        const link = links.get(name) ?? new LanLink(name, tell, onTrouble)
        links.set(name, link)
        link.have(addresses)
      }
      return [...links.values()].filter((link) => link.isOpen)
    },
    listen: (hear) => void heard.push(hear),
    async [Symbol.asyncDispose]() {
      for (const link of links.values()) link.close()
    },
  }
}

const attached = (): ReadonlyMap<string, readonly NetworkInterfaceInfo[]> =>
  new Map(
    Object.entries(networkInterfaces()).flatMap(([name, found = []]) => {
      const addresses = found.filter(({ internal }) => !internal)
      return addresses.length === 0 ? [] : [[name, addresses] as const]
    }),
  )

class LanLink implements MdnsLink {
  readonly name: string
  readonly #tell: Hear
  readonly #onTrouble: LanLinksOptions['onTrouble']
  readonly #sockets = new Map<Family, Socket>()
  #present: readonly NetworkInterfaceInfo[] = []
  #neighbours = new BlockList()
  #joined = ''
  #isTroubleTold = false

  constructor(name: string, tell: Hear, onTrouble: LanLinksOptions['onTrouble']) {
    this.name = name
    this.#tell = tell
    this.#onTrouble = onTrouble
  }

  get isOpen(): boolean {
    return this.#sockets.size > 0
  }

  addresses(): readonly string[] {
    return this.#present.map(({ address }) => address)
  }

  have(present: readonly NetworkInterfaceInfo[]): void {
    this.#present = present
    const text = present.map(({ cidr }) => cidr).join(' ')
    if (text === this.#joined && this.isOpen) return
    this.#joined = text
    this.#neighbours = new BlockList()
    for (const { cidr, address, family } of present)
      this.#neighbours.addSubnet(
        address,
        Number(cidr?.split('/')[1] ?? 128),
        family === 'IPv4' ? 'ipv4' : 'ipv6',
      )
    // The memberships of before went with the addresses: the sockets are made anew.
    this.close()
    if (present.some(({ family }) => family === 'IPv4')) this.#open('udp4')
    if (present.some(({ family }) => family === 'IPv6')) this.#open('udp6')
  }

  #open(family: Family): void {
    const socket = createSocket({
      type: family,
      reuseAddr: true,
      // Addresses alone: sent within the call, so that a goodbye is out before its socket is closed.
      lookup: (address, _, done) => done(null, address, family === 'udp4' ? 4 : 6),
      ...(family === 'udp6' && { ipv6Only: true }),
    })
    const fail = (error: unknown): void => {
      if (!this.#isTroubleTold) this.#onTrouble(`${this.name} ${family}: ${String(error)}`)
      this.#isTroubleTold = true
      this.#drop(family, socket)
    }
    socket.on('error', fail)
    socket.on('message', (octets, { address, port }) => {
      if (this.#isNeighbour(address)) this.#tell(this.name, octets, { address, port })
    })
    this.#sockets.set(family, socket)
    // A gateway that is told to stop does not wait for neighbours.
    socket.unref()
    socket.bind(mdnsPort, () => {
      try {
        const link = this.#linkFor(family)
        socket.addMembership(mdnsGroups[family], link)
        socket.setMulticastInterface(link)
        socket.setMulticastTTL(hops)
        socket.setTTL(hops)
      } catch (error) {
        fail(error)
      }
    })
  }

  #drop(family: Family, socket: Socket): void {
    if (this.#sockets.get(family) !== socket) return
    this.#sockets.delete(family)
    socket.close()
  }

  #linkFor(family: Family): string {
    if (family === 'udp6') return `::%${this.name}`
    return this.#present.find((each) => each.family === 'IPv4')?.address ?? ''
  }

  #isNeighbour(from: string): boolean {
    const [address = '', zone] = from.split('%')
    if (zone !== undefined && zone !== this.name) return false
    return this.#neighbours.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
  }

  say(octets: Uint8Array): void {
    for (const [family, socket] of this.#sockets)
      socket.send(
        octets,
        mdnsPort,
        family === 'udp6' ? `${mdnsGroups.udp6}%${this.name}` : mdnsGroups.udp4,
        () => {},
      )
  }

  reply(octets: Uint8Array, { address, port }: MdnsSender): void {
    this.#sockets
      .get(isIP(address.replace(/%.*$/, '')) === 4 ? 'udp4' : 'udp6')
      ?.send(octets, port, address, () => {})
  }

  close(): void {
    for (const [family, socket] of [...this.#sockets]) this.#drop(family, socket)
  }
}
