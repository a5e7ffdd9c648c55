import type { Clock } from '../../core/clock.ts'
import { second } from '../../core/time.ts'

/** What a probing panel and a person with telnet stay far below. */
const unslowed = 200
const most = 1000
const slowedMs = 250

export type Pace =
  | { readonly kind: 'go' }
  /** `isFirst`: until now there was none. */
  | { readonly kind: 'wait'; readonly ms: number; readonly isFirst: boolean }
  | { readonly kind: 'end' }

/**
 * Commands from which no mail came: NOOP, RSET and EHLO in a loop, refused recipients, guesses. One a second is free for
 * ever, so that a kept session may be kept; 200 more are answered at once, then each waits 250 ms, and a thousand are the
 * end. Recipients that are taken do not count: `limits.recipients` bounds them. An accepted mail makes up for all.
 */
export class CommandPace {
  readonly #clock: Clock
  #level = 0
  #isSlowed = false
  #at: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#at = clock.monotonic()
  }

  /** Counts a command that is about to be obeyed. */
  next(): Pace {
    const now = this.#clock.monotonic()
    this.#level = Math.max(0, this.#level - (now - this.#at) / second) + 1
    this.#at = now
    if (this.#level > most) return { kind: 'end' }
    if (this.#level <= unslowed) return { kind: 'go' }
    const isFirst = !this.#isSlowed
    this.#isSlowed = true
    return { kind: 'wait', ms: slowedMs, isFirst }
  }

  /** The last one took a recipient: it does not count. */
  recipient(): void {
    this.#level = Math.max(0, this.#level - 1)
  }

  mail(): void {
    this.#level = 0
  }
}
