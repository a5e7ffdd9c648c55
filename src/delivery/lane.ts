import type { PauseReason } from '../core/outcome.ts'
import { QuotaLedger, type Usage } from '../core/quota.ts'
import { probeWait } from '../core/retry-schedule.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import type { ClockShift, Pause, QuotaUse } from '../core/spool.ts'
import { waitingKey } from '../core/step-delivery.ts'
import { hour, isOfClock, type MonotonicMs, monotonicMs, type WallMs, wallMs } from '../core/time.ts'
import type { Upstream } from '../core/upstream.ts'

export type Availability =
  | { readonly kind: 'ready' }
  /** Every connection is in use; the next one that ends looks again. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'throttled'; readonly until: MonotonicMs }
  | { readonly kind: 'paused'; readonly pause: Pause }

/** Failures without an answer from the service, one after the other, that count as an outage. */
const strikesForOutage = 3
/** The same where only one message is there to tell. */
const lonelyStrikesForOutage = 4
/** Longest obedience to Retry-After (microsoft.md 3.8). */
const longestThrottleMs = 1 * hour

/** One way out as the scheduler sees it: its driver, what it used, why it must wait. In memory but for pauses and uses. */
export class Lane {
  upstream: Upstream
  setup: UpstreamSetup
  readonly sends: QuotaLedger
  readonly asks: QuotaLedger
  /** Deliveries may be waiting for this lane: worth asking the spool. */
  mayHaveWaiting = true
  /** It came back: what waits for lanes that are still closed may go this way. */
  isReopened = false
  /** It was paused just now: what waits for it may look for another way. */
  isClosedAnew = false
  /** What waited and did not fit is not looked at before. */
  restsUntil = 0
  /** Somebody else uses its quota, as far as is known. */
  isShared = false
  inFlight = 0
  /** After a pause one mail goes alone; its outcome decides. */
  isOnProbation = false
  #throttledUntil = 0
  #asksUntil = 0
  readonly #pauses = new Map<string, Pause>()
  #stoodDown: Pause | undefined
  #probes = 0
  readonly #strikes = new Set<string>()
  #strikeCount = 0

  constructor(upstream: Upstream, setup: UpstreamSetup) {
    this.upstream = upstream
    this.setup = setup
    this.sends = new QuotaLedger(setup.quota)
    this.asks = new QuotaLedger(upstream.traits.askQuota)
  }

  get name(): string {
    return this.setup.name
  }

  get pauses(): readonly Pause[] {
    return [...(this.#stoodDown ? [this.#stoodDown] : []), ...this.#pauses.values()]
  }

  /** The pause of the whole lane, if it is paused. */
  get pause(): Pause | undefined {
    return this.#stoodDown ?? this.#pauses.get(this.name)
  }

  throttledUntil(now: MonotonicMs): MonotonicMs | undefined {
    return this.#throttledUntil > now ? monotonicMs(this.#throttledUntil) : undefined
  }

  availability(sender: string | undefined, usage: Usage, now: MonotonicMs): Availability {
    const pause =
      this.pause ?? (sender === undefined ? undefined : this.#pauses.get(waitingKey(this.name, sender)))
    if (pause) return { kind: 'paused', pause }
    const until = Math.max(this.#throttledUntil, this.sends.freeAt(now, usage))
    if (until > now) return { kind: 'throttled', until: monotonicMs(until) }
    const connections = this.isOnProbation ? 1 : this.setup.connections
    return this.inFlight >= connections ? { kind: 'busy' } : { kind: 'ready' }
  }

  mayAsk(now: MonotonicMs): boolean {
    return this.#asksUntil <= now && this.asks.freeAt(now, oneMessage) <= now
  }

  nextAskAt(now: MonotonicMs): MonotonicMs {
    return monotonicMs(Math.max(this.#asksUntil, this.asks.freeAt(now, oneMessage)))
  }

  /** Messages of one recipient that fit now: how many waiting ones are worth waking. */
  room(now: MonotonicMs): number {
    return this.isOnProbation ? 1 : Math.max(1, Math.min(100, this.sends.room(now)))
  }

  /** Counts a use; the result takes it back. */
  record(use: Pick<QuotaUse, 'what'> & Usage, now: MonotonicMs): () => void {
    return use.what === 'send' ? this.sends.record(now, use) : this.asks.record(now, use)
  }

  /**
   * The service said 'too many'. Tells whether it did so below our own count: then somebody else uses the same quota. What
   * was under way at the same moment says it again, which is no further news.
   */
  throttle(afterMs: number, now: MonotonicMs): { readonly isForeign: boolean } {
    const windows = this.sends.left(now)
    const isNews = this.throttledUntil(now) === undefined
    const isForeign = isNews && windows.length > 0 && windows.every((window) => window.left > 0)
    this.#throttledUntil = Math.max(this.#throttledUntil, now + Math.min(afterMs, longestThrottleMs))
    if (isForeign) this.sends.halve(now)
    this.isShared ||= isForeign
    this.mayHaveWaiting = true
    return { isForeign }
  }

  throttleAsks(afterMs: number, now: MonotonicMs): void {
    this.#asksUntil = Math.max(this.#asksUntil, now + afterMs)
  }

  /** Other settings, another driver: what was used, and why it was paused, stays. */
  change(upstream: Upstream, setup: UpstreamSetup): void {
    this.upstream = upstream
    this.setup = setup
    this.sends.limit(setup.quota)
    this.asks.limit(upstream.traits.askQuota)
  }

  restore(pause: Pause): void {
    this.#pauses.set(waitingKey(this.name, pause.sender), pause)
    this.#probes = Math.max(this.#probes, pause.probes)
  }

  /**
   * Pauses the lane or one sender on it. A pause that a probe found again keeps its beginning and waits longer; one that
   * is only told again, by what was under way, is as it was; one by hand ends by hand.
   */
  setPause(reason: PauseReason, sender: string | undefined, byOperator: boolean, now: WallMs): Pause {
    const key = waitingKey(this.name, sender)
    const before = this.#pauses.get(key)
    if (before?.byOperator) return before
    const isToldAgain = before?.nextProbeAt !== undefined && before.nextProbeAt > now && !byOperator
    const earlier = before ? before.probes : this.isOnProbation ? this.#probes : 0
    const probes = isToldAgain ? earlier : earlier + 1
    const mayProbe = reason.mayProbe && !byOperator
    const pause: Pause = {
      ...reason,
      upstream: this.name,
      sender,
      since: before?.since ?? now,
      byOperator,
      nextProbeAt: mayProbe
        ? isToldAgain
          ? before.nextProbeAt
          : wallMs(now + probeWait(earlier))
        : undefined,
      probes,
    }
    this.#pauses.set(key, pause)
    this.#probes = probes
    this.isOnProbation = false
    this.mayHaveWaiting = true
    if (probes === 1) this.isClosedAnew = true
    return pause
  }

  /** Whether nothing of this sender goes; of anybody, where it is undefined. */
  isPausedFor(sender: string | undefined): boolean {
    return this.pause !== undefined || this.#pauses.has(waitingKey(this.name, sender))
  }

  /** The box sends nothing at all, whatever is said of this way out. Undefined: it sends again. */
  standDown(reason: PauseReason | undefined, now: WallMs): void {
    const wasDown = this.#stoodDown !== undefined
    const { name } = this
    const facts = {
      upstream: name,
      sender: undefined,
      since: now,
      byOperator: false,
      nextProbeAt: undefined,
      probes: 0,
    }
    this.#stoodDown = reason && { ...reason, ...facts }
    if (!wasDown || reason) return
    this.mayHaveWaiting = true
    this.isReopened = true
  }

  /** Settings changed: what may be probed is, at once. */
  probeSoon(now: WallMs): void {
    for (const [key, pause] of this.#pauses) {
      if (pause.nextProbeAt !== undefined) this.#pauses.set(key, { ...pause, nextProbeAt: now })
    }
  }

  /** The wall clock was put right. */
  shiftTimes({ byMs, from }: ClockShift): void {
    const shifted = (time: WallMs): WallMs => (isOfClock(time, from) ? wallMs(time + byMs) : time)
    for (const [key, pause] of this.#pauses) {
      const nextProbeAt = pause.nextProbeAt === undefined ? undefined : shifted(pause.nextProbeAt)
      this.#pauses.set(key, { ...pause, since: shifted(pause.since), nextProbeAt })
    }
  }

  /** Lifts a pause; the next mail goes alone until it succeeds. */
  lift(sender: string | undefined): Pause | undefined {
    const key = waitingKey(this.name, sender)
    const pause = this.#pauses.get(key)
    if (!pause) return undefined
    this.#pauses.delete(key)
    this.#probes = pause.probes
    this.isOnProbation = true
    this.mayHaveWaiting = true
    return pause
  }

  /** The service answered in good order. Tells whether this ended a probation. */
  succeed(): boolean {
    const ended = this.isOnProbation
    this.isOnProbation = false
    this.#probes = 0
    this.heard()
    if (!ended) return false
    this.mayHaveWaiting = true
    this.isReopened = true
    return true
  }

  /** The service answered, whatever it said. */
  heard(): void {
    this.#strikes.clear()
    this.#strikeCount = 0
  }

  /** A failure without an answer. Tells whether it makes an outage. */
  strike(message: string): boolean {
    this.#strikes.add(message)
    this.#strikeCount += 1
    const needed = this.#strikes.size > 1 ? strikesForOutage : lonelyStrikesForOutage
    return this.isOnProbation || this.#strikeCount >= needed
  }
}

const oneMessage: Usage = { messages: 1, recipients: 1, external: 1 }
