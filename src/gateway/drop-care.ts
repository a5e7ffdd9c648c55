import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Spool } from '../core/spool.ts'
import { minute, type WallMs } from '../core/time.ts'

/** After trouble of the disk. */
const againMs = 1 * minute

/** Ends drops when they can no more be undone, those of an earlier process too. */
export class DropCare implements Disposable {
  readonly #spool: Pick<Spool, 'endDrops'>
  readonly #clock: Clock
  readonly #log: Log
  #cancel: (() => void) | undefined
  #isOver = false

  constructor(spool: Pick<Spool, 'endDrops'>, clock: Clock, log: Log) {
    this.#spool = spool
    this.#clock = clock
    this.#log = log
  }

  /** Something was dropped: it can be undone until then. */
  expect(until: WallMs): void {
    this.#lookIn(Math.max(0, until - this.#clock.wall()))
  }

  /** Does not reject: what the disk does not take is tried again. */
  async look(): Promise<void> {
    try {
      const next = await this.#spool.endDrops(this.#clock.wall())
      if (next !== undefined) this.expect(next)
    } catch (error) {
      this.#log.write('warn', 'drops-not-ended', { detail: String(error) })
      this.#lookIn(againMs)
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    this.#cancel?.()
  }

  /** One look at a time: it finds when the next is due. */
  #lookIn(ms: number): void {
    if (this.#isOver || this.#cancel) return
    this.#cancel = this.#clock.after(ms, () => {
      this.#cancel = undefined
      void this.look()
    })
  }
}
