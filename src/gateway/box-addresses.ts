import type { AddressWarning, BoxAddress } from '../core/device-view.ts'
import type { Done } from '../core/operations.ts'
import type { ownAddressOrigins } from '../platform/address-origin.ts'
import { ownAddresses } from '../platform/network.ts'
import type { Settings } from '../settings/settings.ts'

const keptAs = 'reserved-addresses'

type Kept = Pick<Settings, 'kept' | 'keep' | 'setup'>
type Origins = typeof ownAddressOrigins

/** The addresses that cards name; none where devices come over loopback alone. */
export async function boxAddresses(settings: Kept, origins: Origins): Promise<readonly BoxAddress[]> {
  const isLocalOnly = settings.setup.listeners.every(
    ({ address }) => address.startsWith('127.') || address === '::1',
  )
  if (isLocalOnly) return []
  const reserved = reservedIn(settings)
  const known = await origins()
  return ownAddresses()
    .filter((address) => !address.startsWith('127.') && !address.includes(':'))
    .map((address) => {
      const own = known.find((each) => each.address === address)
      const { origin = 'unknown', interface: name = '' } = own ?? {}
      return { address, interface: name, origin, isReserved: reserved.includes(address) }
    })
}

/** Undefined: what printers are told stays true. */
export function addressWarning(addresses: readonly BoxAddress[]): AddressWarning | undefined {
  const loose = addresses.filter(({ origin, isReserved }) => origin !== 'static' && !isReserved)
  if (loose.length === 0) return undefined
  const names = loose.map(({ address }) => address).join(', ')
  const lent = loose.some(({ origin }) => origin === 'dhcp')
  return {
    addresses: loose,
    sentence: `${names} ${lent ? 'was lent to this box by the router and may become another one' : 'may become another one, as far as is known'}: no printer would find the box then. Reserve it in the router, or set a fixed one, and say so here.`,
  }
}

export function confirmAddress(address: string, isReserved: boolean, who: string, settings: Kept): Done {
  if (!ownAddresses().includes(address))
    return { kind: 'refused', isWrongInput: true, reason: `${address} is no address of this box` }
  const others = reservedIn(settings).filter((each) => each !== address)
  const kept = JSON.stringify(isReserved ? [...others, address] : others)
  const what = isReserved ? 'is reserved for this box' : 'is no more called reserved'
  settings.keep(keptAs, kept, who, `address ${address}: ${what}`)
  return { kind: 'done' }
}

const reservedIn = (settings: Pick<Settings, 'kept'>): readonly string[] =>
  JSON.parse(settings.kept(keptAs) ?? '[]')
