import { unreachable } from '../core/brand.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Outcome } from '../core/outcome.ts'
import { waysOut } from '../core/route.ts'
import type { Setup } from '../core/setup.ts'
import type { DueMessage, DueRecipient, Part, PartKey, Spool } from '../core/spool.ts'
import { firstAskMs, type Step, shortestRepeatMs, stepDelivery, waitingKey } from '../core/step-delivery.ts'
import { minute, type WallMs, wallMs } from '../core/time.ts'
import type { PreparedConsignment } from '../core/upstream.ts'
import { changeOf, partStateOf, sendingChange } from './changes.ts'
import { consignmentOf, partKeyFor } from './consignment.ts'
import type { Lane } from './lane.ts'
import { clearPauseAlerts, outage, type PauseParts, pauseLane } from './pauses.ts'
import type { SendPlan } from './plan.ts'
import type { Reporter } from './reporter.ts'

export interface CourierParts extends PauseParts {
  readonly spool: Spool
  readonly clock: Clock
  readonly log: Log
  readonly setup: () => Setup
  readonly reporter: Reporter
  /** In [0, 1). */
  readonly random: () => number
  readonly namespace: string
  readonly counters: DeliveryCounters
}

/** Counted since the start, for /metrics. */
export interface DeliveryCounters {
  readonly attempts: Map<string, number>
  /** Octets of a part handed to a socket again: each may be a second copy. */
  repeats: number
}

/** A status that confirms only is asked for twice: soon, and once more (microsoft.md 3.8). */
const confirmWaitsMs: readonly number[] = [30_000, 5 * minute]
/** Codes of transient outcomes that say the service was never heard. */
const isUnheard = (outcome: Outcome): boolean =>
  outcome.kind === 'transient' && outcome.code.startsWith('unreachable')

/** Carries one part to its upstream and writes down what came of it. Never rejects for trouble with the upstream. */
export class Courier {
  readonly #parts: CourierParts

  constructor(parts: CourierParts) {
    this.#parts = parts
  }

  async send(lane: Lane, message: DueMessage, plan: SendPlan, signal: AbortSignal): Promise<void> {
    const { spool, clock } = this.#parts
    for (const part of plan.leaves) await this.#abandon(part)
    const key = partKeyFor(message, plan)
    const content = await spool.content(message.id)
    if (!content)
      return this.#settle(lane, message, plan, undefined, sameFor(plan.recipients, contentGone), clock.wall())
    const consignment = consignmentOf(message, plan, key, content, this.#parts.namespace)
    const preparation = await lane.upstream.prepare(consignment, signal)
    if (preparation.kind === 'refused') {
      return this.#settle(
        lane,
        message,
        plan,
        undefined,
        sameFor(plan.recipients, preparation.outcome),
        clock.wall(),
      )
    }
    const { prepared } = preparation
    if (plan.repeats && plan.repeats.bodySha256 !== prepared.bodySha256) return this.#abandon(plan.repeats)
    if (!(await this.#start(lane, message, plan, key, consignment.operationId, prepared))) return
    await this.#hand(lane, message, plan, key, prepared, signal)
  }

  /** What became of a part whose fate is unknown, or is known and not final. */
  async ask(lane: Lane, part: Part, message: DueMessage, signal: AbortSignal): Promise<void> {
    const { spool, clock } = this.#parts
    const use = {
      upstream: lane.name,
      what: 'ask',
      at: clock.wall(),
      messages: 1,
      recipients: 1,
      external: 0,
    } as const
    lane.record(use, clock.monotonic())
    await spool.recordUse(use)
    const outcome = await lane.upstream.ask(part.operationId, signal)
    if (outcome.kind === 'throttled') {
      lane.throttleAsks(outcome.afterMs, clock.monotonic())
      return this.#askLater(part, outcome.afterMs, false)
    }
    if (part.state === 'indeterminate') return this.#resolve(lane, part, message, outcome)
    await this.#confirm(lane, part, message, outcome)
  }

  async #start(
    lane: Lane,
    message: DueMessage,
    plan: SendPlan,
    key: PartKey,
    operationId: string,
    prepared: PreparedConsignment,
  ): Promise<boolean> {
    const { spool, clock, counters } = this.#parts
    const now = clock.wall()
    const use = { upstream: lane.name, what: 'send', at: now, ...plan.usage } as const
    const started = await spool.start({
      part: {
        ...key,
        operationId,
        bodySha256: prepared.bodySha256,
        recipients: plan.recipients.map(({ number }) => number),
        startedAt: now,
      },
      changes: plan.recipients.map((recipient) => sendingChange(message.id, recipient, lane.name)),
      use,
    })
    if (!started) return false
    lane.record(use, clock.monotonic())
    if ((plan.repeats?.sends ?? 0) > 0) counters.repeats += 1
    return true
  }

  async #hand(
    lane: Lane,
    message: DueMessage,
    plan: SendPlan,
    key: PartKey,
    prepared: PreparedConsignment,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#parts
    const startedAt = clock.monotonic()
    let isTaken = false
    const onAccepted = async (reference: string): Promise<void> => {
      isTaken = true
      const outcome: Outcome = { kind: 'accepted', reference }
      await this.#settle(
        lane,
        message,
        plan,
        key,
        sameFor(plan.recipients, outcome),
        clock.wall(),
        clock.monotonic() - startedAt,
      )
    }
    const outcomes = await prepared.send(onAccepted, signal)
    if (isTaken) return
    await this.#settle(lane, message, plan, key, outcomes, clock.wall(), clock.monotonic() - startedAt)
  }

  async #settle(
    lane: Lane,
    message: DueMessage,
    plan: SendPlan,
    key: PartKey | undefined,
    outcomes: ReadonlyMap<number, Outcome>,
    now: WallMs,
    tookMs = 0,
  ): Promise<void> {
    const { spool, reporter } = this.#parts
    const steps = plan.recipients.map((recipient) => {
      const outcome = outcomes.get(recipient.number) ?? unanswered
      return {
        recipient,
        outcome,
        step: this.#step(lane, message, recipient, outcome, plan.rewrite.sender, plan.recipients.length, now),
      }
    })
    const state = key && partStateOf(steps.map(({ outcome }) => outcome))
    const lead = steps[0]
    await spool.settle({
      part: key,
      partState: state,
      nextAskAt: this.#nextAsk(lane, state, now),
      asked: false,
      changes: steps.map(({ recipient, step }) => changeOf(message.id, recipient.number, lane.name, step)),
      attempt: lead && {
        at: now,
        upstream: lane.name,
        number: lead.recipient.attempts + 1,
        outcome: lead.outcome.kind,
        detail: summary(steps.map(({ step }) => step)),
        tookMs: Math.round(tookMs),
      },
      reports: await reporter.reportsFor(message, lane.name, steps, now),
    })
    this.#note(lane, message, steps)
    await this.#drawConsequences(
      lane,
      message,
      plan.rewrite.sender,
      steps.map(({ outcome }) => outcome),
      key !== undefined,
    )
  }

  #step(
    lane: Lane,
    message: DueMessage,
    recipient: DueRecipient,
    outcome: Outcome,
    sender: string | undefined,
    together: number,
    now: WallMs,
  ): Step {
    const setup = this.#parts.setup()
    const refusedBy = [...recipient.refusedBy, lane.name]
    const { ways } = waysOut({ ...message, recipient: recipient.address, refusedBy }, setup.upstreams)
    const step = stepDelivery(recipient, divided(outcome, together, lane), {
      now,
      upstream: lane.name,
      canAsk: lane.upstream.traits.canAsk,
      canConfirm: lane.upstream.traits.canConfirm,
      queueLifetimeMs: setup.gateway.queueLifetimeMs,
      acceptedWall: message.acceptedWall,
      random: this.#parts.random(),
      hasOtherWay: ways.length > 0,
    })
    const needsOtherWay = outcome.kind === 'paused' && ways.length > 0
    if (needsOtherWay)
      return { ...step, state: 'queued', dueAt: now, waitingFor: undefined, lifetime: recipient.lifetime }
    if (outcome.kind === 'paused' && outcome.scope === 'sender')
      return { ...step, waitingFor: waitingKey(lane.name, sender) }
    return step
  }

  #nextAsk(lane: Lane, state: string | undefined, now: WallMs): WallMs | undefined {
    const { canAsk, canConfirm } = lane.upstream.traits
    if (state === 'indeterminate' && canAsk) return wallMs(now + firstAskMs)
    if (state === 'accepted' && canConfirm) return wallMs(now + (confirmWaitsMs[0] ?? 0))
    return undefined
  }

  #note(
    lane: Lane,
    message: DueMessage,
    steps: readonly { readonly recipient: DueRecipient; readonly outcome: Outcome; readonly step: Step }[],
  ): void {
    const { log, counters } = this.#parts
    for (const { recipient, outcome, step } of steps) {
      const name = `${lane.name} ${outcome.kind}`
      counters.attempts.set(name, (counters.attempts.get(name) ?? 0) + 1)
      log.write(step.state === 'accepted' || step.state === 'confirmed' ? 'info' : 'warn', 'delivery', {
        message: `${message.id}/${recipient.number}`,
        upstream: lane.name,
        state: step.state,
        code: step.code,
        reason: step.reason,
      })
    }
  }

  /** What the outcomes mean for everybody else's mail on this way out. */
  async #drawConsequences(
    lane: Lane,
    message: DueMessage,
    sender: string | undefined,
    outcomes: readonly Outcome[],
    wasOnTheWire: boolean,
  ): Promise<void> {
    const { clock, alerts } = this.#parts
    for (const outcome of distinct(outcomes)) {
      switch (outcome.kind) {
        case 'paused':
          await pauseLane(
            lane,
            outcome.pause,
            outcome.scope === 'sender' ? sender : undefined,
            false,
            clock.wall(),
            this.#parts,
          )
          break
        case 'throttled':
          this.#throttle(lane, outcome.afterMs)
          break
        case 'transient':
        case 'indeterminate':
          if (isUnheard(outcome) && lane.strike(message.id))
            await pauseLane(lane, outage(outcome.detail), undefined, false, clock.wall(), this.#parts)
          break
        case 'accepted':
        case 'confirmed':
        case 'permanent':
          if (!wasOnTheWire) break
          lane.succeed()
          clearPauseAlerts(lane, sender, alerts)
          break
        default:
          unreachable(outcome)
      }
    }
  }

  #throttle(lane: Lane, afterMs: number): void {
    const { clock, alerts, log } = this.#parts
    const { isForeign } = lane.throttle(afterMs, clock.monotonic())
    log.write('warn', 'upstream-throttled', { upstream: lane.name, afterMs, isForeign })
    if (!isForeign) return
    alerts.raise({
      key: `quota-shared/${lane.name}`,
      severity: 'notice',
      sentence: `${lane.name} says 'too many' although this box is below its own share: someone else uses this subscription.`,
      remedy: 'Set quota or share of this upstream lower, or ask who else sends through it.',
    })
  }

  async #resolve(lane: Lane, part: Part, message: DueMessage, outcome: Outcome): Promise<void> {
    const now = this.#parts.clock.wall()
    switch (outcome.kind) {
      case 'accepted':
      case 'confirmed':
      case 'permanent': {
        lane.succeed()
        return this.#settleAsked(lane, part, message, outcome, now)
      }
      case 'transient':
        if (outcome.code !== 'not-found') return this.#askLater(part, shortestRepeatMs, true)
        if (part.asks < 1) return this.#askLater(part, shortestRepeatMs, true)
        return this.#repeatPart(part, message, now)
      default:
        return this.#askLater(part, 5 * minute, true)
    }
  }

  async #confirm(lane: Lane, part: Part, message: DueMessage, outcome: Outcome): Promise<void> {
    if (outcome.kind === 'confirmed' || outcome.kind === 'permanent') {
      return this.#settleAsked(lane, part, message, outcome, this.#parts.clock.wall())
    }
    const wait = confirmWaitsMs[part.asks + 1]
    await this.#parts.spool.settle({
      ...nothing,
      part,
      partState: 'accepted',
      nextAskAt: wait === undefined ? undefined : wallMs(this.#parts.clock.wall() + wait),
      asked: true,
    })
  }

  async #settleAsked(
    lane: Lane,
    part: Part,
    message: DueMessage,
    outcome: Outcome,
    now: WallMs,
  ): Promise<void> {
    const { spool, reporter } = this.#parts
    const recipients = message.recipients.filter(({ number }) => part.recipients.includes(number))
    const steps = recipients.map((recipient) => ({
      recipient,
      outcome,
      step: this.#step(lane, message, recipient, outcome, undefined, 1, now),
    }))
    const state = partStateOf([outcome])
    await spool.settle({
      part,
      partState: state,
      nextAskAt: state === 'accepted' ? wallMs(now + (confirmWaitsMs[0] ?? 0)) : undefined,
      asked: true,
      changes: steps.map(({ recipient, step }) => changeOf(message.id, recipient.number, lane.name, step)),
      attempt: {
        at: now,
        upstream: lane.name,
        number: part.sends,
        outcome: `asked: ${outcome.kind}`,
        detail: summary(steps.map(({ step }) => step)),
        tookMs: 0,
      },
      reports: await reporter.reportsFor(message, lane.name, steps, now),
    })
    this.#note(lane, message, steps)
  }

  /** Asked twice, a minute apart, and never heard of: the same octets under the same operation id go again. */
  async #repeatPart(part: Part, message: DueMessage, now: WallMs): Promise<void> {
    const recipients = message.recipients.filter(({ number }) => part.recipients.includes(number))
    await this.#parts.spool.settle({
      ...nothing,
      part,
      partState: 'open',
      asked: true,
      changes: recipients.map((recipient) =>
        changeOf(message.id, recipient.number, part.upstream, {
          state: 'queued',
          dueAt: now,
          waitingFor: undefined,
          code: 'not-found',
          reason: 'the service does not know it: sending it again',
          status: undefined,
          attempts: recipient.attempts,
          lifetime: recipient.lifetime,
          refusedBy: recipient.refusedBy,
        }),
      ),
    })
  }

  async #askLater(part: Part, afterMs: number, asked: boolean): Promise<void> {
    const nextAskAt = wallMs(this.#parts.clock.wall() + afterMs)
    await this.#parts.spool.settle({ ...nothing, part, partState: part.state, nextAskAt, asked })
  }

  async #abandon(part: Part): Promise<void> {
    await this.#parts.spool.settle({ ...nothing, part, partState: 'abandoned' })
  }
}

/** A refusal of several recipients as one may be a single one's fault: smaller parts will tell. */
function divided(outcome: Outcome, together: number, lane: Lane): Outcome {
  const isShared = outcome.kind === 'permanent' && outcome.scope === 'message' && !outcome.elsewhere
  if (!isShared || together === 1 || !lane.upstream.traits.rebuildsMessage) return outcome
  return { kind: 'transient', code: 'divided', detail: `${outcome.detail} (trying smaller groups)` }
}

const nothing = {
  part: undefined,
  partState: undefined,
  nextAskAt: undefined,
  asked: false,
  changes: [],
  attempt: undefined,
  reports: [],
} as const

const unanswered: Outcome = {
  kind: 'transient',
  code: 'no-answer',
  detail: 'the driver gave no answer for this recipient',
}

const contentGone: Outcome = {
  kind: 'permanent',
  scope: 'message',
  code: 'content-gone',
  status: '5.3.0',
  detail: 'its content is no longer in the spool',
  elsewhere: false,
}

const sameFor = (recipients: readonly DueRecipient[], outcome: Outcome): ReadonlyMap<number, Outcome> =>
  new Map(recipients.map(({ number }) => [number, outcome]))

const summary = (steps: readonly Step[]): string =>
  [...new Set(steps.map((step) => step.reason))].join('; ').slice(0, 500)

function distinct(outcomes: readonly Outcome[]): readonly Outcome[] {
  return [...new Map(outcomes.map((outcome) => [outcome.kind, outcome])).values()]
}
