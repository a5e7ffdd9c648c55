import type { Address } from '../core/address.ts'
import type { WallMs } from '../core/time.ts'
import { formatDate } from './date-field.ts'
import { type HeaderField, joinHeader, makeField } from './header.ts'
import { phrase, unstructured } from './words.ts'

/** The header of mail that the box itself writes. */
export interface OwnHeader {
  readonly from: Address
  readonly fromName: string
  readonly to: readonly Address[]
  readonly subject: string
  readonly date: WallMs
  /** Without angle brackets; also makes the boundaries. */
  readonly headerMessageId: string
}

export interface PlainMail extends OwnHeader {
  readonly text: string
  readonly attachment?: { readonly name: string; readonly type: string; readonly octets: Uint8Array }
}

/** One body part: its Content fields and its lines. */
export interface OwnPart {
  readonly fields: readonly HeaderField[]
  readonly octets: Uint8Array
}

/** A mail of the box: an alert, or a test, with or without a file. */
export function plainMail(mail: PlainMail): Uint8Array {
  const fields = ownFields(mail, 'auto-generated')
  const text = textPart(mail.text)
  if (mail.attachment === undefined)
    return Buffer.concat([joinHeader([...fields, ...text.fields]), text.octets])
  const parts = [text, filePart(mail.attachment)]
  return multipart(fields, { type: 'multipart/mixed', boundary: boundaryOf(mail.headerMessageId), parts })
}

/** RFC 3834: whoever answers mail automatically leaves these alone. */
export const ownFields = (
  mail: OwnHeader,
  autoSubmitted: 'auto-generated' | 'auto-replied',
): HeaderField[] => [
  makeField('Date', formatDate(mail.date)),
  makeField('From', mail.fromName === '' ? mail.from : `${phrase(mail.fromName)} <${mail.from}>`),
  makeField('To', mail.to.join(',\r\n ')),
  makeField('Subject', unstructured(mail.subject.replace(/\s+/g, ' '))),
  makeField('Message-ID', `<${mail.headerMessageId}>`),
  makeField('Auto-Submitted', autoSubmitted),
  makeField('MIME-Version', '1.0'),
]

/** A boundary that is in no other mail and in no text: the Message-ID is in it. */
export const boundaryOf = (headerMessageId: string): string =>
  `=_${headerMessageId.replace(/[^A-Za-z0-9.]/g, '_').slice(0, 60)}_=`

/** Text of any length of line, in base64 unless it is short ASCII lines. */
export function textPart(text: string): OwnPart {
  const lines = text.replace(/\r\n|\r|\n/g, '\r\n').trimEnd()
  const isSimple =
    /^[\t\r\n\x20-\x7e]*$/.test(lines) && lines.split('\r\n').every((line) => line.length <= 900)
  return {
    fields: [
      makeField('Content-Type', 'text/plain; charset=utf-8'),
      makeField('Content-Transfer-Encoding', isSimple ? '7bit' : 'base64'),
    ],
    octets: isSimple ? Buffer.from(`${lines}\r\n`) : base64Lines(Buffer.from(`${lines}\r\n`)),
  }
}

function filePart(file: {
  readonly name: string
  readonly type: string
  readonly octets: Uint8Array
}): OwnPart {
  const name = file.name.replace(/[^A-Za-z0-9 ._-]/g, '_')
  return {
    fields: [
      makeField('Content-Type', `${file.type}; name="${name}"`),
      makeField('Content-Disposition', `attachment; filename="${name}"`),
      makeField('Content-Transfer-Encoding', 'base64'),
    ],
    octets: base64Lines(file.octets),
  }
}

const base64Lines = (octets: Uint8Array): Buffer =>
  Buffer.from(
    `${Buffer.from(octets)
      .toString('base64')
      .replace(/.{76}(?=.)/g, '$&\r\n')}\r\n`,
  )

/** A multipart of small parts (RFC 2046 section 5.1). */
export function multipart(
  fields: readonly HeaderField[],
  body: { readonly type: string; readonly boundary: string; readonly parts: readonly OwnPart[] },
): Uint8Array {
  const [type, ...parameters] = body.type.split('; ')
  const contentType = [type, ...parameters, `boundary="${body.boundary}"`].join(';\r\n ')
  const delimiter = Buffer.from(`--${body.boundary}\r\n`)
  const parts = body.parts.flatMap((part) => [delimiter, joinHeader(part.fields), part.octets])
  const header = joinHeader([...fields, makeField('Content-Type', contentType)])
  return Buffer.concat([header, ...parts, Buffer.from(`--${body.boundary}--\r\n`)])
}
