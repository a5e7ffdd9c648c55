import type { Clock } from '../core/clock.ts'
import { type MonotonicMs, minute } from '../core/time.ts'

/** So long everything has to be well without a break before a version is called good. */
export const healthyForMs = 3 * minute

/** Of a version on trial: a box that comes up, takes a mail and falls over is not healthy. */
export class HealthTrial {
  readonly #clock: Clock
  #since: MonotonicMs | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `trouble`: empty where nothing is wrong now. True: it is good. */
  look(trouble: string): boolean {
    if (trouble !== '') {
      this.#since = undefined
      return false
    }
    this.#since ??= this.#clock.monotonic()
    return this.#clock.monotonic() - this.#since >= healthyForMs
  }
}
