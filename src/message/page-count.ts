import type { Content } from '../core/content.ts'
import type { MimePart } from '../core/part-index.ts'
import { decodedPart } from './decoded-part.ts'

/** Octets of a part that are looked at: beyond that nobody waits for a count. */
const mostOctets = 32e6

interface PageCounter {
  write(octets: Buffer): void
  /** Undefined: it can't be told. */
  readonly pages: number | undefined
}

/** The pages of a PDF or TIFF, counted while it streams by; undefined for anything else, and where they can't be told so. */
export async function countPages(content: Content, part: MimePart): Promise<number | undefined> {
  const counter = counterFor(part)
  if (!counter || part.decodedSize > mostOctets) return undefined
  for await (const octets of decodedPart(content, part)) counter.write(Buffer.from(octets))
  return counter.pages
}

function counterFor({ type, fileName = '' }: MimePart): PageCounter | undefined {
  if (type === 'application/pdf' || /\.pdf$/i.test(fileName)) return new PdfPages()
  if (type === 'image/tiff' || /\.tiff?$/i.test(fileName)) return new TiffPages()
  return undefined
}

const pageObject = /\/Type\s*\/Page(?![A-Za-z])/g
/** Longer than any form of what is looked for. */
const overlap = 64

/**
 * Page objects in clear (ISO 32000-1 section 7.7.3.3), as every panel writes them; not where objects are compressed
 * (section 7.5.7), which would need the whole file.
 */
class PdfPages implements PageCounter {
  #tail = ''
  #count = 0
  #isPacked = false

  get pages(): number | undefined {
    const last = this.#tail.match(pageObject)?.length ?? 0
    return this.#isPacked || this.#count + last === 0 ? undefined : this.#count + last
  }

  write(octets: Buffer): void {
    const text = this.#tail + octets.toString('latin1')
    this.#isPacked ||= text.includes('/ObjStm')
    const end = Math.max(0, text.length - overlap)
    let kept = end
    for (const { index, 0: found } of text.matchAll(pageObject)) {
      // The next piece may show that this one goes on.
      if (index >= end) break
      this.#count += 1
      kept = Math.max(kept, index + found.length)
    }
    this.#tail = text.slice(kept)
  }
}

/**
 * The chain of image directories (TIFF 6.0 section 2), as far as it leads forward: what has gone by is not read again, and
 * a panel writes page after page.
 */
class TiffPages implements PageCounter {
  #at = 0
  #isLittle = true
  /** Octets of the field that is being read, and where it begins; undefined: the chain can't be followed, or is over. */
  #field:
    | { readonly start: number; readonly length: number; readonly what: 'head' | 'count' | 'next' }
    | undefined
  #read = Buffer.alloc(0)
  #count = 0
  #isLost = false

  constructor() {
    this.#field = { start: 0, length: 8, what: 'head' }
  }

  get pages(): number | undefined {
    return this.#isLost || this.#field !== undefined || this.#count === 0 ? undefined : this.#count
  }

  write(octets: Buffer): void {
    const end = this.#at + octets.length
    while (this.#field) {
      const { start, length, what } = this.#field
      const from = start + this.#read.length
      if (from >= end) break
      this.#read = Buffer.concat([this.#read, octets.subarray(from - this.#at, start + length - this.#at)])
      if (this.#read.length < length) break
      this.#take(what, start, this.#read)
    }
    this.#at = end
  }

  #take(what: 'head' | 'count' | 'next', start: number, octets: Buffer): void {
    this.#read = Buffer.alloc(0)
    if (what === 'count') {
      this.#count += 1
      this.#go(start + 2 + 12 * this.#number(octets, 2), 4, 'next', start + 2)
      return
    }
    if (what === 'head') {
      this.#isLittle = octets.toString('latin1', 0, 2) === 'II'
      this.#isLost = !/^(II\*\0|MM\0\*)$/.test(octets.toString('latin1', 0, 4))
    }
    const next = this.#number(octets.subarray(-4), 4)
    if (next === 0 || this.#isLost) this.#field = undefined
    else this.#go(next, 2, 'count', start + octets.length)
  }

  /** `passed`: octets before it are gone. */
  #go(start: number, length: number, what: 'count' | 'next', passed: number): void {
    this.#isLost = start < passed
    this.#field = this.#isLost ? undefined : { start, length, what }
  }

  #number(octets: Buffer, size: 2 | 4): number {
    return this.#isLittle ? octets.readUIntLE(0, size) : octets.readUIntBE(0, size)
  }
}
