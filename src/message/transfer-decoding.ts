import type { TransferEncoding } from '../core/part-index.ts'

/**
 * Takes a transfer encoding off a body that streams by in any pieces, or only counts. Damaged input is read the way mail
 * programs do it, nothing is thrown; counting and decoding are the same code, so a size told beforehand is exact.
 */
export interface TransferDecoder {
  /** The octets that `octets` completes; with `out` absent only their number is worked out. */
  write(octets: Uint8Array, out?: OctetSink): void
  end(out?: OctetSink): void
  /** Octets decoded so far. */
  readonly size: number
}

/** Where decoded octets go; each piece belongs to the sink. */
export type OctetSink = (octets: Uint8Array) => void

export function decoderOf(encoding: TransferEncoding): TransferDecoder {
  switch (encoding) {
    case 'base64':
      return new Base64Decoder()
    case 'quoted-printable':
      return new QuotedPrintableDecoder()
    case 'uuencode':
      return new UuDecoder()
    default:
      return new IdentityDecoder()
  }
}

class IdentityDecoder implements TransferDecoder {
  size = 0

  write(octets: Uint8Array, out?: OctetSink): void {
    this.size += octets.length
    out?.(octets.slice())
  }

  end(): void {}
}

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

/** Blanks before a line end that are remembered; more than a line may have are content. */
const maxBlanks = 998

/**
 * RFC 2045 section 6.7. Blanks at the end of a line are dropped (rule 3), `=` before a line end joins lines, an `=` that
 * escapes nothing stays. Line ends of the text stay as they stand.
 */
class QuotedPrintableDecoder implements TransferDecoder {
  size = 0
  /** Octets read that may still turn out to mean something else: blanks, or `=` and what follows it. */
  #pending: number[] = []

  write(octets: Uint8Array, out?: OctetSink): void {
    const decoded = out === undefined ? undefined : new Uint8Array(octets.length + this.#pending.length)
    let size = 0
    const emit = (octet: number): void => {
      if (decoded !== undefined) decoded[size] = octet
      size++
    }
    for (let at = 0; at < octets.length; at++) {
      const octet = octets[at] ?? 0
      if (this.#pending.length > 0) {
        this.#step(octet, emit)
        continue
      }
      const escaped = octet === equals ? escapedOctet(octets, at) : -1
      if (escaped >= 0) {
        emit(escaped)
        at += 2
      } else if (octet !== equals && octet !== space && octet !== tab) emit(octet)
      else this.#pending.push(octet)
    }
    this.size += size
    if (decoded !== undefined && size > 0) out?.(decoded.subarray(0, size))
  }

  end(out?: OctetSink): void {
    const left =
      this.#pending[0] === equals && !this.#pending.slice(1).every(isBreakOctet) ? this.#pending : []
    this.size += left.length
    this.#pending = []
    if (left.length > 0) out?.(Uint8Array.from(left))
  }

  #step(octet: number, emit: (octet: number) => void): void {
    const pending = this.#pending
    if (pending[0] === equals) {
      this.#stepEscape(octet, emit)
    } else if (octet === space || octet === tab) {
      if (pending.length >= maxBlanks) this.#flush(emit)
      pending.push(octet)
    } else {
      if (octet === lf || octet === cr) pending.length = 0
      else this.#flush(emit)
      if (octet === equals) pending.push(octet)
      else emit(octet)
    }
  }

  /** `pending` is `=`, or `=` and a hex digit, or `=` and blanks, or those and a CR. */
  #stepEscape(octet: number, emit: (octet: number) => void): void {
    const pending = this.#pending
    const last = pending[pending.length - 1] ?? 0
    if (last === cr) {
      pending.length = 0
      if (octet !== lf) this.#again(octet, emit)
    } else if (octet === lf && last !== cr && pending.slice(1).every(isBreakOctet)) {
      pending.length = 0
    } else if (octet === cr && pending.slice(1).every(isBreakOctet)) {
      pending.push(octet)
    } else if (pending.length === 2 && hexValue(last) >= 0 && hexValue(octet) >= 0) {
      pending.length = 0
      emit(hexValue(last) * 16 + hexValue(octet))
    } else if (this.#mayGoOn(octet, last)) {
      pending.push(octet)
    } else {
      this.#giveUp(octet, emit)
    }
  }

  #mayGoOn(octet: number, last: number): boolean {
    if (this.#pending.length === 1) return hexValue(octet) >= 0 || isBreakOctet(octet)
    return isBreakOctet(last) && isBreakOctet(octet) && this.#pending.length < maxBlanks
  }

  /** The `=` was text after all: so are the octets behind it, each looked at anew. */
  #giveUp(octet: number, emit: (octet: number) => void): void {
    const behind = [...this.#pending.slice(1), octet]
    this.#pending.length = 0
    emit(equals)
    for (const again of behind) this.#again(again, emit)
  }

  #again(octet: number, emit: (octet: number) => void): void {
    if (this.#pending.length === 0 && octet !== equals && octet !== space && octet !== tab) emit(octet)
    else this.#step(octet, emit)
  }

  #flush(emit: (octet: number) => void): void {
    for (const octet of this.#pending) emit(octet)
    this.#pending.length = 0
  }
}

const isBreakOctet = (octet: number): boolean => octet === space || octet === tab || octet === cr

/** The octet that a whole `=XX` at `at` stands for, else -1. */
function escapedOctet(octets: Uint8Array, at: number): number {
  const high = hexValue(octets[at + 1] ?? 0)
  const low = hexValue(octets[at + 2] ?? 0)
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

function hexValue(octet: number): number {
  if (octet >= 48 && octet <= 57) return octet - 48
  const upper = octet & 0xdf
  return upper >= 65 && upper <= 70 ? upper - 55 : -1
}

/** The longest line of a uuencoded body that is looked at: 45 octets take 61 characters. */
const maxUuLine = 200

/** The form of old UNIX mail (`begin 644 scan.pdf` … `end`): what stands outside is not part of the file. */
class UuDecoder implements TransferDecoder {
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
