import type { Alerts } from '../../core/alerts.ts'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import type { Setup } from '../../core/setup.ts'
import { isInLan } from '../twins/twin-care.ts'
import type { NameCare } from './name-care.ts'

export interface LocalNameParts {
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  readonly signal: AbortSignal
}

/** `NAME.local`, loaded by a box of the LAN: one whose every listener is on loopback is looked for by nobody. */
export class LocalName {
  readonly #parts: LocalNameParts
  #care: NameCare | undefined
  #watching: Promise<void> | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(parts: LocalNameParts) {
    this.#parts = parts
    // Of the process before; whether it is still so is heard in a second.
    parts.alerts.clear('name-taken')
  }

  /** `branch-07.local`; undefined where the box does not answer by it, or not it alone. */
  get answered(): string | undefined {
    return this.#care?.answered
  }

  /** Asks for the name that the setup says, one change after the other. */
  follow(setup: Setup): Promise<void> {
    this.#turn = this.#turn
      .then(() => this.#follow(setup))
      .catch((error: unknown) =>
        this.#parts.log.write('error', 'name-not-answered', { detail: String(error) }),
      )
    return this.#turn
  }

  /** The links may have other addresses. */
  look(): void {
    this.#care?.look()
  }

  /** After the signal: the name is said goodbye to. */
  async settled(): Promise<void> {
    await this.#turn
    await this.#watching
  }

  async #follow(setup: Setup): Promise<void> {
    const { signal } = this.#parts
    const isWanted = isInLan(setup)
    if (signal.aborted || (!isWanted && !this.#care)) return
    this.#care ??= await this.#open()
    this.#care.follow(isWanted ? setup.gateway.name : undefined)
    this.#watching ??= this.#care.watch(signal)
  }

  async #open(): Promise<NameCare> {
    const [{ LanLinks }, { NameCare: Care }, { faultLog }] = await Promise.all([
      import('../../platform/mdns/lan-links.ts'),
      import('./name-care.ts'),
      import('./fault-log.ts'),
    ])
    const onTrouble = (detail: string) => this.#parts.log.write('warn', 'name-not-answered', { detail })
    return new Care({
      ...this.#parts,
      air: new LanLinks({ onTrouble, onFault: faultLog(this.#parts) }),
      random: Math.random,
    })
  }
}
