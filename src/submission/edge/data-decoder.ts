const lineFeed = 0x0a
const carriageReturn = 0x0d
const dot = 0x2e
const nothing = Buffer.alloc(0)
const lineStart = Buffer.from('\r\n')

export interface DataPiece {
  /** Content, dots removed. */
  readonly content: Buffer
  /** What came behind the end of DATA; undefined while the end has not come. */
  readonly rest: Buffer | undefined
  /** It ended by a bare LF (`dot-lf`): what came behind must not be run. */
  readonly isLax: boolean
}

/** `lf`: a device that ends its lines by LF alone, the last one too (apple/cups#3011, midi-smtp-server#16). */
export type DataEnd = 'crlf' | 'lf'

/**
 * Takes DATA out of the stream (RFC 5321 sections 4.1.1.4 and 4.5.2). CRLF.CRLF ends it and nothing else does: the ten
 * endings known from SMTP smuggling are content. Only for a device that is set so, LF.LF ends it too. A dot at the start
 * of a line goes if another dot follows: clients that forget to double it lose nothing.
 */
export class DataDecoder {
  readonly #takesLf: boolean
  /** The end of the last piece that may be the beginning of CRLF.CRLF or of a doubled dot. */
  #held: Buffer = lineStart
  /** Octets of `#held` that are not content: DATA begins as if a line had just ended. */
  #virtual = lineStart.length

  constructor(dataEnd: DataEnd = 'crlf') {
    this.#takesLf = dataEnd === 'lf'
  }

  feed(octets: Buffer): DataPiece {
    const isWhole = this.#isDecidedBy(octets)
    const all = isWhole ? octets : Buffer.concat([this.#held, octets])
    const pieces: Buffer[] = []
    let from = isWhole ? 0 : this.#virtual
    let at = all.indexOf('\n.')
    while (at >= 0) {
      const next = all[at + 2]
      if (next === undefined || (next === carriageReturn && all.length === at + 3)) break
      if (next === dot) {
        pieces.push(all.subarray(from, at + 1))
        from = at + 2
      } else {
        const length = this.#endLength(all, at)
        if (length > 0) {
          pieces.push(all.subarray(from, at + 1))
          return {
            content: joined(pieces),
            rest: all.subarray(at + length),
            isLax: !isStandardEnd(all, at),
          }
        }
      }
      at = all.indexOf('\n.', at + 2)
    }
    return { content: this.#keepTail(all, pieces, from, at), rest: undefined, isLax: false }
  }

  /** Nothing is held, or nothing that is content and that a dot would make count: the usual beginning needs no copy. */
  #isDecidedBy(octets: Buffer): boolean {
    if (this.#held.length === 0) return true
    return this.#held.length === this.#virtual && octets.length > 0 && octets[0] !== dot
  }

  /** Octets of the end of DATA from its first LF on; 0 where it is none. */
  #endLength(all: Buffer, at: number): number {
    if (isStandardEnd(all, at)) return 4
    if (!this.#takesLf) return 0
    if (all[at + 2] === lineFeed) return 3
    return all[at + 2] === carriageReturn && all[at + 3] === lineFeed ? 4 : 0
  }

  #keepTail(all: Buffer, pieces: Buffer[], from: number, undecided: number): Buffer {
    const held = Math.max(0, tailStart(all, undecided))
    this.#virtual = Math.max(0, from - held)
    this.#held = all.subarray(held)
    if (held > from) pieces.push(all.subarray(from, held))
    return joined(pieces)
  }
}

const isStandardEnd = (all: Buffer, at: number): boolean =>
  all[at - 1] === carriageReturn && all[at + 2] === carriageReturn && all[at + 3] === lineFeed

/** Where the octets begin that need what comes next to be understood: `CR`, `CR LF`, `CR LF .`, `CR LF . CR`. */
function tailStart(all: Buffer, undecided: number): number {
  if (undecided >= 0) return all[undecided - 1] === carriageReturn ? undecided - 1 : undecided
  const last = all.length - 1
  if (all[last] === carriageReturn) return last
  if (all[last] !== lineFeed) return all.length
  return all[last - 1] === carriageReturn ? last - 1 : last
}

const joined = (pieces: readonly Buffer[]): Buffer => {
  const [first] = pieces
  return first === undefined ? nothing : pieces.length === 1 ? first : Buffer.concat(pieces)
}
