interface Waiter {
  readonly octets: number
  readonly grant: () => void
}

/**
 * Octets that mail on its way in and out may hold in memory. A full budget makes the next one wait (its device sees
 * slow TCP), never fail. First come, first served; a reservation above the whole budget counts as the whole.
 */
export class MemoryBudget {
  readonly #octets: number
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

  /** Resolves when the octets are granted; dispose the result to give them back. Rejects with the signal's reason. */
  reserve(octets: number, signal?: AbortSignal): Promise<Disposable> {
    const wanted = Math.min(octets, this.#octets)
    const granted = this.tryReserve(wanted)
    if (granted) return Promise.resolve(granted)
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const waiter: Waiter = {
        octets: wanted,
        grant: () => {
          signal?.removeEventListener('abort', giveUp)
          resolve(this.#take(wanted))
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
      if (!next || this.#used + next.octets > this.#octets) return
      this.#waiters.shift()
      next.grant()
    }
  }
}
