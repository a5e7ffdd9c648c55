import type { Reply } from '../../core/reply.ts'
import { DataDecoder, type DataEnd } from './data-decoder.ts'

/** Where the content of one DATA goes. */
export interface DataSink {
  /** Undefined: more may come at once. Does not reject. */
  write(content: Buffer): Promise<void> | undefined
  /** All came: the reply, 250 or a refusal. Does not reject. */
  finish(): Promise<Reply>
  /** The client went away or stopped: nothing is left. */
  abandon(): void
  /** False: so much comes behind what is refused already that its end is not waited for. */
  readonly isWorthHearing: boolean
}

export interface Taken {
  /** More may be given when it resolves. */
  readonly written: Promise<void> | undefined
  /** What came behind the end; undefined while it has not come. */
  readonly rest: Buffer | undefined
  /** It ended by a bare LF: what came behind must not be run. */
  readonly isLax: boolean
}

const shownTail = 16
const looseEnd = Buffer.from('\n.\n')

/** One DATA on its way from the socket to its sink. */
export class IncomingData {
  readonly sink: DataSink
  readonly #decoder: DataDecoder
  #octets = 0
  #tail: Buffer = Buffer.alloc(0)

  constructor(sink: DataSink, dataEnd: DataEnd) {
    this.sink = sink
    this.#decoder = new DataDecoder(dataEnd)
  }

  take(octets: Buffer): Taken {
    this.#tail = lastOf(this.#tail, octets)
    const { content, rest, isLax } = this.#decoder.feed(octets)
    this.#octets += content.length
    return { written: content.length > 0 ? this.sink.write(content) : undefined, rest, isLax }
  }

  /** Of content, so far. */
  get octets(): number {
    return this.#octets
  }

  /** LF.LF came last: the device takes that for the end and waits. */
  get endsLoosely(): boolean {
    return this.#tail.subarray(-3).equals(looseEnd)
  }

  describe(): string {
    return `${this.#octets} octets of DATA`
  }

  /** For the case that the end never comes: what came last, in hexadecimal. */
  describeTail(): string {
    return `no end of DATA after ${this.#octets} octets; last: ${this.#tail.toString('hex')}`
  }
}

/** A copy: it must not hold a whole chunk in memory. */
const lastOf = (before: Buffer, octets: Buffer): Buffer =>
  octets.length >= shownTail
    ? Buffer.from(octets.subarray(-shownTail))
    : Buffer.concat([before, octets]).subarray(-shownTail)
