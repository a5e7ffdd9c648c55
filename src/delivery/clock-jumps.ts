import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { DueMessage, Spool } from '../core/spool.ts'
import { second, type WallMs, wallMs } from '../core/time.ts'
import type { Lane } from './lane.ts'

export interface ClockJumpParts {
  readonly spool: Pick<Spool, 'shiftTimes'>
  readonly clock: Clock
  readonly log: Log
  readonly lanes: ReadonlyMap<string, Lane>
}

/** Less than this is the clock being steered, not set. */
const smallestJumpMs = 5 * second

/** Keeps waits as long as they were when the wall clock is put right (promise 9). */
export class ClockJumps {
  readonly #parts: ClockJumpParts
  #offset: number
  #startedAt: WallMs

  constructor(parts: ClockJumpParts) {
    this.#parts = parts
    this.#startedAt = parts.clock.wall()
    this.#offset = this.#startedAt - parts.clock.monotonic()
  }

  async follow(): Promise<void> {
    const { clock, spool, log, lanes } = this.#parts
    const byMs = Math.round(clock.wall() - clock.monotonic() - this.#offset)
    if (Math.abs(byMs) < smallestJumpMs) return
    const from = wallMs(clock.wall() - byMs)
    await spool.shiftTimes({ byMs, from })
    this.#offset += byMs
    this.#startedAt = wallMs(this.#startedAt + byMs)
    for (const lane of lanes.values()) lane.shiftTimes({ byMs, from })
    log.write('warn', 'clock-was-set', { byMs })
  }

  /** Time in which the box was off, or its clock another one, is no time in which a way out was usable. */
  countedSinceStart(message: DueMessage): DueMessage {
    const recipients = message.recipients.map((recipient) => {
      const { countedMs, since } = recipient.lifetime
      if (since === undefined || since >= this.#startedAt) return recipient
      return { ...recipient, lifetime: { countedMs, since: this.#startedAt } }
    })
    return { ...message, recipients }
  }
}
