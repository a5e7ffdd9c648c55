/** Octets that come in pieces of any size, handed out in pieces of the size that somebody asks for. */
export class OctetReader {
  readonly #source: AsyncIterator<Uint8Array>
  #pieces: Uint8Array[] = []
  #held = 0
  #isOver = false
  #taken = 0

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** Octets handed out so far. */
  get place(): number {
    return this.#taken
  }

  /** `count` octets, fewer at the end. */
  async take(count: number): Promise<Uint8Array> {
    await this.#fill(count)
    const all = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces)
    const taken = (all ?? new Uint8Array()).subarray(0, count)
    const rest = (all ?? new Uint8Array()).subarray(count)
    this.#pieces = rest.length > 0 ? [rest] : []
    this.#held = rest.length
    this.#taken += taken.length
    return taken
  }

  /** The text up to the next line feed, without it; undefined if there is none within `longest` octets. */
  async line(longest: number): Promise<string | undefined> {
    for (let wanted = 1024; ; wanted *= 2) {
      await this.#fill(Math.min(wanted, longest))
      const held = Buffer.concat(this.#pieces)
      const end = held.subarray(0, longest).indexOf('\n')
      if (end >= 0) return Buffer.from(await this.take(end + 1)).toString('utf8', 0, end)
      if (this.#isOver || wanted >= longest) return undefined
    }
  }

  async isAtEnd(): Promise<boolean> {
    await this.#fill(1)
    return this.#held === 0
  }

  /** Nothing more is wanted. */
  async close(): Promise<void> {
    await this.#source.return?.()
  }

  async #fill(count: number): Promise<void> {
    while (this.#held < count && !this.#isOver) {
      const next = await this.#source.next()
      if (next.done === true) this.#isOver = true
      else {
        this.#pieces.push(next.value)
        this.#held += next.value.length
      }
    }
  }
}
