const lf = 10
const cr = 13

/** What is to be known of a content's lines, gathered while its octets stream by in any pieces. */
export class LineFacts {
  has8bit = false
  /** A CR or LF that stands alone: SMTP must not carry it (RFC 5321 section 2.3.8). */
  hasBareLineEnds = false
  /** Octets of the longest line, its end not counted. */
  longestLine = 0
  #length = 0
  #isAfterCr = false

  feed(octets: Uint8Array): void {
    let seen = 0
    let isAfterCr = this.#isAfterCr
    let lineStart = -this.#length
    for (let at = 0; at < octets.length; at++) {
      const octet = octets[at] ?? 0
      seen |= octet
      if (octet > cr && !isAfterCr) continue
      if (isAfterCr !== (octet === lf)) this.hasBareLineEnds = true
      if (octet === lf || octet === cr) {
        if (!isAfterCr || octet === cr) this.longestLine = Math.max(this.longestLine, at - lineStart)
        lineStart = at + 1
      }
      isAfterCr = octet === cr
    }
    this.#isAfterCr = isAfterCr
    this.#length = octets.length - lineStart
    if (seen > 127) this.has8bit = true
  }

  finish(): void {
    if (this.#isAfterCr) this.hasBareLineEnds = true
    this.longestLine = Math.max(this.longestLine, this.#length)
  }
}
