import type { Content } from '../core/content.ts'
import type { MimePart } from '../core/part-index.ts'
import { isListedType } from './acs-listed-types.ts'
import { base64Size, encodeBase64 } from './base64-encoding.ts'
import { decodedPart } from './decoded-part.ts'
import { declaredType, extensionFor, extensionOf, uniqueName } from './file-name.ts'
import { storedZip, zipSize } from './stored-zip.ts'

/** One file of a request; its octets come from `attachmentOctets`. */
export interface AcsAttachment {
  readonly name: string
  readonly contentType: string
  readonly contentId?: string
  /** The part whose body it is. For a report it spans the whole entity. */
  readonly part: MimePart
  /** Set if it goes in a ZIP archive: the name inside. */
  readonly zippedAs?: string
  /** Octets before base64. */
  readonly size: number
  /** Octets of the base64 text. */
  readonly encodedSize: number
}

export interface AttachmentOptions {
  readonly texts: readonly MimePart[]
  /** The Content-IDs that the HTML shows. */
  readonly cited: ReadonlySet<string>
  /** Files of a type that the service does not list go in an archive of their own. */
  readonly zipsUnlisted: boolean
}

/** Whether zipping it could make the service take it. */
export const isUnlisted = ({ contentType, contentId }: AcsAttachment): boolean =>
  contentId === undefined && !isListedType(contentType)

/**
 * The files of a mail in their order: every part that is not its text. Names are unique, and every one has an extension if
 * its type has one, for the service judges by it.
 */
export function acsAttachments(parts: readonly MimePart[], options: AttachmentOptions): AcsAttachment[] {
  const names = new Naming()
  const ids = new Set<string>()
  return filesOf(parts, options.texts).map((part) => {
    const zipped = asMessage(part)
    if (zipped !== undefined) return zippedAttachment(zipped, messageName(zipped), names)
    const id = part.type.startsWith('image/') ? part.contentId : undefined
    const isShown = id !== undefined && options.cited.has(id) && !ids.has(id)
    if (isShown) ids.add(id)
    const file = {
      name: names.nameOf(part),
      contentType: declaredType(part.type, part.fileName),
      ...(isShown && { contentId: id }),
      part,
      size: part.decodedSize,
      encodedSize: base64Size(part.decodedSize),
    }
    return options.zipsUnlisted && isUnlisted(file) ? zippedAttachment(part, file.name, names) : file
  })
}

/** Leaves that are no text; a report counts as one file, whatever is in it. Nothing without a name and an octet. */
function filesOf(parts: readonly MimePart[], texts: readonly MimePart[]): MimePart[] {
  const reports = parts.filter((part) => part.type === 'multipart/report')
  const isInside = (part: MimePart): boolean =>
    reports.some((report) => report !== part && contains(report, part))
  return parts.filter((part) => {
    if (isInside(part) || texts.includes(part)) return false
    if (part.type.startsWith('multipart/')) return part.type === 'multipart/report'
    return part.decodedSize > 0 || part.fileName !== undefined
  })
}

const contains = (outer: MimePart, inner: MimePart): boolean =>
  outer.body.start <= inner.header.start && inner.body.end <= outer.body.end

/** Messages and reports travel as `.eml`, whose type the service does not list: in an archive. */
function asMessage(part: MimePart): MimePart | undefined {
  if (part.type.startsWith('message/')) return part
  if (part.type !== 'multipart/report') return undefined
  const body = { start: part.header.start, end: part.body.end }
  return { ...part, body, encoding: 'binary', decodedSize: body.end - body.start, isPlainBase64: false }
}

function messageName(part: MimePart): string {
  const said = part.fileName ?? (part.type === 'multipart/report' ? 'report' : 'message')
  return /\.eml$/i.test(said) ? said : `${said}.eml`
}

function zippedAttachment(part: MimePart, inner: string, names: Naming): AcsAttachment {
  const size = zipSize(inner, part.decodedSize)
  return {
    name: names.take(`${inner}.zip`),
    contentType: 'application/zip',
    part,
    zippedAs: inner,
    size,
    encodedSize: base64Size(size),
  }
}

class Naming {
  readonly #taken = new Set<string>()
  #unnamed = 0

  take(name: string): string {
    return uniqueName(name, this.#taken)
  }

  nameOf(part: MimePart): string {
    const extension = extensionFor(declaredType(part.type, part.fileName))
    if (part.fileName === undefined) return this.take(`scan-${++this.#unnamed}.${extension}`)
    const isComplete = extensionOf(part.fileName) !== '' || extension === 'bin'
    return this.take(isComplete ? part.fileName : `${part.fileName}.${extension}`)
  }
}

/**
 * The base64 text of a file in pieces of at most 64 KiB, `encodedSize` octets in all. Base64 that came plain is passed on
 * without its line ends; anything else is decoded and encoded anew.
 */
export async function* attachmentOctets(
  content: Content,
  attachment: AcsAttachment,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { part, zippedAs } = attachment
  if (zippedAs !== undefined) {
    const open = (): AsyncIterable<Uint8Array> => decodedPart(content, part, signal)
    yield* encodeBase64(storedZip({ name: zippedAs, size: part.decodedSize, open }))
  } else if (part.isPlainBase64) {
    for await (const octets of content.read(part.body, signal)) {
      const letters = withoutBlanks(octets)
      if (letters.length > 0) yield letters
    }
  } else {
    yield* encodeBase64(decodedPart(content, part, signal))
  }
}

const space = 32

/** Line ends and blanks are the only octets up to 32 that plain base64 holds. */
function withoutBlanks(octets: Uint8Array): Uint8Array {
  const letters = new Uint8Array(octets.length)
  let length = 0
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] ?? 0
    if (octet > space) letters[length++] = octet
  }
  return letters.subarray(0, length)
}
