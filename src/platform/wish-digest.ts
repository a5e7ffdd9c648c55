import { createHash } from 'node:crypto'
import type { NetworkWish } from '../core/machine-network.ts'

/** Tells two wishes for a network apart without showing their secrets; empty for none. */
export function wishDigest(wish: NetworkWish | null): string {
  if (wish === null) return ''
  const { wifi, portAccess } = wish
  const flat = { ...wish, wifi: wifi && sorted(wifi), portAccess: portAccess && sorted(portAccess) }
  return createHash('sha256')
    .update(JSON.stringify(sorted(flat)))
    .digest('hex')
}

/** Keys may stand in any order in a file that was written by another release. */
const sorted = (row: object): object => Object.fromEntries(Object.entries(row).toSorted(byKey))
const byKey = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1)
