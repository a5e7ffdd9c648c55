import type { MessageId } from '../core/message-id.ts'
import type { Outcome } from '../core/outcome.ts'
import type { DeliveryChange, DueRecipient, PartState } from '../core/spool.ts'
import type { Step } from '../core/step-delivery.ts'

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

/** What the outcomes of its recipients say of the part as a whole. One taken recipient makes it taken. */
export function partStateOf(outcomes: Iterable<Outcome>): PartState {
  const kinds = new Set([...outcomes].map((outcome) => outcome.kind))
  if (kinds.has('confirmed') && kinds.size === 1) return 'confirmed'
  if (kinds.has('accepted') || kinds.has('confirmed')) return 'accepted'
  if (kinds.has('indeterminate')) return 'indeterminate'
  if (kinds.has('permanent') && kinds.size === 1) return 'failed'
  // A mixture of lasting and passing refusals can't be repeated as it was.
  return kinds.has('permanent') ? 'abandoned' : 'open'
}
