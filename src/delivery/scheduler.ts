import type { Clock } from '../core/clock.ts'
import type { LiveListener } from '../core/live.ts'
import type { Log } from '../core/log.ts'
import type { NewMessage, Parked } from '../core/message.ts'
import type { Setup } from '../core/setup.ts'
import type { DueMessage, DueRecipient, Part, Pause, Spool } from '../core/spool.ts'
import { expireIfTooOld, reviewMs, stopCounting, waitingKey, waitingOn } from '../core/step-delivery.ts'
import { minute, second, wallMs } from '../core/time.ts'
import { changeOf, noSettlement } from './changes.ts'
import { ClockJumps } from './clock-jumps.ts'
import type { Courier } from './courier.ts'
import { tellSteps } from './delivery-news.ts'
import type { Halt } from './halt.ts'
import type { Lane } from './lane.ts'
import type { PauseParts } from './pauses.ts'
import { isUncertain, type LaneBook, type Plan, patienceMs, planMessage, type SendPlan } from './plan.ts'
import { isProbeDue, probeLane } from './probing.ts'
import type { Reporter } from './reporter.ts'
import { stranded, tellStranded } from './stranding.ts'
import { nextWakeAt, wakeWaiting } from './waking.ts'

export interface SchedulerParts extends PauseParts {
  readonly spool: Spool
  readonly clock: Clock
  readonly log: Log
  readonly live: LiveListener
  readonly setup: () => Setup
  readonly lanes: ReadonlyMap<string, Lane>
  readonly courier: Pick<Courier, 'send' | 'ask'>
  readonly reporter: Pick<Reporter, 'reportsFor' | 'writeSummaries'>
}

type ParkPlan = Pick<
  Extract<Plan, { kind: 'park' }>,
  'recipients' | 'waitingFor' | 'code' | 'reason' | 'until'
>
type Asks = Awaited<ReturnType<Spool['dueAsks']>>

/** Questions looked at in one round. */
const mostAsks = 256
/**
 * Messages read in every round beyond one for each connection: reading is work (0.1 ms and more for each), and a round
 * comes with every delivery that ends.
 */
const spareMessages = 8
/**
 * Further down the queue, past what waits for a connection of one slow lane: again and again while it finds something,
 * else not sooner than this. What stands that far down and could go waits no longer.
 */
const deeperLooks = [
  { size: 256, everyMs: 1 * second },
  { size: 2048, everyMs: 5 * second },
] as const
const longestSleepMs = 1 * minute
const oneMail = { messages: 1, recipients: 1, external: 0 } as const
const beliefSleepMs = 5 * second
const troubleSleepMs = 5 * second

/** Claims what is due, in rounds: one at a time, woken by new mail, a free connection, or the clock. */
export class Scheduler {
  readonly #parts: SchedulerParts
  readonly #jumps: ClockJumps
  /** Deliveries, parts and probes that a courier has in hand. */
  readonly #inHand = new Set<string>()
  /** Those that came back since the queue was last read: what was read of them is out of date. */
  readonly #doneLately = new Set<string>()
  readonly #running = new Set<Promise<void>>()
  #hasNewSettings = false
  /** Mail was left without a way out, or may have found one. */
  #isStrandingNews = true
  /** When each look further down is worth it, in monotonic ms. */
  readonly #looks = deeperLooks.map((look) => ({ ...look, nextAt: Number.NEGATIVE_INFINITY }))
  /** Messages that the last round asked for. */
  #reach = 0
  /** The last round did not see the end of what is due. */
  #hasUnseen = false
  /** When the last round began: what was due then has been looked at. */
  #seen: { readonly wall: number; readonly monotonic: number } | undefined
  #wakeUp: (() => void) | undefined
  #isPoked = false
  #loop: Promise<void> | undefined

  constructor(parts: SchedulerParts) {
    this.#parts = parts
    this.#jumps = new ClockJumps(parts)
  }

  start(halt: Halt): void {
    halt.soon.addEventListener('abort', () => this.poke(), { once: true })
    this.#loop = this.#run(halt)
  }

  /** Something may have become due. */
  poke(): void {
    this.#isPoked = true
    this.#wakeUp?.()
  }

  /** Other settings: whatever waits looks for its way again. */
  reconsider(): void {
    this.#hasNewSettings = true
    this.poke()
  }

  /** Resolves when the loop has ended and no courier is under way. */
  async settled(): Promise<void> {
    await this.#loop
    await Promise.allSettled([...this.#running])
    await this.#parts.reporter.writeSummaries(true)
  }

  /** Resolves when nobody uses anymore what couriers have in hand now: a driver that was replaced may go then. */
  async drained(): Promise<void> {
    await Promise.allSettled([...this.#running])
  }

  async #run(halt: Halt): Promise<void> {
    while (!halt.soon.aborted) {
      this.#isPoked = false
      try {
        await this.#round(halt)
        if (!this.#isPoked && !halt.soon.aborted) await this.#sleep(halt.soon)
      } catch (error) {
        // The spool is in trouble (disk full, I/O error): nothing is lost, look again in a while.
        this.#parts.log.write('error', 'scheduler-round-failed', { detail: describe(error) })
        await this.#parts.clock.sleep(troubleSleepMs, halt.soon)
      }
    }
  }

  async #round(halt: Halt): Promise<void> {
    const { clock, spool } = this.#parts
    if (!clock.isBelievable()) return
    await this.#jumps.follow()
    this.#seen = { wall: clock.wall(), monotonic: clock.monotonic() }
    this.#doneLately.clear()
    await this.#parts.reporter.writeSummaries()
    if (!halt.soon.aborted) this.#probe(halt)
    const hasNewSettings = this.#hasNewSettings
    await wakeWaiting(this.#parts, hasNewSettings)
    if (hasNewSettings) {
      this.#hasNewSettings = false
      this.#isStrandingNews = true
    }
    // An unknown fate first; what is only to be confirmed takes the connections that are left.
    const asks = await spool.dueAsks(clock.wall(), mostAsks)
    await this.#ask(
      asks.filter(({ part }) => part.state === 'indeterminate'),
      halt,
    )
    for (const [place, message] of (await this.#due()).entries()) {
      if (halt.soon.aborted) return
      const moved = await this.#handle(message, halt)
      if (moved !== 'stays') this.#moved(place, moved)
    }
    await this.#tellStranded()
    await this.#ask(
      asks.filter(({ part }) => part.state !== 'indeterminate'),
      halt,
    )
  }

  async #tellStranded(): Promise<void> {
    if (!this.#isStrandingNews) return
    this.#isStrandingNews = false
    tellStranded(await this.#parts.spool.counts(), this.#parts.alerts)
  }

  async #due(): Promise<readonly DueMessage[]> {
    const near = await this.#read(this.#nearby())
    const now = this.#parts.clock.monotonic()
    const look = this.#looks.findLast(({ size, nextAt }) => size > this.#reach && nextAt <= now)
    if (!look || !this.#hasUnseen) return near
    for (const done of this.#looks) {
      if (done.size <= look.size) done.nextAt = now + done.everyMs
    }
    return this.#read(look.size)
  }

  async #read(limit: number): Promise<readonly DueMessage[]> {
    const { clock, spool } = this.#parts
    const messages = await spool.due(clock.wall(), limit)
    this.#reach = limit
    this.#hasUnseen = messages.length >= limit
    return messages
  }

  /** Enough to keep every lane busy, what it has in hand and what is not written yet included. */
  #nearby(): number {
    const lanes = [...this.#parts.lanes.values()]
    const places = lanes.reduce((sum, { setup }) => sum + setup.connections, spareMessages)
    return Math.min(places, deeperLooks[0].size)
  }

  /** What went or was parked left its place to what stands behind it. */
  #moved(place: number, moved: 'sent' | 'parked'): void {
    const look = this.#looks.findLast((_, at) => place >= (this.#looks[at - 1]?.size ?? this.#nearby()))
    if (look) look.nextAt = Number.NEGATIVE_INFINITY
    // A courier looks again when it is back; nobody comes back from parking.
    if (moved === 'parked' && this.#hasUnseen) this.poke()
  }

  /** When the next look past the reach of the last round is worth it, in monotonic ms. */
  #nextLookAt(): number {
    if (!this.#hasUnseen) return Number.POSITIVE_INFINITY
    return Math.min(...this.#looks.filter(({ size }) => size > this.#reach).map(({ nextAt }) => nextAt))
  }

  /** Tells what becomes of it. */
  async #handle(read: DueMessage, halt: Halt): Promise<'sent' | 'parked' | 'stays'> {
    const recipients = read.recipients.filter((recipient) => !this.#isTouched(read, recipient))
    if (recipients.length === 0) return 'stays'
    const message = this.#jumps.countedSinceStart({ ...read, recipients })
    const plans = planMessage(message, this.#parts.setup(), this.#book())
    for (const plan of plans) {
      if (halt.soon.aborted) return 'stays'
      await this.#carryOut(message, plan, halt)
    }
    if (plans.some(({ kind }) => kind === 'send')) return 'sent'
    return plans.every(({ kind }) => kind === 'busy') ? 'stays' : 'parked'
  }

  /** What a new message would wait for: only for a pause, a quota or a connection is free again soon. */
  parking(message: NewMessage): Parked | undefined {
    if (!this.#parts.clock.isBelievable()) return undefined
    const only = onlyWay(this.#parts.setup())
    const lane = only && message.route === undefined ? this.#parts.lanes.get(only) : undefined
    // Most boxes have one way out: whether it is open says all, whatever the message.
    if (lane?.pauses.length === 0) return undefined
    if (lane?.pause) return { waitingFor: waitingKey(lane.name, undefined), ...reasonOf(lane.pause) }
    const plans = planMessage(asDue(message), this.#parts.setup(), this.#book())
    const [first] = plans
    if (first?.kind !== 'park' || first.until !== undefined) return undefined
    const { waitingFor, code, reason } = first
    const isAlike = plans.every((plan) => plan.kind === 'park' && plan.waitingFor === waitingFor)
    return isAlike ? { waitingFor, code, reason } : undefined
  }

  #isTouched(message: DueMessage, recipient: DueRecipient): boolean {
    const names = [handName(message, recipient), ...(recipient.part ? [askName(recipient.part)] : [])]
    return names.some((name) => this.#inHand.has(name) || this.#doneLately.has(name))
  }

  async #carryOut(message: DueMessage, plan: Plan, halt: Halt): Promise<void> {
    switch (plan.kind) {
      case 'busy':
        return
      case 'ask':
        return this.#askSoon(message, plan.part)
      case 'park':
        return this.#park(message, plan)
      case 'stranded':
        this.#isStrandingNews = true
        return this.#park(message, { ...plan, waitingFor: stranded, code: 'no-way-out', until: undefined })
      case 'send':
        return this.#send(message, plan, halt)
    }
  }

  /** It was left uncertain by a restart: the question is due at once, the delivery waits for its answer. */
  async #askSoon(message: DueMessage, part: Part): Promise<void> {
    const { spool, clock } = this.#parts
    const changes = message.recipients
      .filter(({ number }) => part.recipients.includes(number))
      .map((recipient) =>
        changeOf(message.id, recipient.number, part.upstream, {
          ...recipient,
          state: 'indeterminate',
          dueAt: undefined,
          waitingFor: undefined,
          code: 'indeterminate',
          reason: 'it is not known whether the service took it: asking',
          status: undefined,
        }),
      )
    const nextAskAt = clock.wall()
    await spool.settle({ ...noSettlement, part, partState: 'indeterminate', nextAskAt, changes })
    this.poke()
  }

  #send(message: DueMessage, plan: SendPlan, halt: Halt): void {
    const { lanes, clock, courier } = this.#parts
    const lane = lanes.get(plan.upstream)
    if (!lane) return
    const now = clock.monotonic()
    // An earlier plan of the same message may have taken the last connection or the last of the quota.
    if (lane.availability(plan.rewrite.sender, plan.usage, now).kind === 'ready') {
      const release = lane.record({ what: 'send', ...plan.usage }, now)
      const names = plan.recipients.map((recipient) => handName(message, recipient))
      this.#hold(lane, names, () => courier.send(lane, message, plan, release, halt), halt)
    } else {
      this.poke()
    }
  }

  async #ask(asks: Asks, halt: Halt): Promise<void> {
    const { clock, spool, lanes, courier } = this.#parts
    for (const { part, message } of asks) {
      if (halt.soon.aborted) return
      const lane = lanes.get(part.upstream)
      const name = askName(part)
      if (!lane || this.#inHand.has(name) || this.#doneLately.has(name)) continue
      if (!lane.upstream.traits.canAsk) {
        await spool.settle({ ...noSettlement, part, partState: part.state })
        continue
      }
      if (lane.pause || !lane.mayAsk(clock.monotonic())) continue
      if (lane.inFlight >= lane.setup.connections) continue
      const counted = this.#jumps.countedSinceStart(message)
      this.#hold(lane, [name], () => courier.ask(lane, part, counted, halt.now), halt)
    }
  }

  /** Runs a courier with a connection of the lane, and looks again when it is back. */
  #hold(lane: Lane, names: readonly string[], work: () => Promise<void>, halt: Halt): void {
    for (const name of names) this.#inHand.add(name)
    lane.inFlight += 1
    const running = work()
      .catch((error: unknown) => {
        const work = names.join(' ')
        this.#parts.log.write('error', 'courier-failed', {
          upstream: lane.name,
          work,
          detail: describe(error),
        })
        // What failed here is ours (the disk): it must not be tried again in the same breath.
        return this.#parts.clock.sleep(troubleSleepMs, halt.soon)
      })
      .finally(() => {
        for (const name of names) {
          this.#inHand.delete(name)
          this.#doneLately.add(name)
        }
        lane.inFlight -= 1
        this.#running.delete(running)
        this.poke()
      })
    this.#running.add(running)
  }

  async #park(message: DueMessage, plan: ParkPlan): Promise<void> {
    const { spool, setup, reporter, lanes, clock, live } = this.#parts
    const { waitingFor, code, reason } = plan
    const now = clock.wall()
    const { queueLifetimeMs } = setup().gateway
    const context = { now, queueLifetimeMs, acceptedWall: message.acceptedWall }
    const steps = plan.recipients.map((recipient) => ({
      recipient,
      step: expireIfTooOld(
        {
          state: isUncertain(recipient) ? 'indeterminate' : 'deferred',
          dueAt: wallMs(now + reviewMs),
          waitingFor,
          code,
          reason,
          status: undefined,
          attempts: recipient.attempts,
          lifetime: stopCounting(recipient.lifetime, now),
          refusedBy: recipient.refusedBy,
        },
        context,
      ),
    }))
    await spool.settle({
      ...noSettlement,
      changes: steps.map(({ recipient, step }) =>
        changeOf(message.id, recipient.number, recipient.part?.upstream, step),
      ),
      reports: await reporter.reportsFor(message, waitingFor, steps, now),
    })
    const lane = lanes.get(waitingOn(waitingFor).upstream)
    tellSteps(live, message, lane?.name ?? '', steps, now)
    if (!lane) return
    lane.mayHaveWaiting = true
    if (plan.until !== undefined) lane.restsUntil = Math.min(plan.until, clock.monotonic() + patienceMs)
  }

  #probe(halt: Halt): void {
    const { lanes, clock } = this.#parts
    const now = clock.wall()
    for (const lane of lanes.values()) {
      for (const pause of lane.pauses) {
        const name = `probe ${lane.name} ${pause.sender ?? ''}`
        if (!isProbeDue(pause, now) || this.#inHand.has(name)) continue
        this.#hold(lane, [name], () => probeLane(lane, pause.sender, this.#parts, halt.soon), halt)
      }
    }
  }

  #book(): LaneBook {
    const { lanes, clock } = this.#parts
    const now = clock.monotonic()
    return {
      now,
      find: (name) => {
        const lane = lanes.get(name)
        return (
          lane && {
            setup: lane.setup,
            canAsk: lane.upstream.traits.canAsk,
            recipientsPerPart: lane.upstream.traits.recipientsPerPart,
          }
        )
      },
      availability: (name, sender, usage) =>
        lanes.get(name)?.availability(sender, usage, now) ?? { kind: 'busy' },
    }
  }

  async #sleep(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    const ms = clock.isBelievable() ? await this.#untilNext() : beliefSleepMs
    if (this.#isPoked || signal.aborted || ms <= 0) return
    await new Promise<void>((resolve) => {
      const cancel = clock.after(Math.min(ms, longestSleepMs), resolve)
      this.#wakeUp = () => {
        cancel()
        resolve()
      }
    })
    this.#wakeUp = undefined
  }

  /** Milliseconds until a row, a quota or a probe is due; what is due and in hand or without a connection waits for a poke. */
  async #untilNext(): Promise<number> {
    const { spool, clock, lanes } = this.#parts
    const due = await spool.nextDueAt()
    const now = clock.wall()
    const monotonic = clock.monotonic()
    const seen = this.#seen ?? { wall: now, monotonic }
    const all = [...lanes.values()]
    const walls = [due, ...all.flatMap((lane) => lane.pauses.map((pause) => pause.nextProbeAt))]
    const waits = [
      ...walls.flatMap((at) => (at !== undefined && at > seen.wall ? [at - now] : [])),
      ...all
        .map((lane) => nextWakeAt(lane, monotonic))
        .flatMap((at) => (at !== undefined && at > seen.monotonic ? [at - monotonic] : [])),
    ]
    const isAnyFree = all.some((lane) => lane.availability(undefined, oneMail, monotonic).kind === 'ready')
    const deepWait = isAnyFree ? [this.#nextLookAt() - monotonic] : []
    return Math.min(...waits, ...deepWait, longestSleepMs)
  }
}

const handName = (message: DueMessage, recipient: DueRecipient): string => `${message.id}/${recipient.number}`

const askName = (part: Part): string =>
  `ask ${part.message} ${part.number} ${part.generation} ${part.upstream}`

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

/** The one way out of a box that has no other. */
function onlyWay({ upstreams }: Setup): string | undefined {
  const [first, ...others] = upstreams.filter(({ enabled }) => enabled)
  return others.length === 0 ? first?.name : undefined
}

const reasonOf = ({ code, reason }: Pause) => ({ code, reason })

/** A message that is not in the queue yet, as the planner sees those that are. */
function asDue(message: NewMessage): DueMessage {
  const { envelope, acceptedWall } = message
  return {
    ...message,
    about: message.about,
    recipients: envelope.recipients.map((recipient, index) => ({
      ...recipient,
      number: index + 1,
      state: 'queued',
      attempts: 0,
      part: undefined,
      lifetime: { countedMs: 0, since: acceptedWall },
      dueAt: acceptedWall,
      refusedBy: [],
    })),
    parts: [],
    recipientCount: envelope.recipients.length,
  }
}
