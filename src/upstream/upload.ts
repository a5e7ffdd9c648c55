import { Readable } from 'node:stream'

const largestPiece = 65_536

/** The content of one mail on its way, and how far it came. */
export class Upload implements Disposable {
  readonly stream: Readable
  isBegun = false
  /** The last octets are being handed over: from here on the service may have the whole mail. */
  isComplete = false
  /** What broke the reading; a request that ends by it says 'socket hang up' only. */
  failure: unknown
  readonly #content: AsyncGenerator<Uint8Array, void, undefined>
  #held: Uint8Array | undefined

  constructor(content: AsyncGenerator<Uint8Array, void, undefined>) {
    this.#content = content
    this.stream = Readable.from(this.#read(), { objectMode: false, highWaterMark: largestPiece })
  }

  /** The first octet alone (none of an empty content), before the stream is read: that gives the rest. */
  async firstOctet(): Promise<Uint8Array> {
    this.isBegun = true
    const { value = new Uint8Array() } = await this.#content.next()
    this.#held = value.subarray(1)
    return value.subarray(0, 1)
  }

  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    this.isBegun = true
    try {
      for await (const piece of this.#content) {
        if (this.#held?.length) yield this.#held
        this.#held = piece
      }
    } catch (error) {
      this.failure = error
      throw error
    }
    this.isComplete = true
    if (this.#held?.length) yield this.#held
  }

  /** Ends the reading too where the stream never began it. */
  [Symbol.dispose](): void {
    this.stream.destroy()
    if (!this.stream.readableDidRead) void this.#content.return().catch(() => undefined)
  }
}
