import { isAscii } from 'node:buffer'

const lf = 10
const cr = 13

/** What is to be known of a content's lines, gathered while its octets stream by in any pieces. */
export class LineFacts {
  has8bit = false
  /** A CR or LF that stands alone: SMTP must not carry it (RFC 5321 section 2.3.8). */
  hasBareLineEnds = false
  /** Octets of the longest line, its end not counted. */
  longestLine = 0
  /** Octets of the line that goes on in the next piece. */
  #length = 0
  #isAfterCr = false

  feed(octets: Uint8Array): void {
    if (octets.length === 0) return
    if (!isAscii(octets)) this.has8bit = true
    let lineStart = -this.#length
    let at = 0
    if (this.#isAfterCr) {
      if (octets[0] === lf) at = lineStart = 1
      else this.hasBareLineEnds = true
    }
    // Every octet of every mail comes by here: only line ends are looked at twice.
    for (; at < octets.length; at++) {
      const octet = octets[at] ?? 0
      if (octet > cr || (octet !== lf && octet !== cr)) continue
      if (at - lineStart > this.longestLine) this.longestLine = at - lineStart
      const isPair = octet === cr && octets[at + 1] === lf
      if (!isPair && (octet === lf || at + 1 < octets.length)) this.hasBareLineEnds = true
      if (isPair) at++
      lineStart = at + 1
    }
    this.#isAfterCr = octets[octets.length - 1] === cr
    this.#length = octets.length - lineStart
  }

  finish(): void {
    if (this.#isAfterCr) this.hasBareLineEnds = true
    this.longestLine = Math.max(this.longestLine, this.#length)
  }
}
