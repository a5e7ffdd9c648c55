const firstOctets = 1024
const nothing = new Uint8Array()

/** Octets waiting for those that follow; grows by doubling, so that feeding it one by one stays cheap. */
export class OctetBuffer {
  #octets = nothing
  #length = 0

  get length(): number {
    return this.#length
  }

  /** A view that holds until the next `append` or `drop`. */
  view(): Uint8Array {
    return this.#octets.subarray(0, this.#length)
  }

  append(octets: Uint8Array): void {
    if (octets.length === 0) return
    const needed = this.#length + octets.length
    if (needed > this.#octets.length) {
      const grown = new Uint8Array(Math.max(needed, firstOctets, this.#octets.length * 2))
      grown.set(this.view())
      this.#octets = grown
    }
    this.#octets.set(octets, this.#length)
    this.#length = needed
  }

  /** Forgets the first `count` octets. */
  drop(count: number): void {
    this.#octets.copyWithin(0, count, this.#length)
    this.#length -= count
  }
}
