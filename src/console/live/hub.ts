import type { Clock } from '../../core/clock.ts'
import type { LiveEvent, LiveListener, Stale } from '../../core/live.ts'
import { minute, second } from '../../core/time.ts'
import { LiveFilter, type LiveWish } from './filter.ts'
import { type KeptEvent, Ring, type RingLimits, ringLimits } from './ring.ts'
import { StaleMarks } from './stale-marks.ts'
import { LiveStream, type StreamParts } from './stream.ts'

export interface HubParts {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  /** Another one at every start: numbers begin anew with it. */
  readonly boot: string
  readonly limits?: RingLimits
}

export interface StreamWish extends LiveWish {
  /** As the last event's `id` said; undefined: the reader is new. */
  readonly lastEventId: string | undefined
  /** Asked every few seconds: false ends the stream. */
  readonly isStillAllowed: () => boolean
  /** Whose it is: a session or a token; undefined: of somebody on the box, who may have all places. */
  readonly owner: string | undefined
}

export type StreamOpening =
  | { readonly kind: 'open'; readonly stream: AsyncIterable<string> & { end(): void } }
  | { readonly kind: 'full'; readonly reason: string }

export const mostStreams = 32
/** Pages of one browser, or calls of one script. */
export const mostOfOne = 6
/** Events of one moment go out together. */
const gatherMs = 50
const beatMs = 5 * second
/** Whoever comes a little late still sees what the printer just said. */
const backlogMs = 1 * minute

/**
 * What happens, told to those who watch. Costs rooms an object for each event, whether anyone watches or not, so that a
 * page that opens a second too late shows the second before; text is made of it for readers alone.
 */
export class LiveHub implements LiveListener {
  readonly isHeard = true
  readonly #parts: HubParts
  readonly #ring: Ring
  readonly #stale = new StaleMarks()
  /** The oldest first, and whose each is. */
  readonly #streams = new Map<LiveStream, string | undefined>()
  #cancelFlush: (() => void) | undefined
  #cancelBeat: (() => void) | undefined
  #isClosed = false

  constructor(parts: HubParts) {
    this.#parts = parts
    this.#ring = new Ring(parts.limits ?? ringLimits)
  }

  tell(event: LiveEvent): void {
    if (event.kind === 'stale') this.#markStale(event.what)
    else {
      this.#ring.push(event, this.#parts.clock.monotonic())
      for (const what of changedBy(event)) this.#markStale(what)
    }
    if (this.#streams.size > 0) this.#flushSoon()
  }

  /** Readers now. */
  get streams(): number {
    return this.#streams.size
  }

  open(wish: StreamWish): StreamOpening {
    if (this.#isClosed) return { kind: 'full', reason: 'the gateway is stopping' }
    this.#endOldestOf(wish.owner)
    if (this.#streams.size >= mostStreams)
      return { kind: 'full', reason: `${mostStreams} pages are watching already: close one of them` }
    this.#ring.expire(this.#parts.clock.monotonic())
    const { clock } = this.#parts
    const stream: LiveStream = new LiveStream({
      ring: this.#ring,
      stale: this.#stale,
      clock,
      filter: new LiveFilter(wish),
      idOf: (number) => `${this.#parts.boot}-${number}`,
      ...this.#placeOf(wish.lastEventId),
      isStillAllowed: wish.isStillAllowed,
      onEnd: () => this.#streams.delete(stream),
      onWaiting: () => this.#flushSoon(),
    })
    this.#streams.set(stream, wish.owner)
    this.#cancelBeat ??= clock.after(beatMs, () => this.#beat())
    return { kind: 'open', stream }
  }

  /** Forgets everything that was told: it may name somebody who is to be forgotten. */
  clear(): void {
    this.#ring.clear()
  }

  /** Ends every stream at once and opens none any more. */
  close(): void {
    this.#isClosed = true
    this.#cancelFlush?.()
    this.#cancelBeat?.()
    for (const stream of [...this.#streams.keys()]) stream.end()
  }

  /** Nobody takes the places of all. */
  #endOldestOf(owner: string | undefined): void {
    if (owner === undefined) return
    const own = [...this.#streams].filter(([, whose]) => whose === owner)
    if (own.length >= mostOfOne) own[0]?.[0].end()
  }

  #placeOf(lastEventId: string | undefined): Pick<StreamParts, 'cursor' | 'mark' | 'reset'> {
    const ring = this.#ring
    const end = { cursor: ring.last, mark: this.#stale.last }
    if (lastEventId === undefined) return { ...end, cursor: this.#backlogBegins(), reset: undefined }
    const [, boot, digits] = /^(\w+)-(\d{1,15})$/.exec(lastEventId) ?? []
    const number = Number(digits)
    if (boot !== this.#parts.boot || number > ring.last)
      return { ...end, reset: { kind: 'reset', why: 'restarted' } }
    if (number < ring.first - 1) return { ...end, reset: { kind: 'reset', why: 'too-late' } }
    return { cursor: number, mark: this.#stale.markAt(number), reset: undefined }
  }

  #backlogBegins(): number {
    const since = this.#parts.clock.monotonic() - backlogMs
    for (const { number, at } of this.#ring.from(this.#ring.first)) if (at >= since) return number - 1
    return this.#ring.last
  }

  #markStale(what: Stale['what']): void {
    this.#stale.add(what, this.#ring.last)
    if (what !== 'home' && what !== 'operators') this.#stale.add('home', this.#ring.last)
  }

  #flushSoon(): void {
    if (this.#isClosed) return
    this.#cancelFlush ??= this.#parts.clock.after(gatherMs, () => {
      this.#cancelFlush = undefined
      for (const stream of [...this.#streams.keys()]) stream.wake()
      if ([...this.#streams.keys()].some(({ hasMore }) => hasMore)) this.#flushSoon()
    })
  }

  #beat(): void {
    for (const stream of [...this.#streams.keys()]) stream.beat()
    this.#cancelBeat = undefined
    if (this.#streams.size > 0 && !this.#isClosed)
      this.#cancelBeat = this.#parts.clock.after(beatMs, () => this.#beat())
  }
}

/** What lists show of it. */
function changedBy(event: KeptEvent): readonly Stale['what'][] {
  switch (event.kind) {
    case 'session':
      return event.step === 'received' ? queueOnly : nothing
    case 'verdict':
      return event.isOver && event.device !== undefined ? devicesOnly : nothing
    case 'delivery':
      return queueOnly
  }
}

const nothing: readonly Stale['what'][] = []
const queueOnly: readonly Stale['what'][] = ['queue']
const devicesOnly: readonly Stale['what'][] = ['devices']
