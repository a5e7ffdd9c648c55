import type { NetworkView, NetworkWish } from '../core/machine-network.ts'
import { NetworkSet } from '../platform/network.ts'

export interface OnTrial {
  readonly wish: NetworkWish | null
  /** What the box could be reached by before. */
  readonly before: ReadonlySet<string>
}

/** What proves that a person reaches the box as it is now; where all addresses stayed, each of them does. */
export function newAddresses(
  { addresses }: Pick<NetworkView, 'addresses'>,
  { before, wish }: OnTrial,
): readonly string[] {
  const all = addresses
    .filter(({ origin }) => origin !== 'link-local' && origin !== 'held')
    .map(({ address }) => address)
  // systemd-networkd may not have got there yet: what still answers at the old address proves nothing.
  const present = new NetworkSet(all)
  if (!fixedAddresses(wish).every((address) => present.has(address))) return []
  const fresh = all.filter((address) => !before.has(address))
  return fresh.length > 0 ? fresh : all
}

const fixedAddresses = (wish: NetworkWish | null): readonly string[] =>
  [wish?.address ?? '', wish?.ipv6Address ?? '']
    .filter((block) => block !== '')
    .map((block) => block.replace(/\/\d+$/, ''))
