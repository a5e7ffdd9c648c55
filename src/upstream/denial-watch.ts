import type { Clock } from '../core/clock.ts'
import { minute } from '../core/time.ts'

const denialsBeforePause = 3
const durationBeforePause = 10 * minute

/**
 * Tells a passing refusal from a lasting one. Azure answers 401 `Denied` or 403 while a new role spreads and, rarely,
 * with nothing wrong at all; only three in a row over ten minutes say that key or role are really gone.
 */
export class DenialWatch {
  readonly #clock: Clock
  #denials = 0
  #since = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts one refusal; true once it is to be believed. */
  denied(): boolean {
    if (this.#denials === 0) this.#since = this.#clock.monotonic()
    this.#denials += 1
    return this.#isLasting()
  }

  /** The service let us in. */
  admitted(): void {
    this.#denials = 0
  }

  #isLasting(): boolean {
    return this.#denials >= denialsBeforePause && this.#clock.monotonic() - this.#since >= durationBeforePause
  }
}
