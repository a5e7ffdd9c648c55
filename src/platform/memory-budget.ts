interface Waiter {
  readonly octets: number
  readonly grant: (octets: number) => void
}

/**
 * Octets that mail on its way in and out may hold in memory. A full budget makes the next one wait (its device sees
 * slow TCP), never fail. First come, first served; a reservation above the whole budget counts as the whole.
 */
export class MemoryBudget {
  #octets: number
  #used = 0
  readonly #waiters: Waiter[] = []

  constructor(octets: number) {
    this.#octets = octets
  }

  get used(): number {
    return this.#used
  }

  get waiting(): number {
    return this.#waiters.length
  }

  /** Another size from now on. What is held stays held: a smaller budget is kept as soon as enough was given back. */
  resize(octets: number): void {
    this.#octets = octets
    this.#grantWaiting()
  }

  /** Resolves when the octets are granted; dispose the result to give them back. Rejects with the signal's reason. */
  reserve(octets: number, signal?: AbortSignal): Promise<Disposable> {
    const granted = this.tryReserve(octets)
    if (granted) return Promise.resolve(granted)
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const waiter: Waiter = {
        octets,
        grant: (granted) => {
          signal?.removeEventListener('abort', giveUp)
          resolve(this.#take(granted))
        },
      }
      const giveUp = (): void => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
        reject(signal?.reason)
        this.#grantWaiting()
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#waiters.push(waiter)
    })
  }

  /** The octets at once, or undefined when there is no room or others wait before. */
  tryReserve(octets: number): Disposable | undefined {
    const wanted = Math.min(octets, this.#octets)
    if (this.#waiters.length > 0 || this.#used + wanted > this.#octets) return undefined
    return this.#take(wanted)
  }

  #take(octets: number): Disposable {
    this.#used += octets
    let held = true
    return {
      [Symbol.dispose]: () => {
        if (!held) return
        held = false
        this.#used -= octets
        this.#grantWaiting()
      },
    }
  }

  #grantWaiting(): void {
    for (;;) {
      const next = this.#waiters[0]
      if (!next) return
      const wanted = Math.min(next.octets, this.#octets)
      if (this.#used + wanted > this.#octets) return
      this.#waiters.shift()
      next.grant(wanted)
    }
  }
}
