import { createHash } from 'node:crypto'
import type { Address } from '../core/address.ts'
import type { Clock } from '../core/clock.ts'
import type { MessageKind, NewMessage } from '../core/message.ts'
import type { MessageId } from '../core/message-id.ts'
import type { OwnMessage } from '../core/spool.ts'
import { PartScanner } from '../message/part-scanner.ts'

export interface OwnMail {
  readonly id: MessageId
  readonly kind: MessageKind
  readonly content: Uint8Array
  readonly subject: string
  readonly headerMessageId: string
  readonly from: Address | undefined
  readonly to: readonly Address[]
  /** Empty for reports and alerts: nobody answers them (RFC 3464 section 2, RFC 5321 section 4.5.5). */
  readonly reversePath: Address | ''
  readonly device?: string
  readonly route?: readonly string[]
  readonly about?: MessageId
}

/** A mail of the box itself as the spool takes it; it goes through the same queue as everybody's. */
export function ownMessage(mail: OwnMail, clock: Clock, bootId: string): OwnMessage {
  const scanner = new PartScanner()
  scanner.feed(mail.content)
  const { id, kind, content } = mail
  const message: NewMessage = {
    id,
    kind,
    priority: 'normal',
    device: mail.device,
    from: mail.from,
    subject: mail.subject,
    headerMessageId: mail.headerMessageId,
    envelope: {
      reversePath: mail.reversePath,
      recipients: mail.to.map((address) => ({ address })),
      bodyType: '7BIT',
      smtputf8: false,
      dsn: {},
    },
    route: mail.route,
    // Base64 in JSON and the text beside it: never more than half as much again.
    facts: { size: content.length, acsSize: Math.ceil(content.length * 1.5), fidelity: [] },
    index: scanner.finish(),
    contentSha256: createHash('sha256').update(content).digest('hex'),
    isIdentifiable: false,
    session: undefined,
    acceptedWall: clock.wall(),
    acceptedMonotonic: clock.monotonic(),
    bootId,
    clockBelievable: clock.isBelievable(),
    ...(mail.about === undefined ? {} : { about: mail.about }),
  }
  return { message, content }
}
