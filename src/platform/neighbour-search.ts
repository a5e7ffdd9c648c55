import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Clock } from '../core/clock.ts'
import { type Hardware, KernelNeighbours, type Neighbours } from './neighbours.ts'
import { isLoopback, isPrivate } from './network.ts'

/** RFC 863. Whatever listens there throws it away; the kernel has to ask for the hardware address first. */
const discardPort = 9
/** ARP and neighbour discovery answer within milliseconds, a sleeping network card within a second. */
const answerMs = 1500

export interface NeighbourSearchParts {
  readonly clock: Clock
  readonly neighbours?: Neighbours
  /** Sends one datagram. */
  readonly knock?: (address: string) => Promise<void>
  /** `/proc/net/arp`. */
  readonly table?: () => Promise<string>
}

/** Looks for one host in the box's own networks. */
export class KernelNeighbourSearch {
  readonly #clock: Clock
  readonly #neighbours: Neighbours
  readonly #knock: (address: string) => Promise<void>
  readonly #table: () => Promise<string>

  constructor({ clock, neighbours, knock, table }: NeighbourSearchParts) {
    this.#clock = clock
    this.#neighbours = neighbours ?? new KernelNeighbours()
    this.#knock = knock ?? sendOne
    this.#table = table ?? (() => readFile('/proc/net/arp', 'utf8'))
  }

  /** Where the table has no entry, one datagram to this one private address makes the kernel look. */
  async look(address: string): Promise<Hardware> {
    const first = await this.#neighbours.hardwareAt(address)
    if (first.kind !== 'unknown' || !isPrivate(address) || isLoopback(address)) return first
    await this.#knock(address)
    await this.#clock.sleep(answerMs)
    return this.#neighbours.hardwareAt(address)
  }

  async addressesOf(mac: string): Promise<readonly string[]> {
    const table = await this.#table().catch(() => '')
    return table
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3]?.toLowerCase() === mac.toLowerCase())
      .flatMap(([address = '']) => (isIP(address) === 4 ? [address] : []))
  }
}

/** Nobody has to answer, and a host that refuses is there, too: errors say nothing. */
export async function sendOne(address: string): Promise<void> {
  const { createSocket } = await import('node:dgram')
  return new Promise((resolve) => {
    const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4')
    const done = (): void => {
      socket.close(() => resolve())
    }
    socket.once('error', done)
    socket.send(new Uint8Array(1), discardPort, address, () => {
      socket.removeListener('error', done)
      socket.on('error', () => undefined)
      done()
    })
  })
}
