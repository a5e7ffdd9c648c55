import { perHourOf } from '../core/device-limit.ts'
import type { DeviceSettings, DeviceSheet, EffectiveSettings } from '../core/device-view.ts'
import type { DeviceTrait } from '../core/learning.ts'
import type { DeviceSetup, Setup, TlsFloor } from '../core/setup.ts'
import type { WallMs } from '../core/time.ts'
import type { MakersOf } from '../platform/hardware-makers.ts'
import type { Neighbours } from '../platform/neighbours.ts'
import { routeOf } from '../settings/candidate.ts'
import type { DeviceDocument } from '../settings/schema.ts'
import { isPast } from '../submission/admission.ts'

export const settingsOf = ({ password: _, ...row }: DeviceDocument): DeviceSettings => ({
  ...row,
  username: row.username,
  sender: row.sender,
  owner: row.owner,
  route: row.route,
})

const floors: readonly TlsFloor[] = ['vintage', 'legacy', 'modern']
const strictest = (...all: readonly TlsFloor[]): TlsFloor =>
  all.toSorted((a, b) => floors.indexOf(b) - floors.indexOf(a))[0] ?? 'modern'

/** What holds for a device where its own keys say nothing. `now` undefined: the clock can't be believed. */
export function effectiveOf(device: DeviceSetup, setup: Setup, now: WallMs | undefined): EffectiveSettings {
  return {
    route: routeOf(setup, device).map(({ name }) => name),
    owner: device.owner ?? setup.gateway.postmaster,
    tls: tlsOf(device, setup, now),
    maxPerHour: perHourOf(device, setup.gateway, now),
    login: device.password === undefined ? undefined : (device.username ?? device.alsoKnownAs[0]),
  }
}

function tlsOf(device: DeviceSetup, setup: Setup, now: WallMs | undefined): EffectiveSettings['tls'] {
  if (isPast(device.weakUntil, now)) return 'modern'
  if (device.tls === 'plain') return 'plain'
  const weakestPort = setup.listeners
    .map(({ tls }) => tls)
    .toSorted((a, b) => floors.indexOf(a) - floors.indexOf(b))[0]
  return strictest(device.tls ?? weakestPort ?? 'legacy', setup.gateway.weakestTls)
}

/** Where a device is, as far as is known without asking the network: its only host address, else where it was last. */
export function knownAddress(
  { addresses }: Pick<DeviceSetup, 'addresses'>,
  trait: DeviceTrait | undefined,
): string | undefined {
  const hosts = addresses.filter((address) => address !== 'attached' && !address.includes('/'))
  return trait?.address ?? (hosts.length === 1 ? hosts[0] : undefined)
}

export const pageOf = (address: string | undefined): string | undefined =>
  address && `http://${address.includes(':') ? `[${address}]` : address}/`

/** To whom hardware is registered: the register is megabytes, and is read once for each maker's number. */
export class Makers {
  readonly #neighbours: Neighbours
  readonly #read: MakersOf
  readonly #known = new Map<string, string>()

  constructor(neighbours: Neighbours, read: MakersOf) {
    this.#neighbours = neighbours
    this.#read = read
  }

  /** Empty: not known. */
  async at(mac: string, address: string | undefined): Promise<string> {
    const hardware =
      mac === '' && address !== undefined ? await this.#neighbours.hardwareAt(address) : undefined
    const own = hardware?.kind === 'known' ? hardware.mac : mac
    return own === '' ? '' : this.#of(own)
  }

  async #of(mac: string): Promise<string> {
    const prefix = mac.slice(0, 8)
    const known = this.#known.get(prefix)
    if (known !== undefined) return known
    const maker = (await this.#read([mac])).get(mac) ?? ''
    if (this.#known.size > 500) this.#known.clear()
    this.#known.set(prefix, maker)
    return maker
  }
}

/** Loaded for the occasion. */
export async function hintsOf(maker: string): Promise<DeviceSheet['hints']> {
  if (maker === '') return undefined
  const { hintsFor } = await import('../core/device-hints.ts')
  return hintsFor(maker)
}
