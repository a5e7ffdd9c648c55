import type { Clock } from '../../core/clock.ts'

/**
 * Calls back when too little happened for some time. `touch` costs no timer: one timer looks again when the time it was
 * set for has come, so a thousand chunks of DATA set none, nor does a mail after a mail.
 */
export class ProgressDeadline implements Disposable {
  readonly #clock: Clock
  readonly #expired: () => void
  #limitMs = 0
  #leastOctets = 1
  #octets = 0
  #last: number
  #cancel: (() => void) | undefined
  /** Monotonic time at which the timer looks. */
  #looksAt = Number.POSITIVE_INFINITY

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock
    this.#expired = expired
    this.#last = clock.monotonic()
  }

  /** Monotonic time of the last progress. */
  get last(): number {
    return this.#last
  }

  /** From now on `limitMs` without `touch`, and without `leastOctets` of `progress`, is too long. */
  limit(limitMs: number, leastOctets = 1): void {
    this.touch()
    this.#leastOctets = leastOctets
    this.#limitMs = limitMs
    if (this.#looksAt > this.#last + limitMs) this.#arm(limitMs)
  }

  touch(): void {
    this.#last = this.#clock.monotonic()
    this.#octets = 0
  }

  /** Octets that are little by themselves. */
  progress(octets: number): void {
    this.#octets += octets
    if (this.#octets >= this.#leastOctets) this.touch()
  }

  [Symbol.dispose](): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#looksAt = Number.POSITIVE_INFINITY
    this.#limitMs = 0
  }

  #arm(ms: number): void {
    this.#cancel?.()
    this.#looksAt = this.#clock.monotonic() + ms
    this.#cancel = this.#clock.after(ms, () => this.#look())
  }

  #look(): void {
    if (this.#limitMs === 0) return
    const left = this.#last + this.#limitMs - this.#clock.monotonic()
    if (left > 0) this.#arm(left)
    else {
      this.#arm(this.#limitMs)
      this.#expired()
    }
  }
}
