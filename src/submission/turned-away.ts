import type { Clock } from '../core/clock.ts'
import { minute } from '../core/time.ts'

const windowMs = 10 * minute
/** A flood from many addresses must not become a flood of records on the flash. */
const mostInWindow = 200

/** Which connections that were turned away are worth a record: one in ten minutes for an address and a reply. */
export class TurnedAway {
  readonly #clock: Clock
  /** Monotonic times, oldest first. */
  readonly #recorded = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isWorthRecording(address: string, code: number): boolean {
    const now = this.#clock.monotonic()
    for (const [key, at] of this.#recorded) {
      if (at > now - windowMs) break
      this.#recorded.delete(key)
    }
    const key = `${address} ${code}`
    if (this.#recorded.has(key) || this.#recorded.size >= mostInWindow) return false
    this.#recorded.set(key, now)
    return true
  }
}
