import type { Clock } from '../core/clock.ts'
import type { LearningSpool, OpenTakeOver, TakeOver } from '../core/learning.ts'
import { hour, type MonotonicMs, monotonicMs, wallMs } from '../core/time.ts'
import { NetworkSet, parseBlock } from '../platform/network.ts'

/** Longer nobody keeps a door open by hand. */
export const longestTakeOverMs = 2 * hour
/** Mail that may wait for adoption: a morning of a floor's printers, and what a small disk can spare. */
const mostMails = 200
const mostOctets = 200e6

export interface TakeOverParts {
  readonly clock: Clock
  readonly spool: Pick<LearningSpool, 'takeOver' | 'setTakeOver' | 'unadopted'>
}

interface Window extends TakeOver {
  readonly networks: NetworkSet
  readonly endsAt: MonotonicMs
}

/**
 * The window in which mail of unknown devices of a subnet is taken and held. It ends by the monotonic clock; on disk
 * stands the wall clock's time, for a restart. While that clock can't be believed after a restart, the window is shut.
 */
export class TakeOverWindow {
  readonly #parts: TakeOverParts
  #window: Window | undefined
  /** From before a restart, until the clock can tell how much of it is left. */
  #restored: TakeOver | undefined
  #placed = 0
  readonly #underWay = new Set<{ readonly octets: number }>()

  private constructor(parts: TakeOverParts, restored: TakeOver | undefined) {
    this.#parts = parts
    this.#restored = restored
  }

  static async restore(parts: TakeOverParts): Promise<TakeOverWindow> {
    return new TakeOverWindow(parts, await parts.spool.takeOver())
  }

  /** Undefined: nobody is let in. */
  open(): OpenTakeOver | undefined {
    const window = this.#now()
    if (!window) return undefined
    const { subnet, openedBy, endsAt } = window
    return { subnet, openedBy, leftMs: endsAt - this.#parts.clock.monotonic() }
  }

  covers(address: string): boolean {
    return this.#now()?.networks.has(address) ?? false
  }

  /** Places given so far. */
  get placed(): number {
    return this.#placed
  }

  /** Mails that have a place and are not on disk yet. */
  get underWay(): number {
    return this.#underWay.size
  }

  /** It ended by itself, and that is not written down yet. */
  get isOver(): boolean {
    return this.#now() === undefined && this.#window !== undefined
  }

  /** Replaces one that is open. `subnet` is a block that `parseBlock` reads. */
  async begin(subnet: string, forMs: number, openedBy: string): Promise<void> {
    const { clock, spool } = this.#parts
    const lastsMs = Math.min(forMs, longestTakeOverMs)
    const openedAt = clock.wall()
    const takeOver = { subnet, openedBy, openedAt, until: wallMs(openedAt + lastsMs) }
    await spool.setTakeOver(takeOver)
    this.#restored = undefined
    this.#window = this.#windowOf(takeOver, lastsMs)
  }

  /** Shut at once, whatever the disk does. */
  async end(): Promise<void> {
    this.#window = undefined
    this.#restored = undefined
    await this.#parts.spool.setTakeOver(undefined)
  }

  /**
   * Room for one more mail of so many octets among those that wait; undefined where there is none. Disposed when the mail
   * is on disk, or given up.
   */
  async place(octets: number): Promise<Disposable | undefined> {
    const place = { octets }
    this.#placed++
    this.#underWay.add(place)
    const giveUp = (): void => void this.#underWay.delete(place)
    const waiting = await this.#parts.spool.unadopted().catch((error: unknown) => {
      giveUp()
      throw error
    })
    const all = [...waiting, ...[...this.#underWay].map((mail) => ({ mails: 1, octets: mail.octets }))]
    const isFull = sum(all, 'mails') > mostMails || sum(all, 'octets') > mostOctets
    if (!isFull) return { [Symbol.dispose]: giveUp }
    giveUp()
    return undefined
  }

  #now(): Window | undefined {
    if (this.#restored) this.#resume(this.#restored)
    const window = this.#window
    return window && window.endsAt > this.#parts.clock.monotonic() ? window : undefined
  }

  /** A time before it was opened, or more left than it ever had: the clock was set meanwhile, and the window is over. */
  #resume(takeOver: TakeOver): void {
    const { clock } = this.#parts
    if (!clock.isBelievable()) return
    const leftMs = takeOver.until - clock.wall()
    const isPossible = leftMs <= takeOver.until - takeOver.openedAt && leftMs <= longestTakeOverMs
    this.#restored = undefined
    this.#window = this.#windowOf(takeOver, isPossible ? leftMs : 0)
  }

  #windowOf(takeOver: TakeOver, lastsMs: number): Window {
    const endsAt = monotonicMs(this.#parts.clock.monotonic() + lastsMs)
    return { ...takeOver, networks: new NetworkSet([takeOver.subnet]), endsAt }
  }
}

const sum = <K extends string>(rows: readonly Readonly<Record<K, number>>[], key: K): number =>
  rows.reduce((total, row) => total + row[key], 0)

/** Why a subnet can't be opened, in words; undefined if it can. Nothing outside of the trusted networks is. */
export function takeOverTrouble(subnet: string, trusted: readonly string[]): string | undefined {
  const block = parseBlock(subnet)
  if (!block) return `${subnet} is neither an address nor a network such as 192.168.7.0/24`
  if (new NetworkSet(trusted).covers(block)) return undefined
  return `${subnet} is in no trusted network as a whole: see gateway.trusted_networks`
}
