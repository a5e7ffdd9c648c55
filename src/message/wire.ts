import { createHash } from 'node:crypto'
import type { Content } from '../core/content.ts'

const nul = 0
const lf = 10
const cr = 13
const crlf = Buffer.from('\r\n')

/**
 * Turns lone CR and LF into CRLF while octets stream by in any pieces (RFC 5321 section 2.3.8), and leaves NUL out: a next
 * hop that did so behind the dot-stuffing would see an end of DATA in CRLF NUL . CRLF.
 */
export class LineEndMender {
  #isAfterCr = false
  #isAtLineStart = true

  /** The octets, mended; a CR in the last place waits for what follows. */
  write(octets: Uint8Array): Uint8Array {
    if (octets.length === 0) return octets
    const mended = new Uint8Array(octets.length * 2 + 2)
    let length = 0
    let isAfterCr = this.#isAfterCr
    for (let at = 0; at < octets.length; at++) {
      const octet = octets[at] ?? nul
      if (octet === nul) continue
      if (isAfterCr || octet === lf) {
        mended[length++] = cr
        mended[length++] = lf
      }
      const isPaired = octet === lf
      isAfterCr = octet === cr
      if (!isPaired && !isAfterCr) mended[length++] = octet
    }
    if (length > 0) this.#isAtLineStart = mended[length - 1] === lf
    this.#isAfterCr = isAfterCr
    return mended.subarray(0, length)
  }

  /** What ends the last line: DATA has no other kind of line. */
  end(): Uint8Array {
    return this.#isAfterCr || !this.#isAtLineStart ? crlf : new Uint8Array(0)
  }
}

/**
 * What an SMTP upstream gets before dot-stuffing: `header` (whole, with its blank line), then the content from
 * `bodyStart`, every line ended by CRLF. Streaming, and the same octets every time.
 */
export async function* dataOctets(
  content: Content,
  header: Uint8Array,
  bodyStart: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const mender = new LineEndMender()
  yield mender.write(header)
  for await (const octets of content.read({ start: bodyStart, end: content.size }, signal)) {
    const mended = mender.write(octets)
    if (mended.length > 0) yield mended
  }
  const end = mender.end()
  if (end.length > 0) yield end
}

/** Octets of `dataOctets` and their SHA-256 in hexadecimal. */
export async function dataSha256(
  content: Content,
  header: Uint8Array,
  bodyStart: number,
  signal?: AbortSignal,
): Promise<{ readonly sha256: string; readonly size: number }> {
  const hash = createHash('sha256')
  let size = 0
  for await (const octets of dataOctets(content, header, bodyStart, signal)) {
    hash.update(octets)
    size += octets.length
  }
  return { sha256: hash.digest('hex'), size }
}
