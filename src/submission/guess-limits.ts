import type { Clock } from '../core/clock.ts'
import { minute } from '../core/time.ts'

const windowMs = 10 * minute
/** Generous: a panel whose password was just changed tries the old one for a while. */
const mostGuesses = 30
const firstDelayMs = 250
const longestDelayMs = 4000
const mostAddresses = 4096

/** Wrong passwords by address: answered ever slower, then not at all for some minutes. */
export class GuessLimits {
  readonly #clock: Clock
  readonly #failures = new Map<string, number[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isTooMany(address: string): boolean {
    return this.#recent(address).length >= mostGuesses
  }

  /** Counts a failure; how long its answer waits, in ms. */
  fail(address: string): number {
    const times = [...this.#recent(address), this.#clock.monotonic()]
    this.#failures.delete(address)
    this.#failures.set(address, times)
    const [oldest] = this.#failures.keys()
    if (this.#failures.size > mostAddresses && oldest !== undefined) this.#failures.delete(oldest)
    return Math.min(firstDelayMs * 2 ** (times.length - 1), longestDelayMs)
  }

  succeed(address: string): void {
    this.#failures.delete(address)
  }

  #recent(address: string): number[] {
    const from = this.#clock.monotonic() - windowMs
    return (this.#failures.get(address) ?? []).filter((at) => at > from)
  }
}
