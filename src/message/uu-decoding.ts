import type { OctetSink, TransferDecoder } from './transfer-decoder.ts'

const lf = 10
const cr = 13

/** The longest line of a uuencoded body that is looked at: 45 octets take 61 characters. */
const maxUuLine = 200

/** The form of old UNIX mail (`begin 644 scan.pdf` … `end`): what stands outside is not part of the file. */
export class UuDecoder implements TransferDecoder {
  size = 0
  #line: number[] = []
  #state: 'before' | 'inside' | 'after' = 'before'

  write(octets: Uint8Array, out?: OctetSink): void {
    for (const octet of octets) {
      if (octet === lf || octet === cr) this.#endLine(out)
      else if (this.#line.length < maxUuLine) this.#line.push(octet)
    }
  }

  end(out?: OctetSink): void {
    this.#endLine(out)
  }

  #endLine(out: OctetSink | undefined): void {
    const text = String.fromCharCode(...this.#line)
    this.#line = []
    if (text === '') return
    if (this.#state === 'before' && /^begin [0-7]{3,4} /.test(text)) this.#state = 'inside'
    else if (this.#state === 'inside' && text.trimEnd() === 'end') this.#state = 'after'
    else if (this.#state === 'inside') this.#decodeLine(text, out)
  }

  #decodeLine(text: string, out: OctetSink | undefined): void {
    const value = (at: number): number => (text.charCodeAt(at) - 32) & 63 || 0
    const length = value(0)
    const decoded = new Uint8Array(length)
    for (let at = 0; at < length; at++) {
      const group = 1 + Math.floor(at / 3) * 4 + (at % 3)
      const shift = (at % 3) * 2 + 2
      decoded[at] = ((value(group) << shift) | (value(group + 1) >> (6 - shift))) & 255
    }
    this.size += length
    if (out !== undefined && length > 0) out(decoded)
  }
}
