const lineFeed = 0x0a
const carriageReturn = 0x0d
/** RFC 5321 section 4.5.3.1.4 asks for 512 octets; AUTH with a token and long parameters need more. */
const longestLine = 8192
const mostWithoutLineEnd = 65536
/** Octets that may wait behind a command before the socket is paused. */
export const mostWaiting = 65536

export type NextLine =
  | { readonly kind: 'line'; readonly line: string }
  /** Longer than a command may be; it was passed over. */
  | { readonly kind: 'too-long' }
  | { readonly kind: 'none' }
  /** No line end in sight for 64 KB. */
  | { readonly kind: 'flood' }

/** Octets that wait to be understood: command lines by LF or CRLF, or all at once for DATA. */
export class CommandLines {
  #waiting: Buffer | undefined
  /** Octets of an overlong line that were thrown away already. */
  #passedOver = 0

  get length(): number {
    return this.#waiting?.length ?? 0
  }

  add(octets: Buffer): void {
    if (octets.length === 0) return
    this.#waiting = this.#waiting ? Buffer.concat([this.#waiting, octets]) : octets
  }

  peek(): Buffer | undefined {
    return this.#waiting
  }

  takeAll(): Buffer | undefined {
    const all = this.#waiting
    this.#waiting = undefined
    return all
  }

  next(): NextLine {
    const waiting = this.#waiting
    if (!waiting) return { kind: 'none' }
    const end = waiting.indexOf(lineFeed)
    if (end < 0) return this.#withoutEnd(waiting)
    this.#waiting = end + 1 < waiting.length ? waiting.subarray(end + 1) : undefined
    const length = this.#passedOver + end
    this.#passedOver = 0
    if (length > longestLine) return { kind: 'too-long' }
    const textEnd = waiting[end - 1] === carriageReturn ? end - 1 : end
    return { kind: 'line', line: waiting.toString('utf8', 0, textEnd) }
  }

  #withoutEnd(waiting: Buffer): NextLine {
    if (waiting.length <= longestLine) return { kind: 'none' }
    this.#passedOver += waiting.length
    this.#waiting = undefined
    return this.#passedOver > mostWithoutLineEnd ? { kind: 'flood' } : { kind: 'none' }
  }
}
