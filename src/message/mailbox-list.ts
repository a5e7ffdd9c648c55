import { addressParser } from 'postal-mime'
import type { Address } from '../core/address.ts'
import { parseAddress } from '../core/address.ts'
import { oneLine } from './words.ts'

/** One mailbox of a From, To, Cc or Reply-To (RFC 5322 section 3.4). */
export interface Mailbox {
  /** Decoded, on one line; empty if there is none. */
  readonly name: string
  /** Undefined if what stands there is none: a panel's `From: scanner`. */
  readonly address: Address | undefined
  /** What stood where the address belongs, or the bare word: `anna`. */
  readonly said: string
}

/**
 * The mailboxes of an unfolded value with encoded words still encoded; groups are opened, an empty group gives none. Takes
 * what devices write: `"x"<y@z>` (`misspaced-from`), a missing bracket, a bare name.
 */
export function parseMailboxes(value: string): Mailbox[] {
  const [, open, only, close] = plainAddress.exec(value) ?? []
  if (only !== undefined && (open === '') === (close === ''))
    return [{ name: '', address: parseAddress(only), said: only }]
  return addressParser(withinReason(value), { flatten: true }).map((entry) => {
    const name = oneLine(entry.name)
    const where = oneLine(entry.address ?? '')
    return { name, address: parseAddress(where), said: where === '' ? name : where }
  })
}

/** What most devices write: one address of letters and digits, alone. The parser says the same, slower. */
const plainAddress = /^(<?)([A-Za-z0-9][A-Za-z0-9._+-]*@[A-Za-z0-9][A-Za-z0-9.-]*)(>?)$/

/** A thousand recipients with names fit; of more the first ones count. */
const maxList = 100_000

const withinReason = (value: string): string =>
  value.length <= maxList ? value : value.slice(0, Math.max(0, value.lastIndexOf(',', maxList)))
