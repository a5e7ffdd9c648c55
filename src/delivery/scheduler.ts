import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import { builtInOutbox } from '../core/route.ts'
import type { Setup } from '../core/setup.ts'
import type { DueMessage, DueRecipient, Spool } from '../core/spool.ts'
import { expireIfTooOld, stopCounting } from '../core/step-delivery.ts'
import { hour, minute, second, type WallMs, wallMs } from '../core/time.ts'
import { changeOf } from './changes.ts'
import type { Courier } from './courier.ts'
import type { Lane } from './lane.ts'
import { clearPauseAlerts, liftPause, type PauseParts, pauseLane } from './pauses.ts'
import { type LaneBook, type Plan, planMessage, type SendPlan } from './plan.ts'
import type { Reporter } from './reporter.ts'

export interface SchedulerParts extends PauseParts {
  readonly spool: Spool
  readonly clock: Clock
  readonly log: Log
  readonly setup: () => Setup
  readonly lanes: ReadonlyMap<string, Lane>
  readonly courier: Courier
  readonly reporter: Reporter
}

/** Rows looked at in one round: enough to keep every lane busy, few enough to be read in a millisecond or two. */
const batchSize = 256
const longestSleepMs = 1 * minute
const beliefSleepMs = 5 * second

/** Claims what is due, in rounds: one at a time, woken by new mail, a free connection, or the clock. */
export class Scheduler {
  readonly #parts: SchedulerParts
  /** Deliveries and parts that a courier has in hand. */
  readonly #inHand = new Set<string>()
  readonly #running = new Set<Promise<void>>()
  #wakeUp: (() => void) | undefined
  #isPoked = false
  #loop: Promise<void> | undefined

  constructor(parts: SchedulerParts) {
    this.#parts = parts
  }

  start(signal: AbortSignal): void {
    signal.addEventListener('abort', () => this.poke(), { once: true })
    this.#loop = this.#run(signal)
  }

  /** Something may have become due. */
  poke(): void {
    this.#isPoked = true
    this.#wakeUp?.()
  }

  /** Resolves when the loop has ended and no courier is under way. */
  async settled(): Promise<void> {
    await this.#loop
    await Promise.allSettled([...this.#running])
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#isPoked = false
      try {
        await this.#round(signal)
      } catch (error) {
        // The spool is in trouble (disk full, I/O error): nothing is lost, look again in a while.
        this.#parts.log.write('error', 'scheduler-round-failed', { detail: String(error) })
        await this.#parts.clock.sleep(beliefSleepMs, signal)
      }
      if (!this.#isPoked && !signal.aborted) await this.#sleep(signal)
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { clock, spool } = this.#parts
    if (!clock.isBelievable()) return
    await this.#probe(signal)
    await this.#wakeWaiting()
    await this.#asks(signal)
    for (const message of await spool.due(clock.wall(), batchSize)) await this.#handle(message, signal)
  }

  async #handle(message: DueMessage, signal: AbortSignal): Promise<void> {
    const recipients = message.recipients.filter(
      (recipient) => !this.#inHand.has(handName(message, recipient)),
    )
    if (recipients.length === 0) return
    const plans = planMessage({ ...message, recipients }, this.#parts.setup(), this.#book())
    for (const plan of plans) await this.#carryOut({ ...message, recipients }, plan, signal)
  }

  async #carryOut(message: DueMessage, plan: Plan, signal: AbortSignal): Promise<void> {
    const now = this.#parts.clock.wall()
    switch (plan.kind) {
      case 'busy':
        return
      case 'ask':
        // It was left uncertain by a restart: the question is due at once.
        return this.#parts.spool.settle({
          ...noSettlement,
          part: plan.part,
          partState: 'indeterminate',
          nextAskAt: now,
          changes: await this.#unscheduled(message, plan.part.recipients),
        })
      case 'park':
        return this.#park(message, plan.recipients, plan.waitingFor, plan.code, plan.reason, now)
      case 'stranded':
        return this.#park(message, plan.recipients, stranded, 'no-way-out', plan.reason, now)
      case 'send':
        return this.#send(message, plan, signal)
    }
  }

  async #unscheduled(
    message: DueMessage,
    numbers: readonly number[],
  ): Promise<ReturnType<typeof changeOf>[]> {
    return message.recipients
      .filter(({ number }) => numbers.includes(number))
      .map((recipient) =>
        changeOf(message.id, recipient.number, recipient.part?.upstream, {
          ...recipient,
          dueAt: undefined,
          waitingFor: undefined,
          code: 'indeterminate',
          reason: 'it is not known whether the service took it: asking',
          status: undefined,
        }),
      )
  }

  #send(message: DueMessage, plan: SendPlan, signal: AbortSignal): void {
    const lane = this.#parts.lanes.get(plan.upstream)
    if (!lane) return
    // An earlier plan of the same message may have taken the last connection or the last of the quota.
    const still = lane.availability(plan.rewrite.sender, plan.usage, this.#parts.clock.monotonic())
    if (still.kind !== 'ready') return this.poke()
    const names = plan.recipients.map((recipient) => handName(message, recipient))
    this.#hold(lane, names, () => this.#parts.courier.send(lane, message, plan, signal))
  }

  async #asks(signal: AbortSignal): Promise<void> {
    const { spool, clock, lanes, courier } = this.#parts
    for (const { part, message } of await spool.dueAsks(clock.wall(), batchSize)) {
      const lane = lanes.get(part.upstream)
      const name = `ask ${message.id} ${part.upstream} ${part.number}`
      if (!lane || this.#inHand.has(name) || lane.pause || !lane.mayAsk(clock.monotonic())) continue
      if (lane.inFlight >= lane.setup.connections) continue
      this.#hold(lane, [name], () => courier.ask(lane, part, message, signal))
    }
  }

  /** Runs a courier with a connection of the lane, and looks again when it is back. */
  #hold(lane: Lane, names: readonly string[], work: () => Promise<void>): void {
    for (const name of names) this.#inHand.add(name)
    lane.inFlight += 1
    const running = work()
      .catch((error: unknown) => {
        this.#parts.log.write('error', 'courier-failed', {
          upstream: lane.name,
          work: names.join(' '),
          detail: describe(error),
        })
      })
      .finally(() => {
        for (const name of names) this.#inHand.delete(name)
        lane.inFlight -= 1
        this.#running.delete(running)
        this.poke()
      })
    this.#running.add(running)
  }

  async #park(
    message: DueMessage,
    recipients: readonly DueRecipient[],
    waitingFor: string,
    code: string,
    reason: string,
    now: WallMs,
  ): Promise<void> {
    const { spool, setup, reporter, lanes } = this.#parts
    const context = {
      now,
      queueLifetimeMs: setup().gateway.queueLifetimeMs,
      acceptedWall: message.acceptedWall,
    }
    const steps = recipients.map((recipient) => ({
      recipient,
      step: expireIfTooOld(
        {
          state: recipient.state === 'indeterminate' ? 'indeterminate' : 'deferred',
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
    for (const lane of lanes.values()) lane.mayHaveWaiting = true
  }

  /** Lanes that are free again take what waits for them, no more than fits. */
  async #wakeWaiting(): Promise<void> {
    const { lanes, clock, spool } = this.#parts
    const waiting = [...lanes.values()].some((lane) => lane.mayHaveWaiting)
      ? (await spool.counts()).waitingByUpstream
      : {}
    for (const lane of lanes.values()) {
      if (!lane.mayHaveWaiting) continue
      const isReady =
        lane.availability(undefined, { messages: 1, recipients: 1, external: 0 }, clock.monotonic()).kind ===
        'ready'
      if (!isReady) continue
      lane.mayHaveWaiting = lane.isOnProbation
      const room = lane.isOnProbation ? 1 : lane.room(clock.monotonic())
      for (const [key, count] of Object.entries(waiting)) {
        if (!this.#mayServe(key, lane)) continue
        const woken = await spool.wake(key, room, clock.wall())
        if (woken < count && woken > 0) lane.mayHaveWaiting = true
      }
    }
  }

  /** Whether mail that waits under `key` may go by this lane: its own, or that of another that is closed or gone. */
  #mayServe(key: string, lane: Lane): boolean {
    const [name = '', sender] = key.split(' ')
    const other = this.#parts.lanes.get(name)
    if (other === lane)
      return !lane.pauses.some((pause) => pause.sender !== undefined && pause.sender === sender)
    return (
      lane.name !== builtInOutbox &&
      !lane.isOnProbation &&
      (!other || other.pauses.length > 0) &&
      lane.mayHaveWaiting
    )
  }

  /** Paused lanes try themselves: what needs no mail first, then one waiting mail. */
  async #probe(signal: AbortSignal): Promise<void> {
    const { lanes, clock } = this.#parts
    const now = clock.wall()
    for (const lane of lanes.values()) {
      for (const pause of lane.pauses) {
        if (pause.nextProbeAt === undefined || pause.nextProbeAt > now) continue
        const name = `probe ${lane.name} ${pause.sender ?? ''}`
        if (this.#inHand.has(name)) continue
        this.#hold(lane, [name], () => this.#probeLane(lane, pause.sender, signal))
      }
    }
  }

  async #probeLane(lane: Lane, sender: string | undefined, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    if (sender !== undefined) {
      await liftPause(lane, sender, this.#parts)
      return
    }
    const found = await lane.upstream.probe(signal)
    switch (found.kind) {
      case 'usable':
        await liftPause(lane, undefined, this.#parts)
        return this.#clearIfIdle(lane)
      case 'paused':
        return pauseLane(lane, found.pause, undefined, false, clock.wall(), this.#parts)
      case 'throttled':
      case 'transient': {
        const { pause } = lane
        if (pause) return pauseLane(lane, pause, undefined, false, clock.wall(), this.#parts)
      }
    }
  }

  /** Without waiting mail nothing will prove the lane: the probe has to do. */
  async #clearIfIdle(lane: Lane): Promise<void> {
    const { waitingByUpstream } = await this.#parts.spool.counts()
    const isAwaited = Object.keys(waitingByUpstream).some((key) => key.split(' ')[0] === lane.name)
    if (isAwaited) return
    lane.succeed()
    clearPauseAlerts(lane, undefined, this.#parts.alerts)
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
    const now = clock.wall()
    const monotonic = clock.monotonic()
    const due = await spool.nextDueAt()
    const waits = [due !== undefined && due > now ? due - now : longestSleepMs]
    for (const lane of lanes.values()) {
      if (lane.mayHaveWaiting)
        waits.push(
          (lane.throttledUntil(monotonic) ??
            lane.sends.freeAt(monotonic, { messages: 1, recipients: 1, external: 0 })) - monotonic,
        )
      waits.push(
        ...lane.pauses.flatMap((pause) => (pause.nextProbeAt === undefined ? [] : [pause.nextProbeAt - now])),
      )
    }
    return Math.min(...waits.filter((wait) => wait > 0), longestSleepMs)
  }
}

/** Mail without any way out waits for a change of the settings. */
const stranded = 'a-way-out'
/** Parked mail is looked at again at least this often, for its longest wait. */
const reviewMs = 6 * hour

const noSettlement = {
  part: undefined,
  partState: undefined,
  nextAskAt: undefined,
  asked: false,
  changes: [],
  attempt: undefined,
  reports: [],
} as const

const handName = (message: DueMessage, recipient: DueRecipient): string => `${message.id}/${recipient.number}`

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
