import type { Content } from '../core/content.ts'
import type { MimePart } from '../core/part-index.ts'
import { describeSize } from '../core/size.ts'
import { decodeText } from './charset.ts'
import { readDecoded } from './decoded-part.ts'

/** Text above this goes as a file. */
export const maxTextOctets = 1_000_000

/** The parts that become the text of a request. */
export interface TextParts {
  readonly plain: MimePart | undefined
  readonly html: MimePart | undefined
}

const isText = (type: string) => (part: MimePart) =>
  part.type === type &&
  part.disposition !== 'attachment' &&
  part.fileName === undefined &&
  part.decodedSize > 0 &&
  part.decodedSize <= maxTextOctets

/**
 * The first text and the first HTML. Both only where they say the same (multipart/alternative): a program that shows
 * HTML does not show the plain text, so of two that follow each other the second becomes a file.
 */
export function textParts(parts: readonly MimePart[]): TextParts {
  const plain = parts.find(isText('text/plain'))
  const html = parts.find(isText('text/html'))
  if (plain === undefined || html === undefined || areAlternatives(parts, plain, html)) return { plain, html }
  return parts.indexOf(plain) < parts.indexOf(html) ? { plain, html: undefined } : { plain: undefined, html }
}

function areAlternatives(parts: readonly MimePart[], one: MimePart, other: MimePart): boolean {
  const above = ancestors(parts, other)
  const common = ancestors(parts, one).find((part) => above.includes(part))
  return common?.type === 'multipart/alternative'
}

function ancestors(parts: readonly MimePart[], part: MimePart): MimePart[] {
  const parent = parts.find((candidate) => candidate.number === part.parent)
  return parent === undefined ? [] : [parent, ...ancestors(parts, parent)]
}

/** A text part as text; undefined if there is none or it says nothing. */
export async function readText(
  content: Content,
  part: MimePart | undefined,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (part === undefined) return undefined
  const text = decodeText(await readDecoded(content, part, signal), part.parameters['charset']).toWellFormed()
  return text.trim() === '' ? undefined : text
}

/** What stands where a mail has no text: the service wants one, and a blank is none. */
export function defaultText(files: readonly { readonly name: string; readonly size: number }[]): string {
  if (files.length === 0) return '(This message has no text.)'
  return `Attached: ${files.map((file) => `${file.name} (${describeSize(file.size)})`).join(', ')}`
}

/** Content-IDs that an HTML text shows as pictures (RFC 2392). */
export function citedIds(html: string | undefined): ReadonlySet<string> {
  const cited = [...(html ?? '').matchAll(/\bcid:([^"'\s>)]+)/gi)]
  return new Set(cited.map((match) => unescapeUrl((match[1] ?? '').replaceAll('&amp;', '&'))))
}

function unescapeUrl(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
