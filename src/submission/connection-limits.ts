import type { Clock } from '../core/clock.ts'
import type { LimitsSetup } from '../core/setup.ts'
import { second } from '../core/time.ts'
import { isLoopback } from '../platform/network.ts'

/** So long a connection may be silent before it gives way to another one of its own address, or of one that has as few. */
const lowestQuietMs = 10 * second

/** Whoever holds a place. */
export interface Occupant {
  /** Monotonic time since when nothing came of it; undefined while a mail is under way or a reply is. */
  quietSince(): number | undefined
  /** Its place is needed: it is told so and closed. */
  giveWay(): void
}

/** A place among the open connections, given back by disposing. */
export interface Place extends Disposable {
  /** From now on it may be asked to give way. */
  occupy(occupant: Occupant): void
}

interface Holder {
  readonly address: string
  occupant: Occupant | undefined
}

/**
 * Open connections, in all and by address. Where none is free, a silent one gives way: of the address that has the most,
 * the one that was silent longest. So a thousand silent connections keep no device out, and nobody is banned.
 */
export class ConnectionLimits {
  readonly #clock: Clock
  #open = 0
  readonly #byAddress = new Map<string, Set<Holder>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get open(): number {
    return this.#open
  }

  /** Takes a place; undefined if there is none. Loopback has no limit of its own. */
  take(address: string, limits: LimitsSetup): Place | undefined {
    const isCrowded = !isLoopback(address) && this.#count(address) >= limits.connectionsPerAddress
    if (isCrowded && !this.#makeRoom(this.#here(address), address)) return undefined
    if (this.#open >= limits.connections && !this.#makeRoom(this.#everywhere(), address)) return undefined
    const holder: Holder = { address, occupant: undefined }
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? new Set()).add(holder))
    this.#open++
    return {
      occupy: (occupant) => {
        holder.occupant = occupant
      },
      [Symbol.dispose]: () => this.#give(holder),
    }
  }

  #count(address: string): number {
    return this.#byAddress.get(address)?.size ?? 0
  }

  #here(address: string): Iterable<Holder> {
    return this.#byAddress.get(address) ?? []
  }

  *#everywhere(): Iterable<Holder> {
    for (const holders of this.#byAddress.values()) yield* holders
  }

  /** One of these gives its place to a newcomer from `address`. */
  #makeRoom(holders: Iterable<Holder>, address: string): boolean {
    let chosen: { readonly holder: Holder; readonly crowd: number; readonly since: number } | undefined
    for (const holder of holders) {
      const since = holder.occupant?.quietSince()
      if (since === undefined) continue
      const crowd = this.#count(holder.address)
      if (crowd <= this.#count(address) + 1 && this.#clock.monotonic() - since < lowestQuietMs) continue
      const isBetter = !chosen || crowd > chosen.crowd || (crowd === chosen.crowd && since < chosen.since)
      if (isBetter) chosen = { holder, crowd, since }
    }
    if (!chosen) return false
    this.#give(chosen.holder)
    chosen.holder.occupant?.giveWay()
    return true
  }

  #give(holder: Holder): void {
    const holders = this.#byAddress.get(holder.address)
    if (!holders?.delete(holder)) return
    this.#open--
    if (holders.size === 0) this.#byAddress.delete(holder.address)
  }
}
