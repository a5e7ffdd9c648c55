import { type MessageId, messageNumberOf } from '../core/message-id.ts'

/** The number behind an id, as the tables hold it. */
export function numberOf(id: MessageId): number {
  const number = messageNumberOf(id)
  if (number === undefined) throw new RangeError(`no message id: ${id}`)
  return number
}
