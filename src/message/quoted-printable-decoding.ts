import type { OctetSink, TransferDecoder } from './transfer-decoder.ts'

const lf = 10
const cr = 13
const space = 32
const tab = 9
const equals = 61

/** Blanks before a line end that are remembered; more than a line may have are content. */
const maxBlanks = 998

/**
 * RFC 2045 section 6.7. Blanks at the end of a line are dropped (rule 3), `=` before a line end joins lines, an `=` that
 * escapes nothing stays. Line ends of the text stay as they stand.
 */
export class QuotedPrintableDecoder implements TransferDecoder {
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
