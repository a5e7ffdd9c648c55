// The mails the emulated service took responsibility for, as a test wants to look at them.
import { createHash } from 'node:crypto'
import type { OperationFailure } from './azure-settings.ts'
import type { EmailAddress, EmailRequest } from './email-request.ts'

/** Attachments above this size are kept as hash and size only. */
const keptContentBytes = 64 * 1024

export type Authentication =
  /** `key` is the index in `accessKeys`. */
  | { readonly kind: 'access-key'; readonly key: number }
  | { readonly kind: 'bearer'; readonly clientId: string; readonly by: 'secret' | 'certificate' }

export interface StoredAttachment {
  readonly name: string
  readonly contentType: string
  /** Bytes after base64 was undone. */
  readonly size: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly contentId: string | undefined
  /** Only up to 64 KB. */
  readonly content: Buffer | undefined
}

export interface StoredMail {
  readonly operationId: string
  /** Emulator's clock, milliseconds since the epoch. */
  readonly at: number
  readonly sender: string
  readonly to: readonly EmailAddress[]
  readonly cc: readonly EmailAddress[]
  readonly bcc: readonly EmailAddress[]
  readonly subject: string
  readonly plainText: string | undefined
  readonly html: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly replyTo: readonly EmailAddress[]
  readonly isTrackingDisabled: boolean
  readonly attachments: readonly StoredAttachment[]
  readonly requestBytes: number
  /** Of the raw request, lower-case hexadecimal. */
  readonly requestSha256: string
  readonly authentication: Authentication
  /** Recipients the service will not write to. */
  readonly suppressed: readonly string[]
  /** Set when the operation ends without anything having been sent. */
  failure: OperationFailure | undefined
}

function storeAttachment(attachment: NonNullable<EmailRequest['attachments']>[number]): StoredAttachment {
  const content = Buffer.from(attachment.contentInBase64, 'base64')
  return {
    name: attachment.name,
    contentType: attachment.contentType,
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    contentId: attachment.contentId,
    content: content.length <= keptContentBytes ? content : undefined,
  }
}

export interface Acceptance {
  readonly operationId: string
  readonly at: number
  readonly requestBytes: number
  readonly requestSha256: string
  readonly authentication: Authentication
  readonly suppressed: readonly string[]
}

export function storeMail(email: EmailRequest, acceptance: Acceptance): StoredMail {
  const suppressed = new Set(acceptance.suppressed.map((address) => address.toLowerCase()))
  const everyone = [
    ...(email.recipients.to ?? []),
    ...(email.recipients.cc ?? []),
    ...(email.recipients.bcc ?? []),
  ]
  return {
    ...acceptance,
    sender: email.senderAddress,
    to: email.recipients.to ?? [],
    cc: email.recipients.cc ?? [],
    bcc: email.recipients.bcc ?? [],
    subject: email.content.subject,
    plainText: email.content.plainText,
    html: email.content.html,
    headers: email.headers ?? {},
    replyTo: email.replyTo ?? [],
    isTrackingDisabled: email.userEngagementTrackingDisabled ?? false,
    attachments: (email.attachments ?? []).map(storeAttachment),
    suppressed: everyone.map((one) => one.address).filter((address) => suppressed.has(address.toLowerCase())),
    failure: undefined,
  }
}
