// What came between 354 and the final dot: dot-stuffing undone and every liberty taken with RFC 5321 noted.
import { createHash } from 'node:crypto'

/** RFC 5321 section 4.5.3.1.6, line end included. */
const longestLineOctets = 1000
const lf = 0x0a
const cr = 0x0d
const dot = 0x2e

export interface SmtpContent {
  /** As the client meant it, without the stuffed dots. */
  readonly raw: Buffer
  /** Lower-case hexadecimal, of `raw`. */
  readonly sha256: string
  readonly bareLineFeeds: number
  readonly bareCarriageReturns: number
  /** Lines of more than 1000 octets with their line end. */
  readonly longLines: number
  readonly hasNul: boolean
  readonly hasEightBit: boolean
}

interface Counts {
  bareLineFeeds: number
  bareCarriageReturns: number
  longLines: number
}

/** One line with its line end, unstuffed, its faults counted. */
function inspectLine(line: Buffer, counts: Counts): Buffer {
  const isCrlf = line.at(-1) === lf && line.at(-2) === cr
  if (line.at(-1) === lf && !isCrlf) counts.bareLineFeeds += 1
  const text = line.subarray(0, isCrlf ? -2 : line.length)
  for (let at = text.indexOf(cr); at !== -1; at = text.indexOf(cr, at + 1)) counts.bareCarriageReturns += 1
  if (line.length > longestLineOctets) counts.longLines += 1
  return line
}

/** Only a line that follows CRLF can be stuffed: a bare LF does not begin a line. What came by BDAT is not stuffed. */
function unstuff(stuffed: Buffer, isStuffed: boolean, counts: Counts): Buffer {
  const lines: Buffer[] = []
  let isLineStart = true
  for (let start = 0; start < stuffed.length; ) {
    const found = stuffed.indexOf(lf, start)
    const end = found === -1 ? stuffed.length : found + 1
    const line = inspectLine(stuffed.subarray(start, end), counts)
    lines.push(isStuffed && isLineStart && line[0] === dot ? line.subarray(1) : line)
    isLineStart = line.at(-2) === cr
    start = end
  }
  return Buffer.concat(lines)
}

function hasEightBitOctet(raw: Buffer): boolean {
  return raw.some((octet) => octet > 0x7f)
}

/** Takes the content as it came over the line: by DATA up to and without the final dot, by BDAT all chunks. */
export function inspectContent(octets: Buffer, transfer: 'DATA' | 'BDAT' = 'DATA'): SmtpContent {
  const counts: Counts = { bareLineFeeds: 0, bareCarriageReturns: 0, longLines: 0 }
  const raw = unstuff(octets, transfer === 'DATA', counts)
  const sha256 = createHash('sha256').update(raw).digest('hex')
  return { raw, sha256, ...counts, hasNul: raw.includes(0), hasEightBit: hasEightBitOctet(raw) }
}
