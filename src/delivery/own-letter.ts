import type { Address } from '../core/address.ts'
import type { Clock } from '../core/clock.ts'
import type { Setup } from '../core/setup.ts'
import type { OwnMessage, Spool } from '../core/spool.ts'
import { plainMail } from '../message/own-mail.ts'
import { type OwnMail, ownMessage } from './own-message.ts'

/** A text of the box to a person. An alert from nobody, unless the rest says otherwise. */
export interface OwnLetter extends Partial<Pick<OwnMail, 'kind' | 'reversePath' | 'device' | 'route'>> {
  readonly to: Address
  readonly from: Address
  readonly subject: string
  readonly text: string
  /** In the Message-ID: `alert`, `week`. */
  readonly mark: string
}

export interface LetterParts {
  readonly spool: Pick<Spool, 'takeId'>
  readonly clock: Clock
  readonly setup: () => Setup
  readonly bootId: string
}

/** A mail of the box to a person, as the spool takes it. */
export async function plainOwnMail(
  { spool, clock, setup, bootId }: LetterParts,
  { to, from, subject, text, mark, ...more }: OwnLetter,
): Promise<OwnMessage> {
  const { gateway } = setup()
  const id = await spool.takeId()
  const headerMessageId = `${id}.${mark}@${gateway.hostname}`
  const header = { from, fromName: gateway.name, to: [to], subject, date: clock.wall(), headerMessageId }
  const content = plainMail({ ...header, text })
  const mail = { id, content, subject, headerMessageId, from, to: [to] }
  return ownMessage({ kind: 'alert', reversePath: '', ...mail, ...more }, clock, bootId)
}
