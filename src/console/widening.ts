import { mayReach, parseAddress } from '../core/address.ts'
import type { DeviceSheet } from '../core/device-view.ts'
import type { DeviceView, DeviceWish } from '../core/operations.ts'
import { boundsOf } from '../core/recipient-bounds.ts'
import { day, type WallMs } from '../core/time.ts'

type Settings = DeviceSheet['settings']
type Change = Readonly<Record<string, unknown>>

export interface Before {
  readonly settings: Pick<
    Settings,
    'allowed_recipients' | 'route' | 'addresses' | 'mac' | 'tls' | 'weak_until' | 'require_tls'
  >
  readonly hasPassword: boolean
}

/** How long old encryption may be allowed for at a time, as a cure allows it. */
const longestWeakMs = 30 * day

/** What a new device would open that takes an administrator, in words; undefined: nothing of that. */
export function openingOf({ passwordless, addresses }: Pick<DeviceWish, 'passwordless' | 'addresses'>) {
  return passwordless && !addresses.every(isOneHost) ? everybodyThere : undefined
}

type Bounded = Pick<DeviceView, 'name' | 'username' | 'allowedRecipients'>

/** A device that is removed and added anew may write to no more than before: the box's devices bound it. */
export function reachOpeningOf(wished: readonly string[], devices: readonly Bounded[]): string | undefined {
  const bounds = boundsOf(devices)
  return isWider(wished, bounds) ? `it may write to ${bounds.join(', ')} at most` : undefined
}

/** The last one that is bounded bounds those that come after it. `named`: by its name or its login. */
export function removalOpeningOf(named: string, devices: readonly Bounded[]): string | undefined {
  const folded = named.toLowerCase()
  const rest = devices.filter(({ name, username }) => name.toLowerCase() !== folded && username !== folded)
  return boundsOf(devices).length > 0 && boundsOf(rest).length === 0
    ? 'the next device could write to anyone; it can be switched off'
    : undefined
}

/**
 * What a change of a device opens further than an administrator left it, in words: whom it may write to, what it needs to
 * be let in, how it encrypts, by which way its mail leaves. undefined: nothing of that.
 */
export function wideningOf(change: Change, before: Before, today: WallMs): string | undefined {
  const { settings, hasPassword } = before
  if ('allowed_recipients' in change && isWider(change['allowed_recipients'], settings.allowed_recipients))
    return 'the device could write to more people'
  if ('password' in change && hasPassword && (change['password'] ?? '') === '')
    return 'the device would need no password'
  if ('route' in change && !isSame(change['route'], settings.route))
    return 'its mail would leave by another way'
  return placeWidening(change, before) ?? encryptionWidening(change, settings, today)
}

const everybodyThere = 'everybody in a whole network could send as this device'

/** With a password of its own, too: how long that is, is the box's secret, and a short one holds at one address alone. */
function placeWidening(change: Change, { settings, hasPassword }: Before): string | undefined {
  const wished = change['addresses']
  const fresh = Array.isArray(wished)
    ? wished.map(String).filter((each) => !settings.addresses.includes(each))
    : []
  if (!fresh.every(isOneHost)) return everybodyThere
  if ('mac' in change && !hasPassword && settings.mac !== '' && (change['mac'] ?? '') === '')
    return 'whoever takes its address could send as this device'
  return undefined
}

/** What an address or block of the setup document is; `attached` is networks. */
function isOneHost(text: string): boolean {
  const [address = '', prefix] = text.split('/')
  if (prefix === undefined) return address !== 'attached'
  return prefix === (address.includes(':') ? '128' : '32')
}

/** From the strongest; a listener's own is what the box is set up for. */
const floors: readonly unknown[] = ['modern', '', 'legacy', 'vintage', 'plain']

function encryptionWidening(change: Change, settings: Before['settings'], today: WallMs): string | undefined {
  const next = { ...settings, ...change }
  if (settings.require_tls && next.require_tls !== true) return 'the device could send without encryption'
  const [rank, ranked] = [floors.indexOf(next.tls ?? ''), floors.indexOf(settings.tls)]
  if (rank <= floors.indexOf('')) return undefined
  const isLonger = endOf(next.weak_until) > endOf(settings.weak_until)
  if (rank <= ranked && !isLonger) return undefined
  return endOf(next.weak_until) - today > longestWeakMs
    ? 'old encryption would be allowed for more than 30 days'
    : undefined
}

/** Midnight in UTC after which it ends; none: never. */
const endOf = (date: unknown): number =>
  date ? Date.parse(`${String(date)}T00:00:00Z`) : Number.POSITIVE_INFINITY

/** Empty: anyone. */
function isWider(wished: unknown, before: readonly string[]): boolean {
  if (before.length === 0) return false
  if (!Array.isArray(wished) || wished.length === 0) return true
  return !wished.every((pattern) => isWithin(String(pattern), before))
}

/** A pattern that stands there, or an address that could be written to before. */
function isWithin(pattern: string, before: readonly string[]): boolean {
  if (before.some((each) => each.toLowerCase() === pattern.toLowerCase())) return true
  const address = pattern.includes('*') ? undefined : parseAddress(pattern)
  return address !== undefined && mayReach(address, before)
}

const isSame = (wished: unknown, before: readonly string[] | undefined): boolean =>
  JSON.stringify(wished ?? []) === JSON.stringify(before ?? [])
