import type { Address } from '../core/address.ts'
import type { Clock } from '../core/clock.ts'
import type { Setup } from '../core/setup.ts'
import type { OwnMessage, Spool } from '../core/spool.ts'
import { ownMessage } from '../delivery/own-message.ts'
import { plainMail } from '../message/own-mail.ts'

export interface OwnLetter {
  readonly to: Address
  readonly from: Address
  readonly subject: string
  readonly text: string
  /** In the Message-ID: `alert`, `week`. */
  readonly mark: string
}

/** A mail of the box to a person, as the spool takes it. */
export async function plainOwnMail(
  {
    spool,
    clock,
    setup,
    bootId,
  }: {
    readonly spool: Pick<Spool, 'takeId'>
    readonly clock: Clock
    readonly setup: () => Setup
    readonly bootId: string
  },
  { to, from, subject, text, mark }: OwnLetter,
): Promise<OwnMessage> {
  const { gateway } = setup()
  const id = await spool.takeId()
  const headerMessageId = `${id}.${mark}@${gateway.hostname}`
  const header = { from, fromName: gateway.name, to: [to], subject, date: clock.wall(), headerMessageId }
  const content = plainMail({ ...header, text })
  const mail = {
    id,
    kind: 'alert',
    content,
    subject,
    headerMessageId,
    from,
    to: [to],
    reversePath: '',
  } as const
  return ownMessage(mail, clock, bootId)
}
