// What this process dials: Node tells of each socket when it is made, whoever makes it.
import type { Socket as UdpSocket } from 'node:dgram'
import { channel } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** Ports that this process dialled while it was watched. Names that c-ares asks for are not among them. */
export class Dialled implements Disposable {
  readonly tcp = new Set<number>()
  readonly udp = new Set<number>()
  #isOthers = false

  readonly #noteTcp = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket } // what Node documents for this channel
    if (this.#isOthers) return
    socket.on('connectionAttempt', (_address: string, port: number | undefined) => {
      // A socket of this machine has no port.
      if (port !== undefined) this.tcp.add(port)
    })
  }

  readonly #noteUdp = (message: unknown): void => {
    const { socket } = message as { readonly socket: UdpSocket } // likewise
    if (this.#isOthers) return
    const send = socket.send.bind(socket) as (...given: unknown[]) => void
    const noting = (...given: unknown[]): void => {
      const port = given.slice(1).findLast((one) => typeof one === 'number')
      if (typeof port === 'number') this.udp.add(port)
      send(...given)
    }
    socket.send = noting as UdpSocket['send']
  }

  constructor() {
    channel('net.client.socket').subscribe(this.#noteTcp)
    channel('udp.socket').subscribe(this.#noteUdp)
  }

  /** What `dial` opens is not the gateway's. */
  not<T>(dial: () => T): T {
    this.#isOthers = true
    try {
      return dial()
    } finally {
      this.#isOthers = false
    }
  }

  [Symbol.dispose](): void {
    channel('net.client.socket').unsubscribe(this.#noteTcp)
    channel('udp.socket').unsubscribe(this.#noteUdp)
  }
}
