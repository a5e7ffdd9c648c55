import type { Opening, OpenServer } from '../console/http-server.ts'
import type { Log } from '../core/log.ts'
import type { ConsoleSetup } from '../core/setup.ts'

type Place = Pick<ConsoleSetup, 'address' | 'port'>

export interface ConsoleDoorParts {
  readonly setup: () => ConsoleSetup
  readonly serve: (place: Place) => Promise<Opening>
  readonly log: Log
}

/** The console's server, where the settings want it. Mail does not depend on it: a place that can't be had is only logged. */
export class ConsoleDoor implements AsyncDisposable {
  readonly #parts: ConsoleDoorParts
  #served: { readonly place: Place; readonly server: OpenServer } | undefined
  #following: Promise<void> = Promise.resolve()
  #isOver = false
  #told = ''

  constructor(parts: ConsoleDoorParts) {
    this.#parts = parts
  }

  /** Where it is served now; empty while it is closed. */
  get url(): string {
    if (!this.#served) return ''
    const { place, server } = this.#served
    const host = place.address.includes(':') ? `[${place.address}]` : place.address
    return `http://${host}:${server.port}`
  }

  /** Opens, moves or closes it as the settings say now; one change after the other. */
  follow(): Promise<void> {
    this.#following = this.#following.then(() => this.#follow())
    return this.#following
  }

  async #follow(): Promise<void> {
    const { address, port, tls } = this.#parts.setup()
    if (this.#isOver) return
    if (tls !== 'off') {
      this.#tellNotActive(`console.tls = "${tls}" is not active yet`)
      await this.#close()
      return
    }
    this.#told = ''
    const before = this.#served?.place
    if (before?.address !== address || before.port !== port) await this.#move({ address, port })
  }

  /** Once, however often other settings change. */
  #tellNotActive(detail: string): void {
    if (this.#told !== detail) this.#parts.log.write('warn', 'console-not-active', { detail })
    this.#told = detail
  }

  /** The new place first, so that the old one serves on if it can't be had; on the same port the old one is in its way. */
  async #move(to: Place): Promise<void> {
    const before = this.#served
    if (to.port !== 0 && before?.place.port === to.port) await this.#close()
    const opening = await this.#parts.serve(to)
    if (opening.kind === 'open') {
      await this.#close()
      this.#served = { place: to, server: opening }
      return
    }
    this.#parts.log.write('error', 'console-failed', { ...to, detail: opening.reason })
    if (before && !this.#served) await this.#reopen(before.place)
  }

  async #reopen(place: Place): Promise<void> {
    const opening = await this.#parts.serve(place)
    if (opening.kind === 'open') this.#served = { place, server: opening }
    else this.#parts.log.write('error', 'console-failed', { ...place, detail: opening.reason })
  }

  async #close(): Promise<void> {
    const served = this.#served
    this.#served = undefined
    await served?.server[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await this.#following
    await this.#close()
  }
}
