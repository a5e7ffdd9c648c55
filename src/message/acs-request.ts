import { type Address, comparable, domainOf } from '../core/address.ts'
import type { Consignment } from '../core/upstream.ts'
import { type AcsAttachment, acsAttachments, isUnlisted } from './acs-attachments.ts'
import { citedIds, defaultText, readText, textParts } from './acs-content.ts'
import { acsHeaders } from './acs-headers.ts'
import {
  type AcsAddress,
  type AcsRecipients,
  acsAddress,
  acsRecipients,
  mailboxesOf,
} from './acs-recipients.ts'
import { readWhole } from './decoded-part.ts'
import { type IndivisibleFlag, indivisible } from './fidelity.ts'
import { mayKeepMessageId } from './fix-up.ts'
import { type HeaderField, readableValue, splitHeader } from './header.ts'
import { authorOf } from './rewrite-sender.ts'
import { cutText } from './words.ts'

/** The SDK's EmailMessage without its attachments (`@azure/communication-email` 1.1, api-version 2025-09-01). */
export interface AcsMessage {
  readonly headers: Record<string, string>
  readonly senderAddress: string
  readonly content:
    | { readonly subject: string; readonly plainText: string; readonly html?: string }
    | { readonly subject: string; readonly html: string; readonly plainText?: string }
  readonly recipients: AcsRecipients
  readonly replyTo?: AcsAddress[]
  readonly disableUserEngagementTracking: true
}

export type AcsRequest =
  | {
      readonly kind: 'request'
      readonly message: AcsMessage
      readonly attachments: readonly AcsAttachment[]
      /** Octets of the JSON body, exactly. */
      readonly size: number
      /** Refused as it is it can go in another form: with files zipped whose type the service does not list. */
      readonly hasOtherForm: boolean
    }
  /** Rebuilding would destroy it: another way out. */
  | { readonly kind: 'unsuitable'; readonly flag: IndivisibleFlag }
  /** Neither the settings nor the mail name a sender with a domain. */
  | { readonly kind: 'senderless' }

const maxSubject = 900

/**
 * One part of a message as a request to the service (microsoft.md 3.1, 3.9, 3.10). Reads the header and the texts, never
 * a file. Depends on the consignment alone, so that a repeat is byte-identical. `deviceName` names the device in the
 * subject of a mail that has none.
 */
export async function acsRequest(
  consignment: Consignment,
  options: { readonly deviceName: string | undefined },
  signal?: AbortSignal,
): Promise<AcsRequest> {
  const { content, index } = consignment
  const flag = indivisible(index.parts)
  if (flag !== undefined) return { kind: 'unsuitable', flag }
  const fields = splitHeader(await readWhole(content, { start: 0, end: index.headerEnd }, signal))
  const sender = senderOf(fields, consignment)
  if (sender === undefined) return { kind: 'senderless' }
  const { attachments, ...texts } = await bodyOf(consignment, signal)
  const message: AcsMessage = {
    headers: acsHeaders(fields, messageIdOf(consignment, sender)),
    senderAddress: sender,
    content: contentOf(subjectOf(fields, consignment, options.deviceName), texts, attachments),
    recipients: acsRecipients(fields, consignment.recipients, sender),
    ...replyToOf(fields, consignment, sender),
    disableUserEngagementTracking: true,
  }
  const json = acsJson(message, attachments, () => '')
  const hasOtherForm = attachments.some(isUnlisted)
  return { kind: 'request', message, attachments, size: jsonSize(json, 0, attachments), hasOtherForm }
}

function senderOf(fields: readonly HeaderField[], consignment: Consignment): Address | undefined {
  const { rewrite, envelope } = consignment
  return rewrite.sender ?? authorOf(fields)?.address ?? (envelope.reversePath || undefined)
}

async function bodyOf(
  { content, index, isRefusedAsItIs }: Consignment,
  signal: AbortSignal | undefined,
): Promise<{ plainText: string | undefined; html: string | undefined; attachments: AcsAttachment[] }> {
  const { plain, html: htmlPart } = textParts(index.parts)
  const html = await readText(content, htmlPart, signal)
  const plainText = await readText(content, plain, signal)
  const texts = [plain, htmlPart].filter((part) => part !== undefined)
  const options = { texts, cited: citedIds(html), zipsUnlisted: isRefusedAsItIs }
  return { plainText, html, attachments: acsAttachments(index.parts, options) }
}

function contentOf(
  subject: string,
  texts: { readonly plainText: string | undefined; readonly html: string | undefined },
  attachments: readonly AcsAttachment[],
): AcsMessage['content'] {
  const { plainText, html } = texts
  if (html === undefined) return { subject, plainText: plainText ?? defaultText(attachments) }
  return plainText === undefined ? { subject, html } : { subject, plainText, html }
}

function subjectOf(
  fields: readonly HeaderField[],
  { rewrite }: Consignment,
  deviceName: string | undefined,
): string {
  const said = readableValue(fields, 'Subject')
  const subject = said || (deviceName ? `Scan from ${deviceName}` : '(no subject)')
  return cutText(
    rewrite.subjectPrefix === '' ? subject : `${rewrite.subjectPrefix.trimEnd()} ${subject}`,
    maxSubject,
  )
}

/** A Message-ID of our own where several requests share a message: the service refuses or replaces a repeated one. */
function messageIdOf({ headerMessageId, parts, operationId }: Consignment, sender: Address): string {
  return parts === 1 && mayKeepMessageId(headerMessageId)
    ? headerMessageId
    : `${operationId}@${domainOf(sender)}`
}

/**
 * The service refuses the whole mail for one address without a dotted domain (azure-sdk-for-java#39910). What a device of
 * the local network calls itself (`root@ups`) nobody could answer.
 */
const isAnswerable = ({ address }: { readonly address: Address | undefined }): boolean =>
  address !== undefined && /^[!-~]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(address)

/** Who is answered: the header's Reply-To, else the author whose place the sender took. */
function replyToOf(
  fields: readonly HeaderField[],
  { rewrite }: Consignment,
  sender: Address,
): { readonly replyTo?: AcsAddress[] } {
  const author = authorOf(fields)
  const said = mailboxesOf(fields, 'Reply-To').filter(isAnswerable)
  const isReplaced =
    rewrite.keepOriginalInReplyTo && comparable(author?.address ?? sender) !== comparable(sender)
  const chosen = said.length > 0 ? said : isReplaced && author && isAnswerable(author) ? [author] : []
  return chosen.length === 0
    ? {}
    : { replyTo: chosen.map((mailbox) => acsAddress(mailbox.address ?? '', mailbox.name)) }
}

/**
 * The JSON body as the SDK writes it, fields in its order and under their names on the wire; `base64Of` gives each
 * attachment's base64 or what stands for it.
 */
export function acsJson(
  message: AcsMessage,
  attachments: readonly AcsAttachment[],
  base64Of: (index: number) => string,
): string {
  const { subject, plainText, html } = message.content
  return JSON.stringify({
    headers: message.headers,
    senderAddress: message.senderAddress,
    content: { subject, plainText, html },
    recipients: message.recipients,
    attachments:
      attachments.length === 0
        ? undefined
        : attachments.map((file, n) => ({
            name: file.name,
            contentType: file.contentType,
            contentInBase64: base64Of(n),
            contentId: file.contentId,
          })),
    replyTo: message.replyTo,
    userEngagementTrackingDisabled: message.disableUserEngagementTracking,
  })
}

/** Octets of a JSON body once each placeholder (`placeholderLength` octets, one per attachment) is the base64 itself. */
export const jsonSize = (
  messageJson: string,
  placeholderLength: number,
  attachments: readonly Pick<AcsAttachment, 'encodedSize'>[],
): number =>
  Buffer.byteLength(messageJson) +
  attachments.reduce((sum, file) => sum + file.encodedSize - placeholderLength, 0)
