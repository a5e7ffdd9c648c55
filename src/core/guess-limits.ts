import type { Clock } from './clock.ts'
import { minute } from './time.ts'

const windowMs = 10 * minute
/** Generous: a panel whose password was just changed tries the old one for a while. */
const mostGuesses = 20
const firstDelayMs = 250
export const longestDelayMs = 4000
const mostKeys = 4096

interface Guesses {
  /** When wrong ones came, oldest first; the last `mostGuesses` of them. */
  readonly failures: readonly number[]
  /** When one was looked at last. */
  readonly lastTry: number
}

/**
 * Wrong passwords by what they were said for, an account or an address: each answered slower than the one before; after
 * twenty within ten minutes one attempt every 4 s is looked at, the others are turned away unseen. Nothing is locked: the
 * right password signs in at the next of these turns.
 */
export class GuessLimits {
  readonly #clock: Clock
  /** The one that guessed longest ago first. */
  readonly #guesses = new Map<string, Guesses>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether this attempt may be looked at; that it is takes the turn. */
  mayTry(key: string): boolean {
    const failures = this.#recent(key)
    if (failures.length < mostGuesses) return true
    const now = this.#clock.monotonic()
    if (now - (this.#guesses.get(key)?.lastTry ?? 0) < longestDelayMs) return false
    this.#guesses.set(key, { failures, lastTry: now })
    return true
  }

  /** Counts a failure; how long its answer waits, in ms. */
  fail(key: string): number {
    const now = this.#clock.monotonic()
    const failures = [...this.#recent(key), now].slice(-mostGuesses)
    this.#guesses.delete(key)
    this.#guesses.set(key, { failures, lastTry: now })
    const [oldest] = this.#guesses.keys()
    if (this.#guesses.size > mostKeys && oldest !== undefined) this.#guesses.delete(oldest)
    return Math.min(firstDelayMs * 2 ** (failures.length - 1), longestDelayMs)
  }

  succeed(key: string): void {
    this.#guesses.delete(key)
  }

  /** Whether there was a wrong one lately. */
  hasFailed(key: string): boolean {
    return this.#recent(key).length > 0
  }

  /** Wrong ones lately. */
  failures(key: string): number {
    return this.#recent(key).length
  }

  #recent(key: string): readonly number[] {
    const from = this.#clock.monotonic() - windowMs
    return (this.#guesses.get(key)?.failures ?? []).filter((at) => at > from)
  }
}
