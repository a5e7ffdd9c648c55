/** How many vintage sessions may be open at once: their RSA and 3DES are the main thread's. */
export class VintagePlaces {
  readonly #most: number
  #taken = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Undefined: there is none left. */
  take(): Disposable | undefined {
    if (this.#taken >= this.#most) return undefined
    this.#taken++
    let isGiven = false
    return {
      [Symbol.dispose]: () => {
        if (!isGiven) this.#taken--
        isGiven = true
      },
    }
  }
}
