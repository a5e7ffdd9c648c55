import { isIP } from 'node:net'
import type { Alert, Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Setup } from '../core/setup.ts'
import { second } from '../core/time.ts'
import { canonicalAddress, isLoopback, ownAddresses } from '../platform/network.ts'

export interface AbsentAddressParts {
  readonly setup: () => Setup
  /** Canonical, loopback included. */
  readonly own: () => readonly string[]
  readonly alerts: Alerts
  readonly clock: Clock
  readonly signal: AbortSignal
  /** What the machine lacks became another set: what is closed may be opened now, the console may have to move. */
  readonly onChange: () => void
}

const absentKey = 'address-absent'
const lookEveryMs = 10 * second
const everyAddress = ['::', '0.0.0.0']

/** Whether something can be opened there: a box that took over the setup of another one may lack its address. */
export const isHere = (address: string, own: readonly string[] = ownAddresses()): boolean =>
  isIP(address) === 0 ||
  everyAddress.includes(address) ||
  // All of 127/8 is there; `::1` is not where IPv6 is switched off.
  (isLoopback(address) && !address.includes(':')) ||
  own.includes(canonicalAddress(address))

/** Instead of one that the machine lacks: nobody could mend the settings else. Who may visit is for `networks` to say. */
export const instead = (own: readonly string[] = ownAddresses()): string =>
  own.some((address) => address.includes(':')) ? '::' : '0.0.0.0'

/** Undefined: the machine has every address that the setup names. */
export function absentAddresses({ listeners, console }: Setup, own: readonly string[]): Alert | undefined {
  const deaf = listeners.filter(({ address }) => !isHere(address, own))
  const isMoved = !isHere(console.address, own)
  if (deaf.length === 0 && !isMoved) return undefined
  const sentences = [
    ...deaf.map(({ name, address, port }) => `listener "${name}" waits for ${address} port ${port}`),
    ...(isMoved ? [`the console waits for ${console.address} and is served elsewhere meanwhile`] : []),
  ]
  const here = own.filter((address) => !isLoopback(address) && !/^fe[89ab]/.test(address))
  const has = here.length === 0 ? 'it has none' : `it has ${here.join(', ')}`
  return {
    key: absentKey,
    severity: deaf.length === 0 ? 'warning' : 'alarm',
    sentence: `The settings name an address that this machine lacks (${has}): ${sentences.join('; ')}.`,
    remedy:
      'Give the box that address under Network, if its devices were told it; else write "::" (every address) in its place in the settings. What waits opens by itself within 30 s.',
  }
}

/** Whether it may come and go. */
const namesOne = ({ listeners, console }: Setup): boolean =>
  [...listeners, console].some(({ address }) => !isHere(address, ['::1']))

/** Tells of what the machine lacks while it lacks it. Settings that name no address of the box are looked at once. */
export class AbsentAddresses {
  readonly #parts: AbsentAddressParts
  #known = ''
  #watched: Promise<void> | undefined

  constructor(parts: AbsentAddressParts) {
    this.#parts = parts
  }

  /** Now, and every ten seconds where an address may come and go. */
  look(): void {
    const { alerts, setup, own, onChange } = this.#parts
    const absentAlert = absentAddresses(setup(), own())
    if (absentAlert) alerts.raise(absentAlert)
    else alerts.clear(absentKey)
    const now = absentAlert?.sentence ?? ''
    if (now !== this.#known) onChange()
    this.#known = now
    if (namesOne(setup())) this.#watched ??= this.#watch()
  }

  /** After the signal; never rejects. */
  async settled(): Promise<void> {
    await this.#watched
  }

  async #watch(): Promise<void> {
    const { clock, setup, signal } = this.#parts
    while (!signal.aborted && namesOne(setup())) {
      await clock.sleep(lookEveryMs, signal)
      if (!signal.aborted) this.look()
    }
    this.#watched = undefined
  }
}
