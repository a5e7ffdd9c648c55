import { chunkOctets } from './chunk-layout.ts'

/** Most mails without a scan fit. */
const firstOctets = 16_384
const growth = 4
/** Octets behind what was written that may travel with it: cutting them off would copy all of it. */
const mostSlack = firstOctets

/** Nothing is read of it but what was written to it. */
const withoutZeros = (octets: number): ArrayBuffer => Buffer.allocUnsafeSlow(octets).buffer

const nothing = new Uint8Array(new ArrayBuffer(0))

/** One chunk while it is being filled. Grows with what it takes: most mails are far smaller than a chunk. */
export class ChunkBuffer {
  #octets: Uint8Array<ArrayBuffer> = nothing
  #length = 0

  get length(): number {
    return this.#length
  }

  get isFull(): boolean {
    return this.#length === chunkOctets
  }

  /** Copies as much as there is room for; how many octets that were. */
  take(octets: Uint8Array): number {
    const taken = octets.subarray(0, chunkOctets - this.#length)
    this.#makeRoom(this.#length + taken.length)
    this.#octets.set(taken, this.#length)
    this.#length += taken.length
    return taken.length
  }

  /** A copy of what is there. */
  copy(): Uint8Array {
    return this.#octets.slice(0, this.#length)
  }

  /** The octets, in a buffer of their own to be transferred; this one is empty then. */
  release(): Uint8Array<ArrayBuffer> {
    if (this.#length === 0) return new Uint8Array(new ArrayBuffer(0))
    const octets = this.#octets
    const length = this.#length
    this.#octets = nothing
    this.#length = 0
    if (octets.length - length <= mostSlack) return octets.subarray(0, length)
    return new Uint8Array(octets.buffer.transfer(length))
  }

  #makeRoom(needed: number): void {
    if (needed <= this.#octets.length) return
    let size = Math.max(this.#octets.length, firstOctets)
    while (size < needed) size *= growth
    const octets = Math.min(size, chunkOctets)
    this.#octets = new Uint8Array(
      this.#length === 0 ? withoutZeros(octets) : this.#octets.buffer.transfer(octets),
    )
  }
}
