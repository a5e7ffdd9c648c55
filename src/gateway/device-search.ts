import type { DeviceTrait, Whereabouts } from '../core/learning.ts'
import type { DeviceSetup } from '../core/setup.ts'
import { minute, type WallMs } from '../core/time.ts'
import { parseBlock } from '../platform/network.ts'

/** How the network is asked. */
export interface NeighbourSearch {
  /** The hardware behind an address, asked of the network once where the table has no entry. */
  look(address: string): Promise<{ readonly kind: 'routed' | 'known' | 'unknown' }>
  /** Addresses (IPv4) that the table has for a hardware address. */
  addressesOf(mac: string): Promise<readonly string[]>
}

export interface SearchedDevice {
  readonly device: Pick<DeviceSetup, 'name' | 'addresses' | 'mac'>
  readonly trait: DeviceTrait | undefined
  readonly now: WallMs
}

/** Seen within this time: the network need not be asked. */
const freshMs = 10 * minute

/** Where a device is that sends nothing: here just now, in the network, or not to be found. */
export async function findDevice(
  { device, trait, now }: SearchedDevice,
  network: NeighbourSearch,
): Promise<Whereabouts> {
  const lastSeen = trait?.lastSeen
  if (lastSeen !== undefined && now - lastSeen < freshMs) return { kind: 'here', lastSeen }
  const address = await addressOf(device, trait, network)
  if (address === undefined) {
    if (device.mac !== '') return { kind: 'absent', address: device.mac, lastSeen }
    return { kind: 'unknowable', why: 'it has no address of its own and was never here', lastSeen }
  }
  const { kind } = await network.look(address)
  switch (kind) {
    case 'known':
      return { kind: 'silent', address, lastSeen }
    case 'unknown':
      return { kind: 'absent', address, lastSeen }
    case 'routed':
      return { kind: 'unknowable', why: `${address} is in no network of this box`, lastSeen }
  }
}

/** One host: where its hardware is now, else the only address that it may have, else where it was last. */
async function addressOf(
  { addresses, mac }: SearchedDevice['device'],
  trait: DeviceTrait | undefined,
  network: NeighbourSearch,
): Promise<string | undefined> {
  const [moved] = mac === '' ? [] : await network.addressesOf(mac)
  const hosts = addresses.filter((text) => !text.includes('/') && parseBlock(text) !== undefined)
  return moved ?? hosts[0] ?? trait?.address
}
