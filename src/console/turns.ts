/** Waiting for a turn, of one address and of all together. */
const mostOfOne = 2
const mostOfAll = 24

type Start = () => void

/**
 * One piece of work at a time, and who comes from many requests waits behind who comes from few: addresses take turns.
 * Hashing a password takes 16 MB and a third of a second of a small machine, which is there for mail.
 */
export class Turns {
  readonly #waiting = new Map<string, Start[]>()
  #isBusy = false

  /** Undefined: too many wait already, of this address or altogether. */
  async take<T>(address: string, work: () => Promise<T>): Promise<T | undefined> {
    if (!(await this.#turn(address))) return undefined
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  #turn(address: string): Promise<boolean> | boolean {
    if (!this.#isBusy) {
      this.#isBusy = true
      return true
    }
    const queue = this.#waiting.get(address) ?? []
    const all = [...this.#waiting.values()].reduce((sum, { length }) => sum + length, 0)
    if (queue.length >= mostOfOne || all >= mostOfAll) return false
    return new Promise((resolve) => {
      queue.push(() => resolve(true))
      this.#waiting.set(address, queue)
    })
  }

  #next(): void {
    const [first] = this.#waiting
    if (first === undefined) {
      this.#isBusy = false
      return
    }
    const [address, queue] = first
    const start = queue.shift()
    this.#waiting.delete(address)
    // Behind the others.
    if (queue.length > 0) this.#waiting.set(address, queue)
    start?.()
  }
}
