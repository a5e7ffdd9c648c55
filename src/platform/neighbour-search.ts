import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Clock } from '../core/clock.ts'
import { second } from '../core/time.ts'
import { arpEntries, type Hardware, KernelNeighbours, type Neighbours } from './neighbours.ts'
import { isLoopback, isPrivate } from './network.ts'

/** RFC 863. Whatever listens there throws it away; the kernel has to ask for the hardware address first. */
const discardPort = 9
/** ARP and neighbour discovery answer within milliseconds, a sleeping network card within a second. */
const answerMs = 1500
/**
 * An entry of the table stays for days after its host was switched off. Asked for it, the kernel believes it for 5 s more,
 * asks three times, and calls it failed (delay_first_probe_time, ucast_solicit of Linux' ip-sysctl): measured, 9 s.
 */
const disbeliefMs = 10 * second

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

  /** One datagram to this one private address makes the kernel look, also where it has an entry. Takes up to 10 s. */
  async look(address: string): Promise<Hardware> {
    const first = await this.#neighbours.hardwareAt(address)
    if (first.kind === 'routed' || !isPrivate(address) || isLoopback(address)) return first
    await this.#knock(address)
    await this.#clock.sleep(first.kind === 'known' ? disbeliefMs : answerMs)
    return this.#neighbours.hardwareAt(address)
  }

  async addressesOf(mac: string): Promise<readonly string[]> {
    const table = await this.#table().catch(() => '')
    return [...arpEntries(table)].flatMap(([address, its]) => (its === mac.toLowerCase() ? [address] : []))
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
