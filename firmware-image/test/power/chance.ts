/** The same throws for the same seed, so that a cut that failed is made again. Mulberry32. */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }

  isOneOf(many: number): boolean {
    return this.below(many) === 0
  }

  /** Another order (Fisher and Yates). */
  shuffled<T>(list: readonly T[]): readonly T[] {
    const rest = [...list]
    return list.flatMap(() => rest.splice(this.below(rest.length), 1))
  }
}
