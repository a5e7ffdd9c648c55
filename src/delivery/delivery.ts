import type { Clock } from '../core/clock.ts'
import type { QuotaBar, QuotaForecast } from '../core/home.ts'
import type { LiveListener } from '../core/live.ts'
import type { Log } from '../core/log.ts'
import type { NewMessage, Parked } from '../core/message.ts'
import type { PauseReason } from '../core/outcome.ts'
import { builtInOutbox } from '../core/route.ts'
import type { Setup, UpstreamSetup } from '../core/setup.ts'
import type { Pause, QueueCounts, Spool } from '../core/spool.ts'
import { waitingOn } from '../core/step-delivery.ts'
import { day, type MonotonicMs, monotonicMs, wallMs } from '../core/time.ts'
import type { Upstream } from '../core/upstream.ts'
import { Collector } from './collector.ts'
import { sharedKey } from './consequences.ts'
import { Courier } from './courier.ts'
import { tellWaiting } from './delivery-news.ts'
import { Lane } from './lane.ts'
import {
  byHand,
  clearPauseAlerts,
  forgetPauses,
  liftPause,
  ownTroubles,
  type PauseParts,
  pauseLane,
} from './pauses.ts'
import { Reporter } from './reporter.ts'
import { Scheduler } from './scheduler.ts'
import type { DeliveryCounters } from './settling.ts'

export interface DeliveryParts extends PauseParts {
  readonly spool: Spool
  readonly clock: Clock
  readonly log: Log
  /** Told of what comes of attempts. */
  readonly live: LiveListener
  readonly setup: () => Setup
  /** Makes the driver of an upstream; undefined where there is none. */
  readonly createUpstream: (setup: UpstreamSetup) => Upstream | undefined
  /** Upstreams that left the setup while deliveries were uncertain on them. */
  readonly retired?: () => readonly UpstreamSetup[]
  readonly random: () => number
  readonly bootId: string
  /** The box's own uuid: operation ids grow from it. */
  readonly namespace: string
  /** Why nothing is sent from the start on, until `standDown` says otherwise. */
  readonly standsDown?: PauseReason | undefined
}

export interface UpstreamStatus {
  readonly name: string
  readonly kind: string
  readonly state: 'ready' | 'paused' | 'throttled' | 'trying' | 'retired'
  readonly reason: string
  readonly remedy: string
  readonly inFlight: number
  readonly waiting: number
  readonly pauses: readonly Pause[]
  readonly nextTryInMs: number | undefined
  readonly byOperator: boolean
  readonly quota: readonly (QuotaBar & { readonly window: string })[]
  readonly forecast: QuotaForecast
}

/** What a person's hand on an upstream came to. */
export type ByHand = 'changed' | 'unchanged' | 'unknown'

export interface Delivery extends AsyncDisposable {
  /** What a message would wait for if it were accepted now: its way out is paused. Undefined: it may be sent. */
  parking(message: NewMessage): Parked | undefined
  /** A message was committed. */
  accepted(message: NewMessage): void
  /** Something may be due, or complete: a change by hand. */
  poke(): void
  /** Makes lanes follow the setup; a changed upstream is tried at once. */
  follow(): Promise<void>
  pause(upstream: string): Promise<ByHand>
  resume(upstream: string): Promise<ByHand>
  /** Nothing is sent by any way out, for this reason; undefined: mail goes again. What is on the wire comes to its end. */
  standDown(reason: PauseReason | undefined): void
  /** Ends the lane of an upstream that left the setup, with its pauses and alerts. False: it is in use. */
  end(upstream: string): Promise<boolean>
  status(counts: QueueCounts): readonly UpstreamStatus[]
  readonly counters: DeliveryCounters
  /** Writes reports on mail that failed after it was taken, too: what it counts is counted once. */
  readonly reporter: Pick<Reporter, 'reportsFor'>
  /** Sends and questions under way. */
  inFlight(): number
  /** Attempts since the start. */
  attempts(): number
  /**
   * Begins nothing new and lets what is on the wire come to its end until `within` aborts, then cuts it off; resolves when
   * every fate is written down. Without `within` it is cut off at once.
   */
  stop(within?: AbortSignal): Promise<void>
}

const implicitOutbox: UpstreamSetup = {
  name: builtInOutbox,
  kind: 'outbox',
  enabled: true,
  endpoint: '',
  authority: '',
  host: '',
  port: 0,
  security: 'starttls',
  username: '',
  senders: [],
  sender: undefined,
  quota: {},
  connections: 2,
  maxMessageSize: undefined,
  acceptedDomains: [],
  licences: 0,
  price: undefined,
  caFile: '',
  reportsQueue: '',
  credential: { kind: 'none' },
}

export async function startDelivery(parts: DeliveryParts): Promise<Delivery> {
  const lanes = new Map<string, Lane>()
  const counters: DeliveryCounters = { attempts: new Map(), repeats: 0 }
  const reporter = new Reporter(parts)
  const courier = new Courier({ ...parts, reporter, counters, lanes })
  const scheduler = new Scheduler({ ...parts, lanes, courier, reporter })
  const stopping = { soon: new AbortController(), now: new AbortController() }
  const collector = new Collector({
    ...parts,
    parking: (message) => scheduler.parking(message),
    accepted: (message) => delivery.accepted(message),
    letGo: () => scheduler.poke(),
  })
  const delivery: RunningDelivery = new RunningDelivery(
    parts,
    lanes,
    scheduler,
    collector,
    stopping,
    counters,
    reporter,
  )
  await delivery.follow()
  await delivery.restore()
  scheduler.start({ soon: stopping.soon.signal, now: stopping.now.signal })
  collector.start(stopping.soon.signal)
  return delivery
}

/** The hands on `Halt`. */
interface Stopping {
  readonly soon: AbortController
  readonly now: AbortController
}

class RunningDelivery implements Delivery {
  readonly counters: DeliveryCounters
  readonly reporter: Reporter
  readonly #parts: DeliveryParts
  readonly #lanes: Map<string, Lane>
  readonly #scheduler: Scheduler
  readonly #collector: Collector
  readonly #stopping: Stopping
  /** What drivers take from the box itself. */
  #driverFacts = ''
  #standsDown: PauseReason | undefined

  constructor(
    parts: DeliveryParts,
    lanes: Map<string, Lane>,
    scheduler: Scheduler,
    collector: Collector,
    stopping: Stopping,
    counters: DeliveryCounters,
    reporter: Reporter,
  ) {
    this.#parts = parts
    this.#lanes = lanes
    this.#scheduler = scheduler
    this.#collector = collector
    this.#stopping = stopping
    this.counters = counters
    this.reporter = reporter
    this.#standsDown = parts.standsDown
  }

  standDown(reason: PauseReason | undefined): void {
    this.#standsDown = reason
    for (const lane of this.#lanes.values()) lane.standDown(reason, this.#parts.clock.wall())
    this.poke()
  }

  parking(message: NewMessage): Parked | undefined {
    return this.#scheduler.parking(message)
  }

  accepted(message: NewMessage): void {
    const { parked, collected } = message
    if (collected) {
      this.#collector.poke()
      return
    }
    tellWaiting(this.#parts.live, message, this.#parts.clock.wall())
    const lane = parked && this.#lanes.get(waitingOn(parked.waitingFor).upstream)
    if (lane) lane.mayHaveWaiting = true
    // The settings changed while it was written: it waits for what is no way out any more.
    if (parked && !lane?.setup.enabled) this.#scheduler.reconsider()
    // While the lane is paused there is nothing to do; if it came back meanwhile, nobody else would look.
    if (!lane?.pauses.length) this.#scheduler.poke()
  }

  poke(): void {
    this.#scheduler.poke()
    this.#collector.poke()
  }

  /** A pause and what was used up survive a restart (microsoft.md 3.8; the service remembers too). */
  async restore(): Promise<void> {
    const { spool, clock } = this.#parts
    const now = clock.wall()
    for (const pause of await spool.pauses()) {
      // The key or file that was missing may be back: this is where that would be noticed.
      const isTriedNow = ownTroubles.has(pause.code) && pause.nextProbeAt !== undefined
      this.#lanes.get(pause.upstream)?.restore(isTriedNow ? { ...pause, nextProbeAt: now } : pause)
    }
    const offset = clock.monotonic() - now
    for (const use of await spool.quotaUse(wallMs(now - day))) {
      // A use 'in the future' was written by a clock that was wrong: it counts as just now.
      this.#lanes.get(use.upstream)?.record(use, monotonicMs(Math.min(use.at, now) + offset))
    }
  }

  async follow(): Promise<void> {
    const { gateway } = this.#parts.setup()
    const driverFacts = JSON.stringify([gateway.hostname, gateway.proxy])
    const isBoxChanged = driverFacts !== this.#driverFacts
    this.#driverFacts = driverFacts
    const wished = wishedUpstreams(this.#parts.setup(), this.#parts.retired?.() ?? [])
    for (const setup of wished) this.#followOne(setup, isBoxChanged)
    for (const [name, lane] of this.#lanes) {
      if (wished.some((setup) => setup.name === name)) continue
      // It lives on as retired, without new mail, until its uncertain deliveries are settled.
      lane.setup = { ...lane.setup, enabled: false }
    }
    this.#scheduler.reconsider()
  }

  /** A secret is no part of the settings' value: what is paused is tried whether or not anything else changed. */
  #followOne(setup: UpstreamSetup, isBoxChanged: boolean): void {
    const lane = this.#lanes.get(setup.name)
    lane?.probeSoon(this.#parts.clock.wall())
    if (lane && !isBoxChanged && JSON.stringify(lane.setup) === JSON.stringify(setup)) return
    const upstream = this.#parts.createUpstream(setup)
    if (!upstream) {
      if (lane) lane.setup = { ...lane.setup, enabled: false }
      return
    }
    if (!lane) {
      const made = new Lane(upstream, setup)
      made.standDown(this.#standsDown, this.#parts.clock.wall())
      this.#lanes.set(setup.name, made)
      return
    }
    const replaced = lane.upstream
    lane.change(upstream, setup)
    void this.#retire(replaced)
  }

  /** What a replaced driver has on the wire comes to its end. */
  async #retire(upstream: Upstream): Promise<void> {
    await this.#scheduler.drained()
    await upstream[Symbol.asyncDispose]()
  }

  /** Settings are ahead for a moment: other doors are moved first. */
  async #laneOf(name: string): Promise<Lane | undefined> {
    const isNew = !this.#lanes.has(name) && this.#parts.setup().upstreams.some((each) => each.name === name)
    if (isNew) await this.follow()
    return this.#lanes.get(name)
  }

  async pause(name: string): Promise<ByHand> {
    const lane = await this.#laneOf(name)
    if (!lane) return 'unknown'
    if (lane.pause?.byOperator) return 'unchanged'
    await pauseLane(lane, byHand, undefined, true, this.#parts.clock.wall(), this.#parts)
    this.poke()
    return 'changed'
  }

  async resume(name: string): Promise<ByHand> {
    const lane = await this.#laneOf(name)
    if (!lane) return 'unknown'
    if (lane.pauses.length === 0) return 'unchanged'
    for (const pause of lane.pauses) {
      await liftPause(lane, pause.sender, this.#parts)
      if (pause.byOperator) {
        lane.succeed()
        clearPauseAlerts(lane, pause.sender, this.#parts.alerts)
      }
    }
    this.poke()
    return 'changed'
  }

  async end(name: string): Promise<boolean> {
    const lane = this.#lanes.get(name)
    if (this.#parts.setup().upstreams.some((upstream) => upstream.name === name)) return false
    if (lane && (lane.setup === implicitOutbox || lane.inFlight > 0)) return false
    this.#lanes.delete(name)
    await forgetPauses(name, this.#parts)
    this.#parts.alerts.clear(sharedKey(name))
    await lane?.upstream[Symbol.asyncDispose]()
    return true
  }

  status(counts: QueueCounts): readonly UpstreamStatus[] {
    return [...this.#lanes.values()]
      .filter((lane) => lane.setup !== implicitOutbox)
      .map((lane) => this.#statusOf(lane, counts))
  }

  #statusOf(lane: Lane, counts: QueueCounts): UpstreamStatus {
    const { clock } = this.#parts
    const now = clock.monotonic()
    const pause = lane.pause ?? lane.pauses[0]
    const until = Math.max(
      lane.throttledUntil(now) ?? now,
      lane.sends.freeAt(now, { messages: 1, recipients: 1, external: 0 }),
    )
    const waiting = Object.entries(counts.waitingByUpstream)
      .filter(([key]) => waitingOn(key).upstream === lane.name)
      .reduce((sum, [, count]) => sum + count, 0)
    const base = {
      name: lane.name,
      kind: lane.upstream.kind,
      inFlight: lane.inFlight,
      waiting,
      pauses: lane.pauses,
      byOperator: pause?.byOperator ?? false,
      quota: lane.sends.left(now).map(({ lengthMs, of, limit, left }) => ({
        window: `${of} in ${lengthMs / 60_000} min`,
        windowMs: lengthMs,
        of,
        limit,
        left,
      })),
      forecast: forecastOf(lane, waiting, now),
    }
    if (!lane.setup.enabled)
      return {
        ...base,
        state: 'retired',
        reason: 'not in use; settles what is uncertain',
        remedy: '',
        nextTryInMs: undefined,
      }
    if (pause) {
      const nextTryInMs =
        pause.nextProbeAt === undefined ? undefined : Math.max(0, pause.nextProbeAt - clock.wall())
      return {
        ...base,
        state: 'paused',
        reason: pause.sender ? `${pause.sender}: ${pause.reason}` : pause.reason,
        remedy: pause.remedy,
        nextTryInMs,
      }
    }
    if (until > now)
      return {
        ...base,
        state: 'throttled',
        reason: 'its quota is used up',
        remedy: 'Nothing to do: it goes on by itself.',
        nextTryInMs: until - now,
      }
    if (lane.isOnProbation)
      return {
        ...base,
        state: 'trying',
        reason: 'tries one mail after a pause',
        remedy: '',
        nextTryInMs: undefined,
      }
    return { ...base, state: 'ready', reason: '', remedy: '', nextTryInMs: undefined }
  }

  inFlight(): number {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.inFlight, 0)
  }

  attempts(): number {
    return [...this.counters.attempts.values()].reduce((sum, count) => sum + count, 0)
  }

  async stop(within: AbortSignal = AbortSignal.abort()): Promise<void> {
    const cutOff = (): void => this.#stopping.now.abort(new Error('stopping'))
    this.#stopping.soon.abort(new Error('stopping'))
    if (within.aborted) cutOff()
    within.addEventListener('abort', cutOff, { once: true })
    await Promise.all([this.#scheduler.settled(), this.#collector.settled()])
    within.removeEventListener('abort', cutOff)
    for (const lane of this.#lanes.values()) await lane.upstream[Symbol.asyncDispose]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/** By the quota, and what the service asked to wait. */
function forecastOf(lane: Lane, waiting: number, now: MonotonicMs): QuotaForecast {
  if (waiting === 0) return { kind: 'nothing-waits' }
  if (lane.pause) return { kind: 'paused', waiting }
  const last = Math.max(lane.throttledUntil(now) ?? now, lane.sends.lastAt(now, waiting))
  return { kind: 'leaves', waiting, lastInMs: Math.ceil(last - now) }
}

/**
 * The setup's upstreams, those switched off or removed too (what is uncertain there is settled there), and the outbox that
 * answers test mail whatever is set up.
 */
function wishedUpstreams(setup: Setup, retired: readonly UpstreamSetup[]): readonly UpstreamSetup[] {
  const isTaken = setup.upstreams.some(({ name, enabled }) => enabled && name === builtInOutbox)
  const known = isTaken
    ? setup.upstreams
    : [...setup.upstreams.filter(({ name }) => name !== builtInOutbox), implicitOutbox]
  const gone = retired.filter(({ name }) => !known.some((upstream) => upstream.name === name))
  return [...known, ...gone.map((upstream) => ({ ...upstream, enabled: false }))]
}
