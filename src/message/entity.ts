import type { MimePart, TransferEncoding } from '../core/part-index.ts'
import { cleanFileName } from './file-name.ts'
import { findField, type HeaderField, rawValue } from './header.ts'
import {
  decodeParameter,
  parseStructured,
  type RawParameter,
  type StructuredValue,
} from './structured-value.ts'

/** What an entity's header says of its body (RFC 2045, 2183). */
export interface Entity
  extends Pick<MimePart, 'type' | 'parameters' | 'encoding' | 'disposition' | 'fileName' | 'contentId'> {
  /** Of a multipart that can be taken apart; one character per octet. */
  readonly boundary: string | undefined
}

const maxBoundaryLength = 998

/**
 * Reads an entity's header. A type that is none counts as text (RFC 2045 section 5.2), or as a file where one is named;
 * a multipart without a boundary counts as text. MIME-Version is not asked for (`no-mime-version`).
 */
export function readEntity(
  fields: readonly HeaderField[],
  options: { readonly defaultType: string; readonly fallbackCharset: string | undefined },
): Entity {
  const contentType = structured(fields, 'Content-Type')
  const disposition = structured(fields, 'Content-Disposition')
  const fallback = options.fallbackCharset
  const fileName = fileNameOf(disposition, contentType, fallback)
  const said = typeOf(contentType, fileName, options.defaultType)
  const boundary = said.startsWith('multipart/') ? boundaryOf(contentType) : undefined
  const type = said.startsWith('multipart/') && boundary === undefined ? 'text/plain' : said
  const parameters = [...(contentType?.parameters ?? [])].map(([name, raw]) => [
    name,
    decodeParameter(raw, fallback),
  ])
  return {
    type,
    parameters: Object.fromEntries(parameters),
    encoding: encodingOf(fields, boundary !== undefined),
    disposition: dispositionOf(disposition, fileName),
    fileName,
    contentId: contentIdOf(fields),
    boundary,
  }
}

function structured(fields: readonly HeaderField[], name: string): StructuredValue | undefined {
  const field = findField(fields, name)
  return field === undefined ? undefined : parseStructured(rawValue(field))
}

function typeOf(
  contentType: StructuredValue | undefined,
  fileName: string | undefined,
  fallback: string,
): string {
  if (contentType === undefined) return fallback
  const type = contentType.value.replace(/\s*\/\s*/, '/')
  if (/^[^\s/()<>@,;:\\"[\]?=]+\/[^\s/()<>@,;:\\"[\]?=]+$/.test(type)) return type
  return fileName === undefined ? 'text/plain' : 'application/octet-stream'
}

function boundaryOf(contentType: StructuredValue | undefined): string | undefined {
  const boundary = contentType?.parameters.get('boundary')?.raw.trimEnd()
  return boundary === undefined || boundary === '' || boundary.length > maxBoundaryLength
    ? undefined
    : boundary
}

function fileNameOf(
  disposition: StructuredValue | undefined,
  contentType: StructuredValue | undefined,
  fallback: string | undefined,
): string | undefined {
  const clean = (raw: RawParameter | undefined): string | undefined =>
    raw === undefined ? undefined : cleanFileName(decodeParameter(raw, fallback))
  return clean(disposition?.parameters.get('filename')) ?? clean(contentType?.parameters.get('name'))
}

/** RFC 2183 section 2.8: what is unknown is an attachment; a disposition of only a file name is one too. */
function dispositionOf(
  disposition: StructuredValue | undefined,
  fileName: string | undefined,
): MimePart['disposition'] {
  if (disposition === undefined) return undefined
  if (disposition.value === 'inline') return 'inline'
  return disposition.value === '' && fileName === undefined ? undefined : 'attachment'
}

const encodings: Readonly<Record<string, TransferEncoding>> = {
  '7bit': '7bit',
  '8bit': '8bit',
  binary: 'binary',
  base64: 'base64',
  'quoted-printable': 'quoted-printable',
  uuencode: 'uuencode',
  'x-uuencode': 'uuencode',
  'x-uue': 'uuencode',
}

/** Nonsense counts as 7bit, and so does anything that a multipart cannot be in (`cte-on-multipart`). */
function encodingOf(fields: readonly HeaderField[], isMultipart: boolean): TransferEncoding {
  const field = findField(fields, 'Content-Transfer-Encoding')
  const token =
    field === undefined
      ? ''
      : rawValue(field)
          .slice(0, 200)
          .toLowerCase()
          .replace(/\(.*?\)/g, '')
  const encoding = encodings[/[^\s;"]+/.exec(token)?.[0] ?? ''] ?? '7bit'
  return isMultipart && encoding !== '8bit' && encoding !== 'binary' ? '7bit' : encoding
}

function contentIdOf(fields: readonly HeaderField[]): string | undefined {
  const field = findField(fields, 'Content-ID')
  const id = field === undefined ? '' : rawValue(field).replace(/^<|>$/g, '').trim()
  return id === '' ? undefined : id
}
