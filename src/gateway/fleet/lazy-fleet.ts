import type { FleetOperations } from '../../core/fleet.ts'
import type { FleetParts, JoinedFleet } from './fleet-join.ts'

/** Loaded by a box with `[fleet]`, and where somebody asks: every other box does without. */
export class LazyFleet implements FleetOperations {
  readonly #parts: FleetParts
  #joined: Promise<JoinedFleet> | undefined
  #watch: Promise<void> | undefined

  constructor(parts: FleetParts) {
    this.#parts = parts
  }

  /** Begins to look after the box as soon as the setup says so, until the signal aborts. */
  follow(): void {
    const { stores, signal } = this.#parts
    if (this.#watch !== undefined || stores.settings.setup.fleet === undefined || signal.aborted) return
    this.#watch = this.#join().then((joined) => joined.watch(signal))
  }

  async settled(): Promise<void> {
    await this.#watch
  }

  /** Whether listeners that can't be opened were a bundle's fault, and are open again. */
  async mendStart(): Promise<boolean> {
    return this.#parts.stores.settings.setup.fleet !== undefined && (await (await this.#join()).mendStart())
  }

  /** Pages of every box ask this: nothing is loaded for it. */
  managed: FleetOperations['managed'] = async () => ({
    managed: this.#parts.stores.settings.managed ?? null,
  })
  fleet: FleetOperations['fleet'] = async () => (await this.#join()).fleet()
  pullFleet: FleetOperations['pullFleet'] = async (who) => (await this.#join()).pullFleet(who)
  fleetIdentity: FleetOperations['fleetIdentity'] = async () => (await this.#join()).fleetIdentity()
  fleetBoxes: FleetOperations['fleetBoxes'] = async () => (await this.#join()).fleetBoxes()

  #join(): Promise<JoinedFleet> {
    this.#joined ??= import('./fleet-join.ts').then(({ joinFleet }) => joinFleet(this.#parts))
    return this.#joined
  }
}
