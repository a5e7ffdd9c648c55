import type { OctetRange } from '../core/content.ts'
import type { MimePart } from '../core/part-index.ts'
import { Base64Decoder } from './base64-decoding.ts'
import type { Delimiter } from './delimiter.ts'
import { type Entity, readEntity } from './entity.ts'
import type { HeaderField } from './header.ts'
import type { TransferDecoder } from './transfer-decoder.ts'
import { decoderOf } from './transfer-decoding.ts'

/** A part whose end is not known yet. */
interface DraftPart {
  readonly entity: Entity
  readonly number: string
  readonly parent: string | undefined
  readonly header: OctetRange
  bodyEnd: number
  /** Undefined for a multipart. */
  readonly decoder: TransferDecoder | undefined
  children: number
  hasDelimiter: boolean
}

/** A multipart that is being taken apart. `boundary` is undefined once its end was met. */
interface OpenMultipart {
  readonly part: DraftPart
  boundary: Uint8Array | undefined
}

/** The entities of one content as they come, and which of them are open. */
export class EntityTree {
  isCut = false
  readonly #limits: { readonly depth: number; readonly parts: number }
  readonly #fallbackCharset: string | undefined
  readonly #parts: DraftPart[] = []
  readonly #open: OpenMultipart[] = []
  #leaf: DraftPart | undefined
  #boundaries: (Uint8Array | undefined)[] = []

  constructor(
    limits: { readonly depth: number; readonly parts: number },
    fallbackCharset: string | undefined,
  ) {
    this.#limits = limits
    this.#fallbackCharset = fallbackCharset
  }

  /** `--boundary` of each open multipart, innermost last; a place is empty where the end was met. */
  get boundaries(): readonly (Uint8Array | undefined)[] {
    return this.#boundaries
  }

  get hasBoundaries(): boolean {
    return this.#boundaries.length > 0
  }

  /** The entity whose header this is begins. */
  open(fields: readonly HeaderField[], header: OctetRange): void {
    const parent = this.#open.at(-1)?.part
    const entity = this.#entity(fields, parent)
    const isMultipart = entity.boundary !== undefined
    if (parent !== undefined) parent.children++
    const part: DraftPart = {
      entity,
      number: numberOf(parent, isMultipart),
      parent: parent?.number,
      header,
      bodyEnd: header.end,
      decoder: isMultipart ? undefined : decoderOf(entity.encoding),
      children: 0,
      hasDelimiter: false,
    }
    this.#parts.push(part)
    this.#leaf = isMultipart ? undefined : part
    if (entity.boundary === undefined) return
    this.#open.push({ part, boundary: Buffer.from(`--${entity.boundary}`, 'latin1') })
    this.#noteBoundaries()
  }

  #entity(fields: readonly HeaderField[], parent: DraftPart | undefined): Entity {
    const entity = readEntity(fields, {
      defaultType: parent?.entity.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain',
      fallbackCharset: this.#fallbackCharset,
    })
    if (entity.boundary === undefined || this.#open.length < this.#limits.depth) return entity
    this.isCut = true
    return { ...entity, type: 'application/octet-stream', boundary: undefined }
  }

  /** Body of the part that is open, or what stands around parts. */
  write(octets: Uint8Array): void {
    if (octets.length > 0) this.#leaf?.decoder?.write(octets)
  }

  /** False where one part more would be too many: from there on nothing is taken apart. */
  mayDelimit(delimiter: Delimiter): boolean {
    if (delimiter.isClose || this.#parts.length < this.#limits.parts) return true
    this.isCut = true
    this.#boundaries = []
    return false
  }

  /** A delimiter of an open multipart: what is inside of it ends at offset `bodyEnd`. */
  delimit(delimiter: Delimiter, bodyEnd: number): void {
    this.#endLeaf(bodyEnd)
    for (const inner of this.#open.splice(delimiter.index + 1)) endPart(inner.part, bodyEnd)
    const multipart = this.#open[delimiter.index]
    if (multipart === undefined) throw new Error('delimiter of no open multipart')
    multipart.part.hasDelimiter = true
    if (delimiter.isClose) multipart.boundary = undefined
    this.#noteBoundaries()
  }

  #noteBoundaries(): void {
    this.#boundaries = this.#open.map((multipart) => multipart.boundary)
  }

  #endLeaf(bodyEnd: number): void {
    if (this.#leaf !== undefined) endPart(this.#leaf, bodyEnd)
    this.#leaf = undefined
  }

  finish(end: number): MimePart[] {
    this.#endLeaf(end)
    for (const multipart of this.#open) endPart(multipart.part, end)
    return this.#parts.map(finished)
  }
}

/** As IMAP numbers them (RFC 3501 section 6.4.5), the top multipart being `0`. */
function numberOf(parent: DraftPart | undefined, isMultipart: boolean): string {
  if (parent === undefined) return isMultipart ? '0' : '1'
  return parent.number === '0' ? `${parent.children}` : `${parent.number}.${parent.children}`
}

function endPart(part: DraftPart, end: number): void {
  part.bodyEnd = Math.max(end, part.header.end)
  part.decoder?.end()
}

function finished(part: DraftPart): MimePart {
  const { boundary, ...entity } = part.entity
  const body = { start: part.header.end, end: part.bodyEnd }
  const isText = boundary !== undefined && !part.hasDelimiter
  return {
    number: isText && part.number === '0' ? '1' : part.number,
    parent: part.parent,
    ...entity,
    type: isText ? 'text/plain' : entity.type,
    header: part.header,
    body,
    decodedSize: isText ? body.end - body.start : (part.decoder?.size ?? 0),
    isPlainBase64: part.decoder instanceof Base64Decoder && part.decoder.isPlain,
  }
}
