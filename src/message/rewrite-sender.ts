import { comparable } from '../core/address.ts'
import type { SenderRewrite } from '../core/upstream.ts'
import {
  findField,
  type HeaderField,
  joinHeader,
  makeField,
  rawValue,
  removeFields,
  replaceField,
  splitHeader,
  textValue,
} from './header.ts'
import { type Mailbox, parseMailboxes } from './mailbox-list.ts'
import { encodeWords, isPrintableAscii, phrase } from './words.ts'

/**
 * The header as the chosen way out shall see it: From is the sender (under `senderName`, else the name the device gave),
 * the device's own From goes to Reply-To unless one is there, Sender goes, the subject gets its prefix. Everything else
 * keeps its octets; the same arguments give the same octets. Throws RangeError for a line end in a setting: it would
 * become a header field.
 */
export function rewriteHeader(header: Uint8Array, rewrite: SenderRewrite): Uint8Array {
  if (/[\r\n]/.test(rewrite.senderName + rewrite.subjectPrefix)) throw new RangeError('line end in a setting')
  const fields = withSender(splitHeader(header), rewrite)
  return joinHeader(rewrite.subjectPrefix === '' ? fields : withPrefix(fields, rewrite.subjectPrefix))
}

/** The author as the header names him. */
export function authorOf(fields: readonly HeaderField[]): Mailbox | undefined {
  const field = findField(fields, 'From')
  if (field === undefined) return undefined
  const mailboxes = parseMailboxes(textValue(field))
  return mailboxes.find((mailbox) => mailbox.address !== undefined) ?? mailboxes[0]
}

function withSender(fields: HeaderField[], rewrite: SenderRewrite): HeaderField[] {
  if (rewrite.sender === undefined) return fields
  const author = authorOf(fields)
  const name = rewrite.senderName || author?.name || ''
  const from = makeField('From', mailboxText(name, rewrite.sender))
  const rewritten = removeFields(replaceField(fields, from), 'Sender')
  const replyTo = replyToOf(fields, rewrite)
  return replyTo === undefined ? rewritten : replaceField(rewritten, makeField('Reply-To', replyTo))
}

const mailboxText = (name: string, address: string): string =>
  name === '' ? address : `${phrase(name)} <${address}>`

/** The device's own mailbox, if answers would not reach it any more. */
function replyToOf(fields: readonly HeaderField[], rewrite: SenderRewrite): string | undefined {
  const author = authorOf(fields)
  if (!rewrite.keepOriginalInReplyTo || author?.address === undefined) return undefined
  if (rewrite.sender !== undefined && comparable(author.address) === comparable(rewrite.sender))
    return undefined
  const present = findField(fields, 'Reply-To')
  if (present !== undefined && rawValue(present) !== '') return undefined
  return mailboxText(author.name, author.address)
}

/** Puts the prefix in front of the subject's own octets, with a blank between. */
function withPrefix(fields: readonly HeaderField[], prefix: string): HeaderField[] {
  const field = findField(fields, 'Subject')
  const octets = field?.octets.subarray(field.valueStart) ?? Buffer.from('\r\n')
  const value = Buffer.from(octets).toString('latin1').trimStart()
  const text = prefix.trimEnd()
  const [front, joint] = isPrintableAscii(text) ? [text, ' '] : [encodeWords(`${text} `), '\r\n ']
  const line = value === '' ? `Subject: ${front}\r\n` : `Subject: ${front}${joint}${value}`
  return replaceField(fields, {
    name: 'Subject',
    octets: Buffer.from(line, 'latin1'),
    valueStart: 'Subject:'.length,
  })
}
