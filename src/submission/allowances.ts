import type { Clock } from '../core/clock.ts'
import { second } from '../core/time.ts'

const mostAddresses = 4096

/** Tokens that come back with time. */
export class Allowance {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #most: number
  #left: number
  #at: number
  #lastTaken = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, perSecond: number, most: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#most = most
    this.#left = most
    this.#at = clock.monotonic()
  }

  /** Monotonic time when one was taken last. */
  get lastTaken(): number {
    return this.#lastTaken
  }

  /** How long until there is one, in ms; 0: there is. */
  waitMs(): number {
    const now = this.#clock.monotonic()
    this.#left = Math.min(this.#most, this.#left + ((now - this.#at) / second) * this.#perSecond)
    this.#at = now
    return this.#left >= 1 ? 0 : Math.ceil(((1 - this.#left) / this.#perSecond) * second)
  }

  /** Whoever has not asked may take one too: there are none left then. */
  take(): void {
    this.#left = Math.max(0, this.#left - 1)
    this.#lastTaken = this.#clock.monotonic()
  }
}

/** An allowance for each address; those that were asked for longest ago are forgotten. */
export class Allowances {
  readonly #make: () => Allowance
  readonly #of = new Map<string, Allowance>()

  constructor(clock: Clock, perSecond: number, most: number) {
    this.#make = () => new Allowance(clock, perSecond, most)
  }

  of(address: string): Allowance {
    const allowance = this.#of.get(address) ?? this.#make()
    this.#of.delete(address)
    this.#of.set(address, allowance)
    const [oldest] = this.#of.keys()
    if (this.#of.size > mostAddresses && oldest !== undefined) this.#of.delete(oldest)
    return allowance
  }
}
