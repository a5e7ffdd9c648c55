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
    const words = wordsOf(octets)
    for (at = nextLow(octets, words, at); at < octets.length; at = nextLow(octets, words, at + 1)) {
      const octet = octets[at] ?? 0
      if (octet !== lf && octet !== cr) continue
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

interface Words {
  /** Where the first of them begins. */
  readonly from: number
  readonly of: Int32Array
}

const noWords = new Int32Array(0)

function wordsOf({ buffer, byteOffset, length }: Uint8Array): Words {
  const from = -byteOffset & 3
  const count = Math.max(0, length - from) >> 2
  // No view begins behind the end of its buffer, not even an empty one.
  return { from, of: count === 0 ? noWords : new Int32Array(buffer, byteOffset + from, count) }
}

/**
 * Where from `at` on the next octet stands that is not above CR. Every octet of every mail comes by here, so four are
 * asked at once: subtracting 14 from each sets the high bit of those below it.
 */
function nextLow(octets: Uint8Array, { from, of: words }: Words, at: number): number {
  let place = at
  while (place < octets.length) {
    if (place >= from && ((place - from) & 3) === 0) {
      let word = (place - from) >> 2
      for (; word < words.length; word++) {
        const four = words[word] ?? 0
        if (((four - 0x0e0e0e0e) & ~four & 0x80808080) !== 0) break
      }
      place = from + (word << 2)
    }
    do {
      if ((octets[place] ?? cr + 1) <= cr) return place
      place++
    } while (place < octets.length && ((place - from) & 3) !== 0)
  }
  return place
}
