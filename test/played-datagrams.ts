import { createSocket, type Socket, type SocketOptions } from 'node:dgram'

type Family = 'udp4' | 'udp6'

interface SentDatagram {
  readonly family: Family
  readonly octets: Buffer
  readonly port: number
  readonly address: string
}

/** Node's own sockets, which refuse what Node refuses, and of which no datagram leaves: the test is their network. */
export class PlayedDatagrams {
  readonly sent: SentDatagram[] = []
  /** Families whose port the system does not give now. */
  readonly denied = new Set<Family>()
  /** Links or addresses that the system does not join now. */
  readonly unjoinable = new Set<string>()
  readonly joined: string[] = []
  readonly #open = new Map<Family, Socket>()

  get families(): readonly Family[] {
    return [...this.#open.keys()]
  }

  readonly createSocket = (options: SocketOptions): Socket => {
    const family = options.type === 'udp6' ? 'udp6' : 'udp4'
    const socket = createSocket(options)
    const [send, close] = [socket.send.bind(socket), socket.close.bind(socket)]
    return Object.assign(socket, {
      bind: (port: number, isBound?: () => void) => {
        // A send asks for any port, and waits for it for ever.
        if (typeof port !== 'number') return socket
        if (this.denied.has(family)) socket.emit('error', new Error('bind EADDRINUSE'))
        else {
          this.#open.set(family, socket)
          isBound?.()
        }
        return socket
      },
      addMembership: (_: string, place = '') => {
        if (this.unjoinable.has(place)) throw new Error('addMembership ENODEV')
        this.joined.push(place)
      },
      setMulticastInterface: () => {},
      setMulticastTTL: () => 0,
      setTTL: () => 0,
      send: (octets: Buffer, port: number, address: string) => {
        send(octets, port, address)
        this.sent.push({ family, octets, port, address })
      },
      close: () => {
        if (this.#open.get(family) === socket) this.#open.delete(family)
        return close()
      },
    })
  }

  /** To the port, over the family of who sent it. */
  tell(octets: Uint8Array, address: string, port: number): void {
    const family = address.includes(':') ? 'udp6' : 'udp4'
    const from = { address, port, family: family === 'udp6' ? 'IPv6' : 'IPv4', size: octets.length } as const
    this.#open.get(family)?.emit('message', Buffer.from(octets), from)
  }
}
