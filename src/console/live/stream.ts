import type { Clock } from '../../core/clock.ts'
import type { LiveNotice } from '../../core/live.ts'
import { type MonotonicMs, minute, second } from '../../core/time.ts'
import { earlierSteps, type LiveFilter, noEarlierSteps } from './filter.ts'
import type { Entry, Ring } from './ring.ts'
import { shortened } from './shortening.ts'
import type { StaleMarks } from './stale-marks.ts'
import { entryFrame, heartbeatFrame, noticeFrame, placeFrame } from './wire.ts'

export interface StreamParts {
  readonly ring: Ring
  readonly stale: StaleMarks
  readonly clock: Pick<Clock, 'monotonic'>
  readonly filter: LiveFilter
  /** `BOOT-12` of 12. */
  readonly idOf: (number: number) => string
  /** The last event that its reader has. */
  readonly cursor: number
  readonly mark: number
  readonly reset: Extract<LiveNotice, { kind: 'reset' }> | undefined
  readonly isStillAllowed: () => boolean
  readonly onEnd: () => void
  /** Something waits for the next second: it is to be woken. */
  readonly onWaiting: () => void
}

/** Events in a second, beside what is said of them. */
export const eventsPerSecond = 20
const heartbeatMs = 15 * second
/** A reader that comes back after this, and finds that something is gone, was too slow; else there was too much. */
const slowMs = 2 * second
/** A phone that went out of reach holds its place no longer than this; a browser comes back at once, where it was. */
const longestMs = 10 * minute

/**
 * One reader of the ring. It is asked, never pushes: what a slow reader does not fetch waits in the ring, and is lost with
 * it.
 */
export class LiveStream implements AsyncIterableIterator<string> {
  readonly #parts: StreamParts
  readonly #openedAt: MonotonicMs
  #cursor: number
  #mark: number
  #window: { endsAt: number; room: number; isStaleTold: boolean }
  #givenAt: MonotonicMs
  /** How long the reader took to ask again. */
  #pausedMs = 0
  #ask: ((result: IteratorResult<string>) => void) | undefined
  #isOver = false
  #isBegun = false

  constructor(parts: StreamParts) {
    this.#parts = parts
    this.#cursor = parts.cursor
    this.#mark = parts.mark
    this.#openedAt = parts.clock.monotonic()
    this.#givenAt = this.#openedAt
    this.#window = { endsAt: 0, room: 0, isStaleTold: false }
    // What its reader has seen of a session is not told once more.
    for (const entry of parts.ring.from(parts.ring.first))
      if (entry.number <= parts.cursor) parts.filter.take(entry, noEarlierSteps)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<string>> {
    this.#pausedMs = this.#parts.clock.monotonic() - this.#givenAt
    return new Promise((resolve) => {
      this.#ask = resolve
      this.wake()
      if (this.hasMore) this.#parts.onWaiting()
    })
  }

  return(): Promise<IteratorResult<string>> {
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** Hands over what is due, if the reader waits for it. */
  wake(): void {
    if (!this.#ask) return
    const text = this.#isOver ? undefined : this.#due(this.#parts.clock.monotonic())
    if (text === undefined) this.#answer({ done: true, value: undefined })
    else if (text !== '') this.#answer({ done: false, value: text })
  }

  /** It is asked, and something waits for the next second. */
  get hasMore(): boolean {
    return (
      this.#ask !== undefined && (this.#cursor < this.#parts.ring.last || this.#mark < this.#parts.stale.last)
    )
  }

  /** Called every few seconds: a sign of life, and the end where it is due. */
  beat(): void {
    const now = this.#parts.clock.monotonic()
    if (!this.#parts.isStillAllowed() || now - this.#openedAt >= longestMs) this.end()
    else if (this.#ask && now - this.#givenAt >= heartbeatMs)
      this.#answer({ done: false, value: heartbeatFrame(this.#id()) })
  }

  /** At once, whatever is under way; the reader is told no more. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#parts.onEnd()
    this.wake()
  }

  #answer(result: IteratorResult<string>): void {
    const ask = this.#ask
    this.#ask = undefined
    this.#givenAt = this.#parts.clock.monotonic()
    ask?.(result)
  }

  #due(now: MonotonicMs): string {
    if (!this.#isBegun) return this.#beginning()
    if (now >= this.#window.endsAt) {
      if (this.#isUpToDate()) return ''
      this.#window = { endsAt: now + second, room: eventsPerSecond, isStaleTold: false }
    }
    return this.#events() + this.#staleness()
  }

  /** With what was missed, which leaves what is to come its own second. */
  #beginning(): string {
    const { reset } = this.#parts
    this.#isBegun = true
    this.#window.room = eventsPerSecond
    const place = placeFrame(this.#id())
    return place + (reset ? noticeFrame(reset, this.#id()) : this.#events())
  }

  #isUpToDate(): boolean {
    return this.#cursor === this.#parts.ring.last && this.#mark === this.#parts.stale.last
  }

  #events(): string {
    const { ring } = this.#parts
    const lost = ring.first - 1 - this.#cursor
    if (lost > 0 && this.#pausedMs > slowMs) return this.#startOver()
    const wanted = this.#wanted()
    if (wanted.length > this.#window.room && this.#window.room < eventsPerSecond) return ''
    const told = shortened(
      wanted.map(({ entry }) => entry),
      this.#window.room,
    )
    const isLate = new Set(wanted.flatMap(({ entry, isLate }) => (isLate ? [entry] : [])))
    this.#cursor = ring.last
    this.#window.room -= told.length
    const leftOut = Math.max(0, lost) + wanted.length - told.length
    return [
      ...told.map((entry) => entryFrame(entry, isLate.has(entry) ? undefined : this.#id(entry.number))),
      ...(leftOut > 0 ? [noticeFrame({ kind: 'left-out', count: leftOut }, this.#id())] : []),
    ].join('')
  }

  #wanted(): readonly { readonly entry: Entry; readonly isLate: boolean }[] {
    const { ring, filter } = this.#parts
    const wanted: { entry: Entry; isLate: boolean }[] = []
    const earlier = earlierSteps(ring)
    for (const entry of ring.from(this.#cursor + 1)) {
      const taken = filter.take(entry, earlier)
      if (!taken) continue
      for (const late of taken.late) wanted.push({ entry: late, isLate: true })
      wanted.push({ entry, isLate: false })
    }
    return wanted
  }

  #startOver(): string {
    this.#cursor = this.#parts.ring.last
    this.#mark = this.#parts.stale.last
    return noticeFrame({ kind: 'reset', why: 'too-slow' }, this.#id())
  }

  /** Once a second at most: whoever hears it asks for much. */
  #staleness(): string {
    const { stale } = this.#parts
    if (this.#window.isStaleTold || this.#mark === stale.last) return ''
    const kinds = stale.since(this.#mark)
    this.#mark = stale.last
    this.#window.isStaleTold = true
    return kinds.map((what) => noticeFrame({ kind: 'stale', what }, this.#id())).join('')
  }

  #id(number = this.#cursor): string {
    return this.#parts.idOf(number)
  }
}
