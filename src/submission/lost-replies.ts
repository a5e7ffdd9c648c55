import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { NewMessage } from '../core/message.ts'
import type { Spool } from '../core/spool.ts'
import { minute } from '../core/time.ts'

/** A device that heard no 250 sends the mail again within this time. */
export const repeatWithinMs = 15 * minute

/**
 * Content whose 250 may have been lost. The spool knows which message it was; this spares asking it for every mail: only
 * octets that were accepted within 15 minutes before, and whose reply nothing followed, can be a repeat.
 */
export class LostReplies {
  readonly #spool: Pick<Spool, 'markReplyLost'>
  readonly #clock: Clock
  readonly #log: Log
  /** Monotonic times by the SHA-256 of the content. */
  readonly #lost = new Map<string, number>()

  /** `seen`: content whose reply was lost before the start. */
  constructor(spool: Pick<Spool, 'markReplyLost'>, clock: Clock, log: Log, seen: readonly string[]) {
    this.#spool = spool
    this.#clock = clock
    this.#log = log
    for (const contentSha256 of seen) this.#lost.set(contentSha256, clock.monotonic())
  }

  mark({ id, contentSha256 }: Pick<NewMessage, 'id' | 'contentSha256'>): void {
    this.#forgetOld()
    // Deleted first, so that the map stays in the order of time.
    this.#lost.delete(contentSha256)
    this.#lost.set(contentSha256, this.#clock.monotonic())
    this.#spool.markReplyLost(id).catch((error: unknown) => {
      this.#log.write('error', 'mark-reply-lost-failed', { message: id, detail: String(error) })
    })
  }

  maybe(contentSha256: string): boolean {
    const at = this.#lost.get(contentSha256)
    return at !== undefined && this.#clock.monotonic() - at < repeatWithinMs
  }

  #forgetOld(): void {
    const from = this.#clock.monotonic() - repeatWithinMs
    for (const [contentSha256, at] of this.#lost) {
      if (at > from) return
      this.#lost.delete(contentSha256)
    }
  }
}
