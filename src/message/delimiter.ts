import { isBlank } from './header.ts'

const lf = 10
const cr = 13
const dash = 45

/** A line that may be a delimiter: it starts with `--`. The line end before it belongs to it (RFC 2046 section 5.1.1). */
export interface Candidate {
  /** Where the line end before it starts: what stands before is body. */
  readonly bodyEnd: number
  readonly start: number
}

/** Lines longer than this are no delimiters, whatever they start with. */
export const maxDelimiterLength = 1100

/** Finds lines that start with `--` in one piece of octets, forward only. */
export class DelimiterSearch {
  readonly #octets: Buffer
  #afterLf = -1
  #afterCr = -1

  constructor(octets: Uint8Array) {
    this.#octets = Buffer.from(octets.buffer, octets.byteOffset, octets.length)
  }

  /** The next one whose line end stands at or behind `from` and that begins like one of `boundaries`, or still may. */
  next(from: number, boundaries: readonly (Uint8Array | undefined)[]): Candidate | undefined {
    for (let after = from; ; ) {
      if (this.#afterLf < after) this.#afterLf = this.#find('\n--', after)
      if (this.#afterCr < after) this.#afterCr = this.#find('\r--', after)
      const at = Math.min(this.#afterLf, this.#afterCr)
      if (at === Number.POSITIVE_INFINITY) return undefined
      if (this.#mayBegin(at + 1, boundaries)) return this.#candidate(at, from)
      after = at + 1
    }
  }

  #candidate(at: number, from: number): Candidate {
    const isCrlf = this.#octets[at] === lf && at > from && this.#octets[at - 1] === cr
    return { bodyEnd: isCrlf ? at - 1 : at, start: at + 1 }
  }

  #mayBegin(start: number, boundaries: readonly (Uint8Array | undefined)[]): boolean {
    for (const boundary of boundaries) {
      if (boundary !== undefined && startsWith(this.#octets, start, boundary)) return true
    }
    return false
  }

  #find(text: string, from: number): number {
    const at = this.#octets.indexOf(text, from, 'latin1')
    return at < 0 ? Number.POSITIVE_INFINITY : at
  }
}

/** Where the end of `octets` may be the beginning of a line end and `--`: to be kept until more is there. */
export function keepFrom(octets: Uint8Array, from: number): number {
  let at = octets.length
  if (at > from && octets[at - 1] === dash && isLineEnd(octets[at - 2]) && at - 2 >= from) at--
  if (at > from && octets[at - 1] === lf) at--
  if (at > from && octets[at - 1] === cr) at--
  return at
}

const isLineEnd = (octet: number | undefined): boolean => octet === lf || octet === cr

export interface Delimiter {
  /** Place in the list of boundaries. */
  readonly index: number
  readonly isClose: boolean
}

/**
 * Which of the open boundaries (`--` in front, innermost last) the line [start, end) is, if any. The whole line has to
 * be it but for blanks at its end: `--ab` is no delimiter of boundary `a`.
 */
export function matchDelimiter(
  octets: Uint8Array,
  start: number,
  end: number,
  boundaries: readonly (Uint8Array | undefined)[],
): Delimiter | undefined {
  let textEnd = end
  while (textEnd > start && isBlank(octets[textEnd - 1] ?? 0)) textEnd--
  const length = textEnd - start
  for (let index = boundaries.length - 1; index >= 0; index--) {
    const boundary = boundaries[index]
    if (boundary === undefined || length < boundary.length || !startsWith(octets, start, boundary)) continue
    if (length === boundary.length) return { index, isClose: false }
    const isClose =
      length === boundary.length + 2 && octets[textEnd - 1] === dash && octets[textEnd - 2] === dash
    if (isClose) return { index, isClose: true }
  }
  return undefined
}

/** Whether `prefix` stands at `start`, as far as there are octets. */
function startsWith(octets: Uint8Array, start: number, prefix: Uint8Array): boolean {
  const length = Math.min(prefix.length, octets.length - start)
  for (let at = 0; at < length; at++) {
    if (octets[start + at] !== prefix[at]) return false
  }
  return true
}
