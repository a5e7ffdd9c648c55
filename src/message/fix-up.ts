import type { Address } from '../core/address.ts'
import { hour, type WallMs } from '../core/time.ts'
import { parseDate } from './date-field.ts'
import {
  findField,
  type HeaderField,
  joinHeader,
  latin1,
  makeField,
  rawValue,
  readableValue,
  replaceField,
  splitHeader,
  textValue,
} from './header.ts'
import { type Mailbox, parseMailboxes } from './mailbox-list.ts'
import { withDate } from './missing-date.ts'
import { encodeRawOctets, needsCharset } from './raw-octets.ts'
import { type ReceivedFacts, receivedField } from './received.ts'
import { cutText, phrase } from './words.ts'

/** What a submission knows when its header is complete. */
export interface FixUpContext extends ReceivedFacts {
  readonly clockBelievable: boolean
  readonly reversePath: Address | ''
  readonly deviceSender: Address | undefined
  readonly gatewaySender: Address | undefined
  /** Of raw 8-bit octets in the device's headers. */
  readonly charset: string
}

/** A header ready to be spooled, and what it says. */
export interface FixedUp {
  /** With the blank line that ends it. */
  readonly header: Uint8Array
  /** What it consists of. */
  readonly fields: readonly HeaderField[]
  readonly from: Address | undefined
  readonly fromName: string
  /** Decoded, at most 200 characters. */
  readonly subject: string
  /** Without angle brackets. */
  readonly headerMessageId: string
  /** What the device set by itself. */
  readonly had: { readonly date: boolean; readonly messageId: boolean; readonly from: boolean }
  /** Stable words for what was mended, for the session's record. */
  readonly notes: readonly string[]
}

const maxSubject = 200
/** A Date farther off than this is a device whose clock was never set. */
const maxDateOffset = 24 * hour

/** A header under repair. */
interface Draft {
  fields: HeaderField[]
  readonly notes: string[]
}

/**
 * RFC 6409 section 8: makes a device's header one that upstreams take. Adds Received; Date, Message-ID, From and
 * MIME-Version where they are missing or cannot be read; removes Bcc and Return-Path; ends lines with CRLF. Fields that
 * need nothing keep every octet. The same arguments give the same octets.
 */
export function fixUp(header: Uint8Array, context: FixUpContext): FixedUp {
  return mendHeader(header, context, [receivedField(context)])
}

/** What mending needs to know. */
export type MendContext = Omit<FixUpContext, 'helo' | 'clientAddress' | 'protocol' | 'recipients'>

/** `fixUp` with other fields in front than Received, or none. */
export function mendHeader(
  header: Uint8Array,
  context: MendContext,
  front: readonly HeaderField[] = [],
): FixedUp {
  const draft: Draft = { fields: splitHeader(header), notes: [] }
  const had = {
    date: hasValue(draft.fields, 'Date'),
    messageId: hasValue(draft.fields, 'Message-ID'),
    from: hasValue(draft.fields, 'From'),
  }
  dropFields(draft)
  mendLines(draft)
  mendOctets(draft, context.charset)
  mendDate(draft, context)
  const headerMessageId = mendMessageId(draft, context)
  const from = mendFrom(draft, context)
  addMimeVersion(draft)
  const fields = [...front, ...draft.fields]
  return {
    header: joinHeader(fields),
    fields,
    from: from?.address,
    fromName: from?.name ?? '',
    subject: cutText(readableValue(draft.fields, 'Subject', context.charset), maxSubject),
    headerMessageId,
    had,
    notes: draft.notes,
  }
}

const hasValue = (fields: readonly HeaderField[], name: string): boolean => {
  const field = findField(fields, name)
  return field !== undefined && rawValue(field) !== ''
}

/** What must not leave with the message: hidden recipients, a Return-Path of the future, lines that are no fields. */
function dropFields(draft: Draft): void {
  if (findField(draft.fields, 'Bcc') !== undefined) draft.notes.push('bcc-removed')
  if (draft.fields.every(mayLeave)) return
  draft.fields = draft.fields.filter(mayLeave)
}

const mayLeave = ({ name }: HeaderField): boolean => name !== '' && !/^(?:bcc|return-path)$/i.test(name)

/** Every line ends in CRLF; continuation lines of blanks only, which nobody may send (RFC 5322 section 3.2.2), go. */
function mendLines(draft: Draft): void {
  if (draft.fields.every(isOneLine)) return
  let isMended = false
  draft.fields = draft.fields.map((field) => {
    if (isOneLine(field)) return field
    const text = latin1(field.octets, 0, field.octets.length)
    const mended = text
      .split(/\r\n|\r|\n/)
      .filter((line, n) => n === 0 || line.trim() !== '')
      .map((line) => `${line}\r\n`)
      .join('')
    if (mended === text) return field
    isMended = true
    return { ...field, octets: Buffer.from(mended, 'latin1') }
  })
  if (isMended) draft.notes.push('line-ends-mended')
}

/** The usual field: nothing is folded, CRLF ends it and stands nowhere else. */
function isOneLine({ octets }: HeaderField): boolean {
  const end = octets.length - 2
  return octets.indexOf(13) === end && octets.indexOf(10) === end + 1
}

function mendOctets(draft: Draft, charset: string): void {
  if (!draft.fields.some(needsCharset)) return
  draft.fields = draft.fields.map((field) => (needsCharset(field) ? encodeRawOctets(field, charset) : field))
  draft.notes.push('raw-octets-encoded')
}

function mendDate(draft: Draft, context: MendContext): void {
  const field = findField(draft.fields, 'Date')
  const said = field === undefined ? '' : rawValue(field)
  const date = parseDate(said)
  const isFarOff = date !== undefined && Math.abs(date - context.at) > maxDateOffset
  if (date !== undefined && !isFarOff) return
  if (!context.clockBelievable) {
    if (date === undefined) draft.notes.push('date-unknown')
    return
  }
  draft.notes.push(said === '' ? 'date-added' : 'date-replaced')
  draft.fields = withDate(draft.fields, context.at)
}

const maxMessageId = 250
const validMessageId = /^<[^<>@\s]+@[^<>@\s]+>$/

/** The Message-ID without brackets, mended if a dot at the end is all that is wrong (`msgid-dot`), else a new one. */
function mendMessageId(draft: Draft, context: MendContext): string {
  const field = findField(draft.fields, 'Message-ID')
  const said = field === undefined ? '' : rawValue(field)
  const mended = said.length > maxMessageId ? said : said.replace(/\.+>$/, '>')
  if (isValidMessageId(said) && mended === said) return said.slice(1, -1)
  const id = isValidMessageId(mended) ? mended : newMessageId(context)
  draft.notes.push(said === '' ? 'message-id-added' : 'message-id-replaced')
  draft.fields = replaceField(draft.fields, makeField('Message-ID', id))
  return id.slice(1, -1)
}

const isValidMessageId = (text: string): boolean =>
  text.length <= maxMessageId && validMessageId.test(text) && /^[\x21-\x7e]+$/.test(text)

const newMessageId = (context: {
  readonly id: string
  readonly at: WallMs
  readonly hostname: string
}): string => `<${context.id}.${Math.abs(context.at).toString(36)}@${context.hostname}>`

/** The author's mailbox. One From only; completed from what the box knows where the device gave no address. */
function mendFrom(draft: Draft, context: MendContext): Mailbox | undefined {
  const field = findField(draft.fields, 'From')
  const mailboxes = field === undefined ? [] : parseMailboxes(textValue(field, context.charset))
  const found = mailboxes.find((mailbox) => mailbox.address !== undefined)
  if (field !== undefined && found !== undefined) {
    const only = draft.fields.filter((other) => other === field || !/^from$/i.test(other.name))
    if (only.length < draft.fields.length) draft.notes.push('second-from-removed')
    draft.fields = only
    return found
  }
  const address = context.deviceSender ?? (context.reversePath || undefined) ?? context.gatewaySender
  if (address === undefined) return undefined
  const name = mailboxes[0]?.name || mailboxes[0]?.said || ''
  draft.notes.push(field === undefined ? 'from-added' : 'from-completed')
  const value = name === '' ? address : `${phrase(name)} <${address}>`
  draft.fields = replaceField(draft.fields, makeField('From', value))
  return { name, address, said: address }
}

function addMimeVersion(draft: Draft): void {
  const isMime = draft.fields.some((field) => /^content-(?:type|transfer-encoding)$/i.test(field.name))
  if (!isMime || hasValue(draft.fields, 'MIME-Version')) return
  draft.notes.push('mime-version-added')
  draft.fields = replaceField(draft.fields, makeField('MIME-Version', '1.0'))
}

/** Whether a header Message-ID (without brackets) may be used as it stands. */
export const mayKeepMessageId = (id: string): boolean => isValidMessageId(`<${id}>`) && !id.endsWith('.')
