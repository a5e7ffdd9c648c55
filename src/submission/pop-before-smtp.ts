import type { Clock } from '../core/clock.ts'
import { minute } from '../core/time.ts'
import type { Named } from './device-names.ts'

/** From the POP3 sign-in on; a panel that asks for POP before SMTP signs in again before each mail. */
const lastsMs = 30 * minute
const mostAddresses = 4096

/** Addresses from which a device signed in by POP3: mail from there is that device's for half an hour. Not kept on disk. */
export class PopBeforeSmtp {
  readonly #clock: Clock
  /** The one that signed in longest ago first. */
  readonly #signedIn = new Map<string, { readonly device: Named; readonly until: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  signedIn(address: string, device: Named): void {
    this.#signedIn.delete(address)
    this.#signedIn.set(address, { device, until: this.#clock.monotonic() + lastsMs })
    const [oldest] = this.#signedIn.keys()
    if (this.#signedIn.size > mostAddresses && oldest !== undefined) this.#signedIn.delete(oldest)
  }

  /** The device's name. */
  deviceAt(address: string): string | undefined {
    const found = this.#signedIn.get(address)
    if (found && found.until > this.#clock.monotonic()) return found.device()
    this.#signedIn.delete(address)
    return undefined
  }
}
