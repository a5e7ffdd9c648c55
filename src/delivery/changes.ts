import type { MessageId } from '../core/message-id.ts'
import type { Outcome } from '../core/outcome.ts'
import type { DeliveryChange, DueRecipient, PartState, Settlement } from '../core/spool.ts'
import type { Step } from '../core/step-delivery.ts'

/** One recipient, what came of it, and what becomes of it. */
export interface Stepped {
  readonly recipient: DueRecipient
  readonly outcome: Outcome
  readonly step: Step
}

/** A settlement that changes nothing, to spread. */
export const noSettlement: Settlement = {
  part: undefined,
  partState: undefined,
  nextAskAt: undefined,
  asked: false,
  changes: [],
  attempt: undefined,
  reports: [],
}

/** A step as the spool writes it. */
export const changeOf = (
  message: MessageId,
  recipient: number,
  upstream: string | undefined,
  step: Step,
): DeliveryChange => ({
  message,
  recipient,
  upstream,
  ...step,
})

/** The state before the socket opens: on the wire until an outcome says otherwise. */
export const sendingChange = (
  message: MessageId,
  recipient: DueRecipient,
  upstream: string,
): DeliveryChange => ({
  message,
  recipient: recipient.number,
  upstream,
  state: 'sending',
  dueAt: undefined,
  waitingFor: undefined,
  code: 'sending',
  reason: `on its way to ${upstream}`,
  status: undefined,
  attempts: recipient.attempts,
  lifetime: recipient.lifetime,
  refusedBy: recipient.refusedBy,
})

export const hasOtherForm = (outcome: Outcome): boolean =>
  outcome.kind === 'permanent' && outcome.hasOtherForm === true

/**
 * What the outcomes of its recipients say of the part as a whole. One uncertain recipient keeps it uncertain, for its sake;
 * else one taken recipient makes it taken.
 */
export function partStateOf(outcomes: Iterable<Outcome>): PartState {
  const all = [...outcomes]
  if (all.length > 0 && all.every(hasOtherForm)) return 'reformed'
  const kinds = new Set(all.map((outcome) => outcome.kind))
  if (kinds.has('indeterminate')) return 'indeterminate'
  if (kinds.has('confirmed') && kinds.size === 1) return 'confirmed'
  if (kinds.has('accepted') || kinds.has('confirmed')) return 'accepted'
  if (kinds.has('permanent') && kinds.size === 1) return 'failed'
  // A mixture of lasting and passing refusals can't be repeated as it was.
  return kinds.has('permanent') ? 'abandoned' : 'open'
}

/**
 * Gives all that come back by themselves the latest of their times: together they are one part again, under its operation
 * id, instead of as many calls as recipients.
 */
export function together(steps: readonly Stepped[]): readonly Stepped[] {
  const isTimed = ({ step }: Stepped): boolean => step.dueAt !== undefined && step.waitingFor === undefined
  const retries = steps.filter((stepped) => isTimed(stepped) && stepped.step.state !== 'queued')
  const latest = retries.reduce<Step['dueAt']>(
    (time, { step }) => (time === undefined || (step.dueAt ?? time) > time ? step.dueAt : time),
    undefined,
  )
  return steps.map((stepped) =>
    retries.includes(stepped) ? { ...stepped, step: { ...stepped.step, dueAt: latest } } : stepped,
  )
}

/** The reasons in the steps, each once, for the history. */
export const summary = (steps: readonly Stepped[]): string =>
  [...new Set(steps.map(({ step }) => step.reason))].join('; ').slice(0, 500)
