import type { LimitsSetup } from '../core/setup.ts'
import { isLoopback } from '../platform/network.ts'

/** Open connections, in all and by address. */
export class ConnectionLimits {
  #open = 0
  readonly #byAddress = new Map<string, number>()

  get open(): number {
    return this.#open
  }

  /** Takes a place, given back by disposing; undefined if there is none. Loopback has no limit of its own. */
  take(address: string, limits: LimitsSetup): Disposable | undefined {
    const here = this.#byAddress.get(address) ?? 0
    if (this.#open >= limits.connections) return undefined
    if (here >= limits.connectionsPerAddress && !isLoopback(address)) return undefined
    this.#open++
    this.#byAddress.set(address, here + 1)
    return { [Symbol.dispose]: () => this.#give(address) }
  }

  #give(address: string): void {
    this.#open--
    const left = (this.#byAddress.get(address) ?? 1) - 1
    if (left > 0) this.#byAddress.set(address, left)
    else this.#byAddress.delete(address)
  }
}
