import type { PauseReason } from '../core/outcome.ts'
import { QuotaLedger, type Usage } from '../core/quota.ts'
import { probeWait } from '../core/retry-schedule.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import type { Pause, QuotaUse } from '../core/spool.ts'
import { waitingKey } from '../core/step-delivery.ts'
import { type MonotonicMs, monotonicMs, type WallMs, wallMs } from '../core/time.ts'
import type { Upstream } from '../core/upstream.ts'

export type Availability =
  | { readonly kind: 'ready' }
  /** Every connection is in use; the next one that ends looks again. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'throttled'; readonly until: MonotonicMs }
  | { readonly kind: 'paused'; readonly pause: Pause }

/** Consecutive failures without an answer from the service, over more than one message, that count as an outage. */
const strikesForOutage = 3

/** One way out as the scheduler sees it: its driver, what it used, why it must wait. In memory but for pauses and uses. */
export class Lane {
  readonly upstream: Upstream
  setup: UpstreamSetup
  readonly sends: QuotaLedger
  readonly asks: QuotaLedger
  /** Deliveries may be waiting for this lane: worth asking the spool. */
  mayHaveWaiting = true
  inFlight = 0
  /** After a pause one mail goes alone; its outcome decides. */
  isOnProbation = false
  #throttledUntil = 0
  #asksUntil = 0
  readonly #pauses = new Map<string, Pause>()
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
    return this.upstream.name
  }

  get pauses(): readonly Pause[] {
    return [...this.#pauses.values()]
  }

  /** The pause of the whole lane, if it is paused. */
  get pause(): Pause | undefined {
    return this.#pauses.get(this.name)
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

  /** Messages of one recipient that fit now: how many waiting deliveries are worth waking. */
  room(now: MonotonicMs): number {
    const left = this.sends.left(now).map((window) => window.left)
    return Math.max(1, Math.min(100, ...left))
  }

  record(use: QuotaUse, now: MonotonicMs): void {
    const ledger = use.what === 'send' ? this.sends : this.asks
    ledger.record(now, use)
  }

  /** The service said 'too many'. Tells whether it did so below our own count: then somebody else uses the same quota. */
  throttle(afterMs: number, now: MonotonicMs): { readonly isForeign: boolean } {
    const isForeign = this.sends.left(now).every((window) => window.left > 0)
    this.#throttledUntil = Math.max(this.#throttledUntil, now + afterMs)
    if (isForeign) this.sends.halve(now)
    this.mayHaveWaiting = true
    return { isForeign }
  }

  throttleAsks(afterMs: number, now: MonotonicMs): void {
    this.#asksUntil = Math.max(this.#asksUntil, now + afterMs)
  }

  /** Takes over what an earlier lane of the same name had used and why it was paused, after a change of its settings. */
  inherit(earlier: Lane): void {
    for (const pause of earlier.pauses) this.restore(pause)
    this.sends.inherit(earlier.sends)
    this.asks.inherit(earlier.asks)
    this.#throttledUntil = earlier.#throttledUntil
  }

  restore(pause: Pause): void {
    this.#pauses.set(waitingKey(this.name, pause.sender), pause)
    this.#probes = Math.max(this.#probes, pause.probes)
  }

  /** Pauses the lane or one sender on it; a repeated pause keeps its beginning and lengthens the wait for a probe. */
  setPause(reason: PauseReason, sender: string | undefined, byOperator: boolean, now: WallMs): Pause {
    const key = waitingKey(this.name, sender)
    const before = this.#pauses.get(key)
    const probes = before ? before.probes : this.isOnProbation ? this.#probes : 0
    const mayProbe = reason.mayProbe && !byOperator
    const pause: Pause = {
      ...reason,
      upstream: this.name,
      sender,
      since: before?.since ?? now,
      byOperator: byOperator || (before?.byOperator ?? false),
      nextProbeAt: mayProbe ? wallMs(now + probeWait(probes)) : undefined,
      probes: probes + 1,
    }
    this.#pauses.set(key, pause)
    this.#probes = pause.probes
    this.isOnProbation = false
    this.mayHaveWaiting = true
    return pause
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
    this.#strikes.clear()
    this.#strikeCount = 0
    if (ended) this.mayHaveWaiting = true
    return ended
  }

  /** A failure without an answer. Tells whether it makes an outage: one odd message alone never does. */
  strike(message: string): boolean {
    this.#strikes.add(message)
    this.#strikeCount += 1
    return this.isOnProbation || (this.#strikeCount >= strikesForOutage && this.#strikes.size > 1)
  }
}

const oneMessage: Usage = { messages: 1, recipients: 1, external: 1 }
