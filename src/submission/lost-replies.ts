import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { MessageId } from '../core/message-id.ts'
import type { Spool } from '../core/spool.ts'
import { minute } from '../core/time.ts'

const windowMs = 15 * minute

/**
 * Devices whose last 250 may have been lost. The spool knows which message it was; this spares asking it for every mail:
 * only a device that lost a reply within 15 minutes, or whoever comes within 15 minutes after the start, may repeat.
 */
export class LostReplies {
  readonly #spool: Pick<Spool, 'markReplyLost'>
  readonly #clock: Clock
  readonly #log: Log
  readonly #start: number
  readonly #lost = new Map<string, number>()

  constructor(spool: Pick<Spool, 'markReplyLost'>, clock: Clock, log: Log) {
    this.#spool = spool
    this.#clock = clock
    this.#log = log
    this.#start = clock.monotonic()
  }

  mark(id: MessageId, device: string | undefined): void {
    if (device !== undefined) this.#lost.set(device, this.#clock.monotonic())
    this.#spool.markReplyLost(id).catch((error: unknown) => {
      this.#log.write('error', 'mark-reply-lost-failed', { message: id, detail: String(error) })
    })
  }

  maybe(device: string): boolean {
    const now = this.#clock.monotonic()
    return now - Math.max(this.#start, this.#lost.get(device) ?? 0) < windowMs
  }
}
