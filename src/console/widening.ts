import { mayReach, parseAddress } from '../core/address.ts'
import type { DeviceSheet } from '../core/device-view.ts'

type Before = {
  readonly settings: Pick<DeviceSheet['settings'], 'allowed_recipients' | 'route'>
  readonly hasPassword: boolean
}

/**
 * What a change of a device opens further than an administrator left it, in words: whom it may write to, that it needs a
 * password, by which way its mail leaves. undefined: nothing of that.
 */
export function wideningOf(
  change: Readonly<Record<string, unknown>>,
  { settings, hasPassword }: Before,
): string | undefined {
  if ('allowed_recipients' in change && isWider(change['allowed_recipients'], settings.allowed_recipients))
    return 'the device could write to more people'
  if ('password' in change && hasPassword && (change['password'] ?? '') === '')
    return 'the device would need no password'
  if ('route' in change && !isSame(change['route'], settings.route))
    return 'its mail would leave by another way'
  return undefined
}

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
