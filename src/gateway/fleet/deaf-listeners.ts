import type { Clock } from '../../core/clock.ts'
import { minute } from '../../core/time.ts'
import type { ListenerStatus } from '../../submission/parts.ts'

/** So long an address that the machine lacks may be on its way: a lease, a card for the network that starts slowly. */
const patienceMs = 2 * minute

export interface Deaf {
  /** Names of listeners that can't be opened. */
  readonly deaf: readonly string[]
  /** Of those for whose address the box waits still. */
  readonly waiting: readonly string[]
}

/** A box that starts before its address is there hears nobody yet, and nothing of its settings is wrong. */
export class DeafListeners {
  readonly #clock: Clock
  readonly #hasNetwork: () => boolean
  readonly #absentSince = new Map<string, number>()

  /** `hasNetwork`: without one nothing can be said of an address: after a power cut a router comes later than the box. */
  constructor(clock: Clock, hasNetwork: () => boolean) {
    this.#clock = clock
    this.#hasNetwork = hasNetwork
  }

  look(listeners: readonly ListenerStatus[]): Deaf {
    const failed = listeners.filter(({ state }) => state === 'failed')
    this.#note(namesOf(failed.filter(({ isAddressAbsent }) => isAddressAbsent === true)))
    const now = this.#clock.monotonic()
    const mayCome = (name: string) => now - (this.#absentSince.get(name) ?? -patienceMs) < patienceMs
    const names = namesOf(failed)
    return { deaf: names.filter((name) => !mayCome(name)), waiting: names.filter(mayCome) }
  }

  #note(absent: readonly string[]): void {
    for (const name of this.#absentSince.keys()) if (!absent.includes(name)) this.#absentSince.delete(name)
    const hasNetwork = this.#hasNetwork()
    for (const name of absent)
      if (!hasNetwork || !this.#absentSince.has(name)) this.#absentSince.set(name, this.#clock.monotonic())
  }
}

const namesOf = (listeners: readonly ListenerStatus[]): readonly string[] => listeners.map(({ name }) => name)
