import type { OctetRange } from '../core/content.ts'
import type { PartIndex } from '../core/part-index.ts'
import { type Candidate, DelimiterSearch, keepFrom, matchDelimiter, maxDelimiterLength } from './delimiter.ts'
import { EntityTree } from './entity-tree.ts'
import { type HeaderField, lineAt, splitHeader } from './header.ts'
import { findHeaderEnd } from './header-end.ts'
import { LineFacts } from './line-facts.ts'
import { OctetBuffer } from './octet-buffer.ts'

/** Limits within which a content is taken apart; beyond them the rest is the body of the part it is met in. */
export const scanLimits = { depth: 16, parts: 500, headerOctets: 256 * 1024 } as const

const dash = 45

/**
 * Makes the part index while a content streams by, in pieces cut anywhere; what it holds at a time is one header or one
 * line that may be a delimiter. Line ends are CRLF, LF or CR; an end boundary may be missing; a delimiter in a header
 * ends it. `message/*` is one part, whatever is in it. A multipart without any delimiter is a text: its words are not lost.
 */
export class PartScanner {
  readonly #tree: EntityTree
  readonly #lines = new LineFacts()
  readonly #held = new OctetBuffer()
  /** Offset in the content of the first octet that is not done with. */
  #base = 0
  #mode: 'header' | 'body' = 'header'
  /** Octets of the present header that were searched for its end. */
  #searched = 0
  #isAtBodyStart = false
  #isCut = false

  /** `fallbackCharset`: how raw 8-bit in headers is read when it is not UTF-8. */
  constructor(options: { readonly fallbackCharset?: string } = {}) {
    this.#tree = new EntityTree(scanLimits, options.fallbackCharset)
  }

  /** The content's own header, whole and taken apart already, instead of `feed`; before anything else. */
  feedHeader(header: Uint8Array, fields: readonly HeaderField[]): void {
    this.#lines.feed(header)
    this.#open(fields, { start: 0, end: header.length })
    this.#base = header.length
  }

  feed(octets: Uint8Array): void {
    this.#lines.feed(octets)
    if (this.#held.length === 0) {
      this.#held.append(octets.subarray(this.#consume(octets, false)))
    } else {
      this.#held.append(octets)
      this.#held.drop(this.#consume(this.#held.view(), false))
    }
  }

  finish(): PartIndex {
    this.#consume(this.#held.view(), true)
    this.#lines.finish()
    const parts = this.#tree.finish(this.#base)
    return {
      headerEnd: parts[0]?.header.end ?? 0,
      parts,
      isCut: this.#isCut || this.#tree.isCut,
      has8bit: this.#lines.has8bit,
      hasBareLineEnds: this.#lines.hasBareLineEnds,
      longestLine: this.#lines.longestLine,
    }
  }

  /** Works off what can be decided; how many octets that were. */
  #consume(octets: Uint8Array, isLast: boolean): number {
    const search = new DelimiterSearch(octets)
    let at = 0
    for (;;) {
      const step =
        this.#mode === 'header' ? this.#header(octets, at, isLast) : this.#body(octets, at, isLast, search)
      at = step.at
      if (step.needsMore) break
    }
    this.#base += at
    return at
  }

  #header(octets: Uint8Array, start: number, isLast: boolean): Step {
    const limit = start + scanLimits.headerOctets
    const isFull = octets.length >= limit
    const found = findHeaderEnd(isFull ? octets.subarray(0, limit) : octets, {
      start,
      resumeAt: start + this.#searched,
      isComplete: isLast && octets.length <= limit,
      isDelimiter: (from, to) => octets[from] === dash && this.#match(octets, from, to) !== undefined,
    })
    if (found.kind === 'found') return this.#endHeader(octets, start, found.end)
    if (isFull) {
      this.#isCut = true
      return this.#endHeader(octets, start, found.resumeAt > start ? found.resumeAt : limit)
    }
    this.#searched = found.resumeAt - start
    return { at: start, needsMore: true }
  }

  #endHeader(octets: Uint8Array, start: number, end: number): Step {
    const range = { start: this.#base + start, end: this.#base + end }
    this.#open(splitHeader(octets.subarray(start, end)), range)
    return { at: end, needsMore: false }
  }

  #open(fields: readonly HeaderField[], range: OctetRange): void {
    this.#tree.open(fields, range)
    this.#searched = 0
    this.#mode = 'body'
    this.#isAtBodyStart = true
  }

  #body(octets: Uint8Array, start: number, isLast: boolean, search: DelimiterSearch): Step {
    if (!this.#tree.hasBoundaries) return this.#take(octets, start, octets.length)
    if (this.#isAtBodyStart) {
      const candidate = firstLine(octets, start, isLast)
      if (candidate === 'undecided') return { at: start, needsMore: true }
      this.#isAtBodyStart = false
      if (candidate !== undefined) return this.#candidate(octets, start, isLast, candidate)
    }
    const candidate = search.next(start, this.#tree.boundaries)
    if (candidate !== undefined) return this.#candidate(octets, start, isLast, candidate)
    return this.#take(octets, start, isLast ? octets.length : keepFrom(octets, start))
  }

  /** Octets up to `end` are body; there is nothing more to be told now. */
  #take(octets: Uint8Array, start: number, end: number): Step {
    this.#tree.write(octets.subarray(start, end))
    return { at: end, needsMore: true }
  }

  #candidate(octets: Uint8Array, start: number, isLast: boolean, candidate: Candidate): Step {
    const line = lineAt(octets.subarray(0, candidate.start + maxDelimiterLength + 2), candidate.start, isLast)
    const mayGoOn = octets.length - candidate.start <= maxDelimiterLength
    if (line === undefined && mayGoOn) return this.#keep(octets, start, candidate)
    const delimiter =
      line !== undefined && line.textEnd - line.start <= maxDelimiterLength
        ? this.#match(octets, line.start, line.textEnd)
        : undefined
    if (line === undefined || delimiter === undefined || !this.#tree.mayDelimit(delimiter)) {
      this.#tree.write(octets.subarray(start, candidate.start))
      return { at: candidate.start, needsMore: false }
    }
    this.#tree.write(octets.subarray(start, candidate.bodyEnd))
    this.#tree.delimit(delimiter, this.#base + candidate.bodyEnd)
    this.#mode = delimiter.isClose ? 'body' : 'header'
    return { at: delimiter.isClose ? line.textEnd : line.next, needsMore: false }
  }

  /** The line is not whole yet: everything before it is done with. */
  #keep(octets: Uint8Array, start: number, candidate: Candidate): Step {
    this.#tree.write(octets.subarray(start, candidate.bodyEnd))
    this.#isAtBodyStart = candidate.bodyEnd === candidate.start
    return { at: candidate.bodyEnd, needsMore: true }
  }

  #match(octets: Uint8Array, start: number, end: number): ReturnType<typeof matchDelimiter> {
    return matchDelimiter(octets, start, end, this.#tree.boundaries)
  }
}

interface Step {
  readonly at: number
  readonly needsMore: boolean
}

/** A delimiter right behind a header, whose blank line is the line end before it. */
function firstLine(octets: Uint8Array, start: number, isLast: boolean): Candidate | 'undecided' | undefined {
  const isDash = (at: number): boolean => octets[at] === dash
  if (start + 1 < octets.length) {
    return isDash(start) && isDash(start + 1) ? { bodyEnd: start, start } : undefined
  }
  return isLast || (start < octets.length && !isDash(start)) ? undefined : 'undecided'
}
