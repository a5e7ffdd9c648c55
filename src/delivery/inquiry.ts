import type { Outcome } from '../core/outcome.ts'
import type { DueMessage, Part, PartState } from '../core/spool.ts'
import { expireIfTooOld, firstAskMs, type Step, shortestRepeatMs } from '../core/step-delivery.ts'
import { hour, minute, type WallMs, wallMs } from '../core/time.ts'
import { changeOf, noSettlement, partStateOf, type Stepped, summary } from './changes.ts'
import { drawConsequences, endTrouble, orOutage } from './consequences.ts'
import type { CourierParts } from './courier.ts'
import { tellSteps } from './delivery-news.ts'
import type { Lane } from './lane.ts'
import { note, settleSurely, stepsOf } from './settling.ts'

/** A status that confirms only is asked for twice: soon, and once more (microsoft.md 3.8). */
const secondConfirmMs = 5 * minute
const confirmAsks = 2
/** Questions without an answer are repeated at growing distances, at most this. */
const longestAskWaitMs = 1 * hour
/** The service took it and failed by its own fault: it deserves one re-send under a new generation (microsoft.md 6.1). */
const internalFailure = 'operation-failed-internally'

interface Question {
  readonly lane: Lane
  readonly part: Part
  readonly message: DueMessage
  readonly signal: AbortSignal
}

/** Asks upstreams that can be asked what became of a part, and writes down the answer. */
export class Inquiry {
  readonly #parts: CourierParts

  constructor(parts: CourierParts) {
    this.#parts = parts
  }

  async ask(lane: Lane, part: Part, message: DueMessage, signal: AbortSignal): Promise<void> {
    const { spool, clock } = this.#parts
    const amount = { messages: 1, recipients: 1, external: 0 } as const
    const use = { upstream: lane.name, what: 'ask', at: clock.wall(), ...amount } as const
    lane.record(use, clock.monotonic())
    await spool.recordUse(use)
    const outcome = await lane.upstream.ask(part.operationId, signal)
    const question = { lane, part, message, signal }
    if (outcome.kind === 'throttled') {
      lane.throttleAsks(outcome.afterMs, clock.monotonic())
      return this.#askAt(question, clock.wall() + outcome.afterMs, false)
    }
    if (part.state === 'indeterminate') return this.#resolve(question, outcome)
    await this.#confirm(question, outcome)
  }

  async #resolve(question: Question, outcome: Outcome): Promise<void> {
    const { lane, message } = question
    switch (outcome.kind) {
      case 'accepted':
      case 'confirmed':
      case 'permanent':
        await this.#settle(question, outcome)
        return endTrouble(lane, undefined, this.#parts)
      case 'transient': {
        if (outcome.code === internalFailure) return this.#sendAnew(question, outcome)
        if (outcome.code === 'not-found') return this.#missing(question)
        const outcomes = [orOutage(lane, message.id, outcome)]
        await this.#askAgain(question)
        return drawConsequences(lane, { sender: undefined, outcomes, wasOnTheWire: true }, this.#parts)
      }
      default:
        return this.#askAgain(question)
    }
  }

  /**
   * Unknown to the service. That counts when it was said twice since the last send, and a minute after it: then the same
   * octets go again under the same operation id.
   */
  async #missing(question: Question): Promise<void> {
    const { part } = question
    const now = this.#parts.clock.wall()
    const earliest = part.startedAt + firstAskMs + shortestRepeatMs
    const isSaidTwice = part.asks > 2 * (part.sends - 1)
    if (isSaidTwice && now >= earliest)
      return this.#resend(question, 'open', 'not-found', 'the service does not know it: sending it again')
    await this.#askAt(question, Math.max(earliest, now + shortestRepeatMs), true)
  }

  async #sendAnew(question: Question, outcome: Extract<Outcome, { kind: 'transient' }>): Promise<void> {
    if (question.part.generation > 1) return this.#settle(question, asPermanent(outcome))
    await this.#resend(question, 'abandoned', outcome.code, `${outcome.detail}: sending it once more`)
  }

  async #confirm(question: Question, outcome: Outcome): Promise<void> {
    const { part } = question
    if (outcome.kind === 'confirmed' || outcome.kind === 'permanent') return this.#settle(question, outcome)
    if (outcome.kind === 'transient' && outcome.code === internalFailure)
      return this.#sendAnew(question, outcome)
    const isLast = part.asks + 1 >= confirmAsks
    await this.#askAt(question, isLast ? undefined : this.#parts.clock.wall() + secondConfirmMs, true)
  }

  async #settle(question: Question, outcome: Outcome): Promise<void> {
    const { lane, part, message, signal } = question
    const { clock, reporter } = this.#parts
    const now = clock.wall()
    const answers = concerned(question).map((recipient) => ({ recipient, outcome }))
    const occasion = { lane, message, sender: undefined, isUncertain: false, now }
    const steps = stepsOf(answers, occasion, this.#parts).map(uncounted)
    const state = partStateOf([outcome])
    const isOpen = state === 'accepted' && lane.upstream.traits.canConfirm
    await settleSurely(
      {
        ...noSettlement,
        part,
        partState: state,
        nextAskAt: isOpen ? wallMs(now + secondConfirmMs) : undefined,
        asked: true,
        changes: steps.map(({ recipient, step }) => changeOf(message.id, recipient.number, lane.name, step)),
        attempt: {
          at: now,
          upstream: lane.name,
          number: part.sends,
          outcome: `asked: ${outcome.kind}`,
          detail: summary(steps),
          tookMs: 0,
        },
        reports: await reporter.reportsFor(message, lane.name, steps, now),
      },
      this.#parts,
      signal,
    )
    note(lane, message, steps, this.#parts)
  }

  async #resend(question: Question, partState: PartState, code: string, reason: string): Promise<void> {
    const { part, message, signal } = question
    const now = this.#parts.clock.wall()
    const changes = concerned(question).map((recipient) =>
      changeOf(message.id, recipient.number, part.upstream, {
        state: 'queued',
        dueAt: now,
        waitingFor: undefined,
        code,
        reason,
        status: undefined,
        attempts: recipient.attempts,
        lifetime: { countedMs: recipient.lifetime.countedMs, since: recipient.lifetime.since ?? now },
        refusedBy: recipient.refusedBy,
      }),
    )
    await settleSurely({ ...noSettlement, part, partState, asked: true, changes }, this.#parts, signal)
  }

  /** No answer about the mail: again later, ever less often, until its time is over. */
  async #askAgain(question: Question): Promise<void> {
    const { part, message, lane, signal } = question
    const { clock, setup, reporter } = this.#parts
    const now = clock.wall()
    const { queueLifetimeMs } = setup().gateway
    const steps = concerned(question).map((recipient) => ({
      recipient,
      step: expireIfTooOld(unknownFate(recipient), {
        now,
        queueLifetimeMs,
        acceptedWall: message.acceptedWall,
      }),
    }))
    const wait = Math.min(longestAskWaitMs, Math.max(shortestRepeatMs, (now - part.startedAt) / 2))
    if (steps.every(({ step }) => step.state !== 'expired')) return this.#askAt(question, now + wait, false)
    await settleSurely(
      {
        ...noSettlement,
        part,
        partState: 'abandoned',
        changes: steps.map(({ recipient, step }) => changeOf(message.id, recipient.number, lane.name, step)),
        reports: await reporter.reportsFor(message, lane.name, steps, now),
      },
      this.#parts,
      signal,
    )
    tellSteps(this.#parts.live, message, lane.name, steps, now)
  }

  async #askAt({ part, signal }: Question, at: number | undefined, asked: boolean): Promise<void> {
    const nextAskAt: WallMs | undefined = at === undefined ? undefined : wallMs(at)
    await settleSurely(
      { ...noSettlement, part, partState: part.state, nextAskAt, asked },
      this.#parts,
      signal,
    )
  }
}

/** Those of the part for whom the answer is news: what a person dropped or what bounced stays so. */
const concerned = ({ part, message }: Question): DueMessage['recipients'] =>
  message.recipients.filter(
    ({ number, state }) =>
      part.recipients.includes(number) &&
      (part.state === 'accepted' ? state === 'accepted' : state === 'indeterminate' || state === 'held'),
  )

/** An answer is no attempt of its own: that was counted when it was sent. */
const uncounted = (stepped: Stepped): Stepped => ({
  ...stepped,
  step: { ...stepped.step, attempts: stepped.recipient.attempts },
})

const unknownFate = (recipient: DueMessage['recipients'][number]): Step => ({
  state: 'indeterminate',
  dueAt: undefined,
  waitingFor: undefined,
  code: 'indeterminate',
  reason: 'it is not known whether the service took it: asking',
  status: undefined,
  attempts: recipient.attempts,
  lifetime: recipient.lifetime,
  refusedBy: recipient.refusedBy,
})

const asPermanent = (outcome: Extract<Outcome, { kind: 'transient' }>): Outcome => ({
  kind: 'permanent',
  scope: 'message',
  code: outcome.code,
  status: '5.4.0',
  detail: outcome.detail,
  elsewhere: true,
})
