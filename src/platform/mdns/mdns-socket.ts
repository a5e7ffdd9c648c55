import type { Socket, SocketOptions } from 'node:dgram'
import { type MdnsSender, mdnsGroups, mdnsPort } from '../../core/local-name.ts'

export type Family = keyof typeof mdnsGroups

export interface MdnsSocketOptions {
  readonly family: Family
  readonly createSocket: (options: SocketOptions) => Socket
  readonly hear: (octets: Uint8Array, from: MdnsSender) => void
  /** Something that was heard could not be dealt with, by our fault: the process goes on. */
  readonly onFault: (error: unknown) => void
  /** Once until it works. */
  readonly onTrouble: (detail: string) => void
}

/** A link, and the box's address there: IPv4 knows links by addresses. */
export interface MdnsPlace {
  readonly link: string
  readonly address: string
}

/** RFC 6762 section 11: who hears less knows that a router was between. */
const hops = 255

/**
 * Multicast DNS over one family, in all links. The port is shared with others, and what is sent to the box alone is heard by
 * one socket of them all, the kernel says which: one for each link would not hear what came by its own.
 */
export class MdnsSocket {
  readonly #options: MdnsSocketOptions
  #socket: Socket | undefined
  #places: readonly MdnsPlace[] = []
  /** Addresses by link. */
  readonly #joined = new Map<string, string>()
  readonly #told = new Set<string>()

  constructor(options: MdnsSocketOptions) {
    this.#options = options
  }

  hears(link: string): boolean {
    return this.#joined.has(link)
  }

  /** What did not work the last time is tried again. */
  join(places: readonly MdnsPlace[]): void {
    this.#places = places
    if (places.length === 0) this.close()
    else if (this.#socket) this.#joinRest(this.#socket)
    else this.#open()
  }

  #open(): void {
    const { family } = this.#options
    const socket = this.#options.createSocket({
      type: family,
      reuseAddr: true,
      // Addresses alone: sent within the call, so that a goodbye is out before its socket is closed.
      lookup: (address, _, done) => done(null, address, family === 'udp4' ? 4 : 6),
      ...(family === 'udp6' && { ipv6Only: true }),
    })
    this.#socket = socket
    socket.on('error', (error) => this.#fail(socket, error))
    socket.on('message', (octets, { address, port }) => this.#hear(octets, { address, port }))
    // A gateway that is told to stop does not wait for neighbours.
    socket.unref()
    socket.bind(mdnsPort, () => {
      try {
        socket.setMulticastTTL(hops)
        socket.setTTL(hops)
        this.#told.delete(family)
        this.#joinRest(socket)
      } catch (error) {
        this.#fail(socket, error)
      }
    })
  }

  /** Anybody in the LAN may send anything: nothing of it ends the process. */
  #hear(octets: Uint8Array, from: MdnsSender): void {
    // Who has no port can not be answered (RFC 768); Node throws where it is tried.
    if (from.port === 0) return
    try {
      this.#options.hear(octets, from)
    } catch (error) {
      this.#options.onFault(error)
    }
  }

  #joinRest(socket: Socket): void {
    const { family } = this.#options
    for (const { link, address } of this.#places.filter((place) => !this.hears(place.link)))
      try {
        socket.addMembership(mdnsGroups[family], family === 'udp6' ? `::%${link}` : address)
        this.#joined.set(link, address)
        this.#told.delete(link)
      } catch (error) {
        this.#tell(link, error)
      }
  }

  #fail(socket: Socket, error: unknown): void {
    this.#tell(this.#options.family, error)
    if (this.#socket === socket) this.close()
  }

  #tell(where: string, error: unknown): void {
    const { family, onTrouble } = this.#options
    if (!this.#told.has(where)) onTrouble(`${where === family ? '' : `${where} `}${family}: ${String(error)}`)
    this.#told.add(where)
  }

  /** To everybody in the link. */
  say(link: string, octets: Uint8Array): void {
    const [socket, address] = [this.#socket, this.#joined.get(link)]
    if (!socket || address === undefined) return
    if (this.#options.family === 'udp6') {
      this.send(octets, { address: `${mdnsGroups.udp6}%${link}`, port: mdnsPort })
      return
    }
    // One that waits leaves by the link that is set when its turn comes: rather this one is lost, as datagrams are.
    if (socket.getSendQueueCount() > 0) return
    try {
      socket.setMulticastInterface(address)
    } catch (error) {
      // The address went, and the link is joined anew at the next look.
      this.#tell(link, error)
      return
    }
    this.send(octets, { address: mdnsGroups.udp4, port: mdnsPort })
  }

  send(octets: Uint8Array, { address, port }: MdnsSender): void {
    this.#socket?.send(octets, port, address, () => {})
  }

  close(): void {
    this.#joined.clear()
    this.#socket?.close()
    this.#socket = undefined
  }
}
