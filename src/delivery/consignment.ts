import type { Content } from '../core/content.ts'
import type { DueMessage, DueRecipient, Part, PartKey } from '../core/spool.ts'
import type { Consignment } from '../core/upstream.ts'
import { operationIdOf } from './operation-id.ts'
import type { SendPlan } from './plan.ts'

/**
 * The name of the part that a plan sends: the old one again; its next generation, where the service had taken it and failed
 * by its own fault, or goes on in another form; or the next free number on its upstream.
 */
export function partKeyFor(message: DueMessage, plan: SendPlan): PartKey {
  const own = { message: message.id, upstream: plan.upstream }
  if (plan.repeats) return { ...own, number: plan.repeats.number, generation: plan.repeats.generation }
  const parts = message.parts.filter((part) => part.upstream === plan.upstream)
  const number = Math.max(0, ...parts.map((part) => part.number)) + 1
  const failed = parts.find((part) => goesAnew(part) && isOf(part, plan))
  if (!failed) return { ...own, number, generation: 1 }
  const generations = parts.filter((part) => part.number === failed.number).map((part) => part.generation)
  return { ...own, number: failed.number, generation: Math.max(...generations) + 1 }
}

const goesAnew = ({ state, asks }: Part): boolean =>
  state === 'reformed' || (state === 'abandoned' && asks > 0)

/** What was refused in one form for all is in the other one for each. */
const isReformed = ({ state, recipients }: Part, plan: SendPlan): boolean =>
  state === 'reformed' && plan.recipients.every(({ number }) => recipients.includes(number))

const isOf = (part: Part, plan: SendPlan): boolean =>
  part.recipients.length === plan.recipients.length &&
  plan.recipients.every(({ number }) => part.recipients.includes(number))

/**
 * What the driver gets. Everything in it comes from the spool and the plan, nothing from the clock: a repeat makes the same
 * octets. `parts` says only whether this part is the whole message, so that a later split changes no earlier body.
 */
export function consignmentOf(
  message: DueMessage,
  plan: SendPlan,
  key: PartKey,
  content: Content,
  namespace: string,
): Consignment {
  const isWhole = key.number === 1 && plan.recipients.length === message.recipientCount
  return {
    message: message.id,
    part: key.number,
    parts: isWhole ? 1 : Math.max(2, key.number),
    generation: key.generation,
    operationId: plan.repeats?.operationId ?? operationIdOf(namespace, key),
    envelope: { ...message.envelope, recipients: plan.recipients.map(envelopeRecipient) },
    recipients: plan.recipients.map((recipient) => ({
      ...envelopeRecipient(recipient),
      number: recipient.number,
    })),
    headerMessageId: message.headerMessageId,
    subject: message.subject,
    rewrite: plan.rewrite,
    content,
    index: message.index,
    acceptedWall: message.acceptedWall,
    isRepeat: wasOnTheWire(plan.repeats),
    isRefusedAsItIs: message.parts.some((part) => part.upstream === key.upstream && isReformed(part, plan)),
  }
}

const wasOnTheWire = (part: Part | undefined): boolean => (part?.sends ?? 0) > 0

const envelopeRecipient = ({
  address,
  said,
  notify,
  orcpt,
}: DueRecipient): Consignment['envelope']['recipients'][number] => ({
  address,
  ...(said === undefined ? {} : { said }),
  ...(notify === undefined ? {} : { notify }),
  ...(orcpt === undefined ? {} : { orcpt }),
})
