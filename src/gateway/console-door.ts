import type { ConsoleOpening, OpenConsole } from '../console/console.ts'
import type { Opening, OpenServer } from '../console/http-server.ts'
import type { Log } from '../core/log.ts'
import type { ServerIdentity } from '../core/server-identity.ts'
import type { ConsoleSetup } from '../core/setup.ts'

export interface ConsolePlace {
  readonly address: string
  readonly port: number
  readonly isSecure: boolean
}

export interface ConsoleDoorParts {
  readonly setup: () => ConsoleSetup
  /** Whether the machine has the address. */
  readonly isHere: (address: string) => boolean
  /** Where it is served while it has it not. */
  readonly instead: () => string
  /** What browsers see at present, where it is served over TLS. */
  readonly identity: () => Promise<ServerIdentity>
  readonly serve: (place: ConsolePlace, identity: ServerIdentity | undefined) => Promise<ConsoleOpening>
  /** The page at port 80 that leads to 443. */
  readonly serveExplanation: (address: string) => Promise<Opening>
  readonly log: Log
}

interface Served {
  readonly place: ConsolePlace
  readonly server: OpenConsole
  shown: ServerIdentity | undefined
}

/** The console's server, where the settings want it. Mail does not depend on it: a place that can't be had is only logged. */
export class ConsoleDoor implements AsyncDisposable {
  readonly #parts: ConsoleDoorParts
  #served: Served | undefined
  /** What was last told to be lacking. */
  #absent: ConsolePlace | undefined
  #explanation: { readonly address: string; readonly server: OpenServer } | undefined
  #following: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(parts: ConsoleDoorParts) {
    this.#parts = parts
  }

  /** Where it is served now; empty while it is closed. */
  get url(): string {
    if (!this.#served) return ''
    const { place, server } = this.#served
    const host = place.address.includes(':') ? `[${place.address}]` : place.address
    return `${place.isSecure ? 'https' : 'http'}://${host}:${server.port}`
  }

  /** Opens, moves or closes it as the settings say now, and shows the present certificate; one change after the other. */
  follow(): Promise<void> {
    this.#following = this.#following
      .then(() => this.#follow())
      .catch((error: unknown) => {
        this.#parts.log.write('error', 'console-failed', { detail: String(error) })
      })
    return this.#following
  }

  async #follow(): Promise<void> {
    const { address, port, tls } = this.#parts.setup()
    if (this.#isOver) return
    const to = { address, port, isSecure: tls !== 'off' }
    const identity = to.isSecure ? await this.#parts.identity() : undefined
    await this.#serveAt(to, identity)
    this.#show(identity)
    await this.#explain()
  }

  /** Where the machine lacks the address, it is served where it can be: a box with the setup of another one is mended there. */
  async #serveAt(wanted: ConsolePlace, identity: ServerIdentity | undefined): Promise<void> {
    const isHere = this.#parts.isHere(wanted.address)
    this.#tellAbsent(isHere ? undefined : wanted)
    const to = isHere ? wanted : { ...wanted, address: this.#instead() }
    if (this.#served === undefined || !isSame(this.#served.place, to)) await this.#move(to, identity)
  }

  /** It stays where it can be reached already. */
  #instead(): string {
    const now = this.#served?.place.address
    return now !== undefined && this.#parts.isHere(now) ? now : this.#parts.instead()
  }

  #tellAbsent(place: ConsolePlace | undefined): void {
    const isTold = place && this.#absent && isSame(this.#absent, place)
    this.#absent = place
    if (place && !isTold) this.#tellFailed(place, 'this machine does not have this address')
  }

  /** Sessions go on under the old certificate; the next handshake shows the new one. */
  #show(identity: ServerIdentity | undefined): void {
    const served = this.#served
    if (identity === undefined || served?.server.secure === undefined) return
    const isShown =
      served.shown?.certificatePem === identity.certificatePem && served.shown.keyPem === identity.keyPem
    if (isShown) return
    served.server.secure.show(identity)
    served.shown = identity
  }

  /** The new place first, so that the old one serves on if it can't be had; on the same port the old one is in its way. */
  async #move(to: ConsolePlace, identity: ServerIdentity | undefined): Promise<void> {
    const before = this.#served
    if (to.port !== 0 && before?.place.port === to.port) await this.#close()
    const opening = await this.#parts.serve(to, identity)
    if (opening.kind === 'open') {
      await this.#close()
      this.#served = { place: to, server: opening, shown: identity }
      return
    }
    this.#tellFailed(to, opening.reason)
    if (before && !this.#served) await this.#reopen(before)
  }

  async #reopen({ place, shown }: Served): Promise<void> {
    const opening = await this.#parts.serve(place, shown)
    if (opening.kind === 'open') this.#served = { place, server: opening, shown }
    else this.#tellFailed(place, opening.reason)
  }

  #tellFailed({ address, port }: ConsolePlace, detail: string): void {
    this.#parts.log.write('error', 'console-failed', { address, port, detail })
  }

  /** Who types the name alone comes to port 80. */
  async #explain(): Promise<void> {
    const place = this.#served?.place
    const address = place?.isSecure === true && place.port === 443 ? place.address : undefined
    if (this.#explanation?.address === address) return
    await this.#endExplanation()
    if (address === undefined) return
    const opening = await this.#parts.serveExplanation(address)
    if (opening.kind === 'open') this.#explanation = { address, server: opening }
    else this.#parts.log.write('warn', 'console-page-failed', { address, port: 80, detail: opening.reason })
  }

  async #endExplanation(): Promise<void> {
    const { server } = this.#explanation ?? {}
    this.#explanation = undefined
    await server?.[Symbol.asyncDispose]()
  }

  async #close(): Promise<void> {
    const served = this.#served
    this.#served = undefined
    await served?.server[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await this.#following
    await Promise.all([this.#close(), this.#endExplanation()])
  }
}

const isSame = (one: ConsolePlace, other: ConsolePlace): boolean =>
  one.address === other.address && one.port === other.port && one.isSecure === other.isSecure
