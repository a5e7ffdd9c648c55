import type { Outcome } from '../core/outcome.ts'
import type { DueMessage, DueRecipient, Part, PartKey } from '../core/spool.ts'
import { firstAskMs } from '../core/step-delivery.ts'
import { second, type WallMs, wallMs } from '../core/time.ts'
import type { Preparation, PreparedConsignment, UpstreamTraits } from '../core/upstream.ts'
import {
  changeOf,
  hasOtherForm,
  noSettlement,
  partStateOf,
  type Stepped,
  sendingChange,
  summary,
} from './changes.ts'
import { drawConsequences, orOutage } from './consequences.ts'
import { consignmentOf, partKeyFor } from './consignment.ts'
import type { Halt } from './halt.ts'
import { Inquiry } from './inquiry.ts'
import type { Lane } from './lane.ts'
import type { PauseParts } from './pauses.ts'
import type { SendPlan } from './plan.ts'
import type { Reporter } from './reporter.ts'
import { note, type SettlingParts, settleSurely, stepsOf } from './settling.ts'

export interface CourierParts extends PauseParts, SettlingParts {
  readonly spool: SettlingParts['spool']
  readonly reporter: Pick<Reporter, 'reportsFor'>
  readonly namespace: string
}

/** One part on its way: made once, handed from step to step. */
interface Errand {
  readonly lane: Lane
  readonly message: DueMessage
  readonly plan: SendPlan
  readonly key: PartKey
  /** An earlier send of it may have been taken. */
  readonly isUncertain: boolean
  readonly halt: Halt
}

/** A status that only confirms is asked for the first time after this (microsoft.md 3.8). */
export const firstConfirmMs = 30 * second

/** Carries one part to its upstream and writes down what came of it. Never rejects for trouble with the upstream. */
export class Courier {
  readonly #parts: CourierParts
  readonly #inquiry: Inquiry

  constructor(parts: CourierParts) {
    this.#parts = parts
    this.#inquiry = new Inquiry(parts)
  }

  /** What became of a part whose fate is unknown, or is known and not final. */
  ask(lane: Lane, part: Part, message: DueMessage, signal: AbortSignal): Promise<void> {
    return this.#inquiry.ask(lane, part, message, signal)
  }

  /** `release` gives back what was set aside of the quota: the send counts from when it begins, or not at all. */
  async send(
    lane: Lane,
    message: DueMessage,
    plan: SendPlan,
    release: () => void,
    halt: Halt,
  ): Promise<void> {
    const key = partKeyFor(message, plan)
    const isUncertain = plan.repeats?.state === 'indeterminate'
    try {
      for (const part of plan.leaves) await this.#abandon(part)
      await this.#prepareAndSend({ lane, message, plan, key, isUncertain, halt }, release)
    } finally {
      release()
    }
  }

  async #prepareAndSend(errand: Errand, release: () => void): Promise<void> {
    const { lane, message, plan, key, halt } = errand
    const content = await this.#parts.spool.content(message.id)
    if (!content) return this.#settle(errand, undefined, sameFor(plan.recipients, contentGone))
    const consignment = consignmentOf(message, plan, key, content, this.#parts.namespace)
    const preparation = await this.#prepare(lane, consignment, halt.soon)
    // What is not on the wire yet can wait for the next start.
    if (!preparation || halt.soon.aborted) return
    if (preparation.kind === 'refused')
      return this.#settle(errand, undefined, sameFor(plan.recipients, preparation.outcome))
    const { prepared } = preparation
    const { repeats } = plan
    if (repeats && repeats.bodySha256 !== prepared.bodySha256) return this.#renew(errand, repeats, release)
    if (await this.#start(errand, consignment.operationId, prepared, release))
      await this.#hand(errand, prepared)
  }

  /** Undefined if the box is stopping: nothing has happened then. A fault of ours must not be tried without pause. */
  async #prepare(
    lane: Lane,
    consignment: Parameters<Lane['upstream']['prepare']>[0],
    signal: AbortSignal,
  ): Promise<Preparation | undefined> {
    try {
      return await lane.upstream.prepare(consignment, signal)
    } catch (error) {
      if (signal.aborted) return undefined
      this.#parts.log.write('error', 'preparation-failed', { upstream: lane.name, detail: String(error) })
      return {
        kind: 'refused',
        outcome: { kind: 'transient', code: 'not-prepared', detail: String(error) },
      }
    }
  }

  /** Its octets are others since the settings changed: a new part takes its place, and its doubt. */
  async #renew(errand: Errand, repeats: Part, release: () => void): Promise<void> {
    await this.#abandon(repeats)
    const message = {
      ...errand.message,
      parts: errand.message.parts.map((part) =>
        part === repeats || part.operationId === repeats.operationId
          ? { ...part, state: 'abandoned' as const, asks: 0 }
          : part,
      ),
    }
    const plan = { ...errand.plan, repeats: undefined }
    await this.#prepareAndSend({ ...errand, message, plan, key: partKeyFor(message, plan) }, release)
  }

  /** Everything is on disk before the socket opens. False if a recipient was held or dropped meanwhile. */
  async #start(
    errand: Errand,
    operationId: string,
    prepared: PreparedConsignment,
    release: () => void,
  ): Promise<boolean> {
    const { lane, message, plan, key } = errand
    const { spool, clock, counters } = this.#parts
    const now = clock.wall()
    const use = { upstream: lane.name, what: 'send', at: now, ...plan.usage } as const
    release()
    const takeBack = lane.record(use, clock.monotonic())
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
    if (!started) {
      takeBack()
      return false
    }
    if ((plan.repeats?.sends ?? 0) > 0 || errand.isUncertain) counters.repeats += 1
    return true
  }

  async #hand(errand: Errand, prepared: PreparedConsignment): Promise<void> {
    const { plan, key, halt } = errand
    const { clock, log } = this.#parts
    const startedAt = clock.monotonic()
    let taken: Promise<void> | undefined
    const onAccepted = (reference: string): Promise<void> => {
      const detail = errand.lane.upstream.traits.isOutbox ? keptHere : undefined
      const outcomes = sameFor(plan.recipients, {
        kind: 'accepted',
        reference,
        ...(detail ? { detail } : {}),
      })
      taken ??= this.#settle(errand, key, outcomes, { tookMs: clock.monotonic() - startedAt })
      return taken
    }
    const outcomes = await prepared.send(onAccepted, halt.now).catch((error: unknown) => {
      if (!taken) log.write('error', 'driver-failed', { upstream: errand.lane.name, detail: String(error) })
      return sameFor(plan.recipients, { kind: 'indeterminate', reference: '', detail: String(error) })
    })
    const trial = { tookMs: clock.monotonic() - startedAt, dialogue: prepared.dialogue?.() }
    await (taken ?? this.#settle(errand, key, outcomes, trial))
  }

  async #settle(
    errand: Errand,
    key: PartKey | undefined,
    outcomes: ReadonlyMap<number, Outcome>,
    { tookMs, dialogue }: Trial = { tookMs: 0 },
  ): Promise<void> {
    const { lane, message, plan, isUncertain, halt } = errand
    const { clock, reporter } = this.#parts
    const now = clock.wall()
    const sender = plan.rewrite.sender
    const known = new Map(
      [...new Set(outcomes.values())].map((outcome) => [outcome, orOutage(lane, message.id, outcome)]),
    )
    const answers = plan.recipients.map((recipient) => {
      const outcome = outcomes.get(recipient.number) ?? unanswered
      return { recipient, outcome: known.get(outcome) ?? outcome }
    })
    const course = key && nextCourse(errand, answers)
    const steps = course
      ? answers.map((answer) => againStep(answer, course, now))
      : stepsOf(answers, { lane, message, sender, isUncertain, now }, this.#parts)
    const state = key && this.#partState(errand, steps)
    const lead = steps[0]
    const settlement = {
      ...noSettlement,
      part: key,
      partState: state,
      nextAskAt: this.#nextAsk(lane, state, now),
      changes: steps.map(({ recipient, step }) => changeOf(message.id, recipient.number, lane.name, step)),
      attempt: lead && {
        at: now,
        upstream: lane.name,
        number: lead.recipient.attempts + 1,
        outcome: lead.outcome.kind,
        detail: summary(steps),
        tookMs: Math.round(tookMs),
        ...(dialogue === undefined ? {} : { dialogue }),
      },
      reports: await reporter.reportsFor(message, lane.name, steps, now),
    }
    await settleSurely(settlement, this.#parts, halt.now)
    note(lane, message, steps, this.#parts)
    const experience = {
      sender,
      outcomes: answers.map(({ outcome }) => outcome),
      wasOnTheWire: key !== undefined,
    }
    await drawConsequences(lane, experience, this.#parts)
  }

  /** Doubt ends with a final answer for every recipient only. */
  #partState({ isUncertain }: Errand, steps: readonly Stepped[]): ReturnType<typeof partStateOf> {
    const isStillOpen = steps.some(({ step }) => step.state === 'indeterminate')
    return isUncertain && isStillOpen ? 'indeterminate' : partStateOf(steps.map(({ outcome }) => outcome))
  }

  #nextAsk(lane: Lane, state: string | undefined, now: WallMs): WallMs | undefined {
    const { canAsk, canConfirm } = lane.upstream.traits
    if (state === 'indeterminate' && canAsk) return wallMs(now + firstAskMs)
    if (state === 'accepted' && canConfirm) return wallMs(now + firstConfirmMs)
    return undefined
  }

  async #abandon(part: Part): Promise<void> {
    await this.#parts.spool.settle({ ...noSettlement, part, partState: 'abandoned' })
  }
}

/**
 * A refusal of several recipients as one may be a single one's fault: smaller parts will tell, until the bad one stands
 * alone. Size is everybody's fault (RFC 3463 X.3.4), and what keeps envelopes apart refuses each by name.
 */
function isDivisible({ lane, plan }: Errand, answers: readonly { readonly outcome: Outcome }[]): boolean {
  if (plan.recipients.length < 2) return false
  const { traits } = lane.upstream
  return answers.every(
    ({ outcome }) =>
      outcome.kind === 'permanent' && outcome.scope === 'message' && mayBeOnes(outcome.status, traits),
  )
}

/** Without an envelope a bad address (RFC 3463 X.1.X) is one's fault; a rebuilt message may have any. */
const mayBeOnes = (status: string, { rebuildsMessage, hasNoEnvelope }: UpstreamTraits): boolean =>
  rebuildsMessage ? status !== '5.3.4' : hasNoEnvelope === true && status.startsWith('5.1.')
/** How a send went, besides its outcomes. */
interface Trial {
  readonly tookMs: number
  readonly dialogue?: string | undefined
}

interface Course {
  readonly code: string
  readonly how: string
}

/** How a refused part goes on at once, if it does: in the driver's other form first, which is one try and not many. */
function nextCourse(errand: Errand, answers: readonly { readonly outcome: Outcome }[]): Course | undefined {
  if (answers.every(({ outcome }) => hasOtherForm(outcome)))
    return { code: 'reformed', how: 'trying it in another form' }
  return isDivisible(errand, answers) ? { code: 'divided', how: 'trying smaller groups' } : undefined
}

/** Surely not taken, and the next part is another one: no wait, no attempt. */
function againStep(
  { recipient, outcome }: { readonly recipient: DueRecipient; readonly outcome: Outcome },
  { code, how }: Course,
  now: WallMs,
): Stepped {
  const { attempts, lifetime, refusedBy } = recipient
  const detail = outcome.kind === 'permanent' ? outcome.detail : ''
  const reason = `${detail} (${how})`
  const rest = { waitingFor: undefined, status: undefined, attempts, lifetime, refusedBy }
  return { recipient, outcome, step: { ...rest, state: 'queued', dueAt: now, code, reason } }
}

const unanswered: Outcome = {
  kind: 'transient',
  code: 'no-answer',
  detail: 'the driver gave no answer for this recipient',
}

/** The outbox sends nothing: saying 'taken over' would be untrue. */
const keptHere = 'kept in the outbox'

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
