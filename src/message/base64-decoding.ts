import type { OctetSink, TransferDecoder } from './transfer-decoder.ts'

const lf = 10
const cr = 13
const space = 32
const tab = 9
const equals = 61

/** Per octet: 1 in the alphabet, 0 for what may stand between lines, `junkWeight` for the rest. */
const junkWeight = 1 << 17
const weights = new Int32Array(256).fill(junkWeight)
for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') {
  weights[letter.charCodeAt(0)] = 1
}
for (const octet of [lf, cr, space, tab, equals]) weights[octet] = 0

/** So many octets that their weights sum up in 32 bits. */
const blockLength = 4096

/**
 * RFC 2045 section 6.8. What is not in the alphabet is passed over, padding that is missing is not missed, and padding
 * in the middle ends one run and begins the next: firmware pads every line or page for itself.
 */
export class Base64Decoder implements TransferDecoder {
  size = 0
  #run = 0
  #rest = new Uint8Array(0)
  #letters = 0
  #pads = 0
  #hasJunk = false
  #hasLetterAfterPad = false

  /** Whether everything so far can be passed on as it stands once line ends and blanks are taken out. */
  get isPlain(): boolean {
    return (
      !this.#hasJunk && !this.#hasLetterAfterPad && this.#pads <= 2 && (this.#letters + this.#pads) % 4 === 0
    )
  }

  write(octets: Uint8Array, out?: OctetSink): void {
    if (out === undefined && octets.includes(equals)) this.#countPadded(octets)
    else this.#writeRuns(octets, out)
  }

  #writeRuns(octets: Uint8Array, out: OctetSink | undefined): void {
    let from = 0
    while (from < octets.length) {
      const pad = octets.indexOf(equals, from)
      const end = pad < 0 ? octets.length : pad
      if (end > from) this.#writeRun(octets.subarray(from, end), out)
      if (pad < 0) return
      const next = this.#skipPads(octets, pad)
      this.#endRun(out)
      from = next
    }
  }

  end(out?: OctetSink): void {
    this.#endRun(out)
  }

  /** The same as runs and pads in turn, without a step for each: someone may send nothing but padding. */
  #countPadded(octets: Uint8Array): void {
    for (let at = 0; at < octets.length; at++) {
      const octet = octets[at] ?? 0
      if (octet === equals) {
        this.#pads++
        if (this.#run > 0) this.#endRun(undefined)
      } else if (weights[octet] === 1) {
        if (this.#pads > 0) this.#hasLetterAfterPad = true
        this.#letters++
        this.#run++
      } else if (weights[octet] !== 0) {
        this.#hasJunk = true
      }
    }
  }

  #skipPads(octets: Uint8Array, start: number): number {
    let at = start
    while (octets[at] === equals) at++
    this.#pads += at - start
    return at
  }

  #writeRun(octets: Uint8Array, out: OctetSink | undefined): void {
    const letters = this.#count(octets)
    if (letters > 0 && this.#pads > 0) this.#hasLetterAfterPad = true
    this.#letters += letters
    this.#run += letters
    if (out !== undefined) this.#decode(octets, letters, out)
  }

  #count(octets: Uint8Array): number {
    let letters = 0
    for (let start = 0; start < octets.length; start += blockLength) {
      const end = Math.min(octets.length, start + blockLength)
      let sum = 0
      for (let at = start; at < end; at++) sum += weights[octets[at] ?? 0] ?? 0
      letters += sum % junkWeight
      if (sum >= junkWeight) this.#hasJunk = true
    }
    return letters
  }

  #decode(octets: Uint8Array, letters: number, out: OctetSink): void {
    const run = new Uint8Array(this.#rest.length + letters)
    run.set(this.#rest)
    let to = this.#rest.length
    for (let at = 0; at < octets.length; at++) {
      const octet = octets[at] ?? 0
      if (weights[octet] === 1) run[to++] = octet
    }
    const whole = to - (to % 4)
    if (whole > 0) out(decodeLetters(run.subarray(0, whole)))
    this.#rest = run.slice(whole)
  }

  #endRun(out: OctetSink | undefined): void {
    const left = this.#run % 4
    this.size += Math.floor(this.#run / 4) * 3 + Math.max(0, left - 1)
    this.#run = 0
    if (out === undefined) return
    if (this.#rest.length > 1) out(decodeLetters(this.#rest))
    this.#rest = new Uint8Array(0)
  }
}

function decodeLetters(letters: Uint8Array): Uint8Array {
  const text = Buffer.from(letters.buffer, letters.byteOffset, letters.length).toString('latin1')
  return Buffer.from(text, 'base64')
}
