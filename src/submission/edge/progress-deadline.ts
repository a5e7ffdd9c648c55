import type { Clock } from '../../core/clock.ts'

/**
 * Calls back when nothing happened for some time. `touch` costs no timer: one timer looks again when the time it was set
 * for has come, so a thousand chunks of DATA set none.
 */
export class ProgressDeadline implements Disposable {
  readonly #clock: Clock
  readonly #expired: () => void
  #limitMs = 0
  #last: number
  #cancel: (() => void) | undefined

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock
    this.#expired = expired
    this.#last = clock.monotonic()
  }

  /** From now on `limitMs` without `touch` is too long. */
  limit(limitMs: number): void {
    this.touch()
    if (limitMs === this.#limitMs) return
    this.#limitMs = limitMs
    this.#arm(limitMs)
  }

  touch(): void {
    this.#last = this.#clock.monotonic()
  }

  [Symbol.dispose](): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#limitMs = 0
  }

  #arm(ms: number): void {
    this.#cancel?.()
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
