import { Readable } from 'node:stream'

/** The content on its way, and how far it came: only when all of it was read can its end have left. */
export class Upload {
  readonly stream: Readable
  isBegun = false
  isComplete = false

  constructor(content: AsyncIterable<Uint8Array>) {
    this.stream = Readable.from(this.#read(content), { objectMode: false, highWaterMark: 65_536 })
  }

  async *#read(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    this.isBegun = true
    yield* content
    this.isComplete = true
  }
}
