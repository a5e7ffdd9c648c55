import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { BoxAddress } from '../core/device-view.ts'

type OwnAddress = Omit<BoxAddress, 'isReserved'>

const run = promisify(execFile)
const longestWaitMs = 2000
/** `ip` says so of an address that lasts (iproute2, print_addrinfo). */
const forever = 4_294_967_295

/** What `ip -j addr` prints of IPv4; replaced in tests. */
export type AddressSource = () => Promise<string>

const kernel: AddressSource = async () =>
  (await run('ip', ['-4', '-j', 'addr', 'show'], { timeout: longestWaitMs })).stdout

/**
 * The machine's own IPv4 addresses, loopback left out, and whether each was lent to it: every DHCP client writes its lease
 * into the kernel as a life time. Without `ip` nothing is known. Does not reject.
 */
export async function ownAddressOrigins(source: AddressSource = kernel): Promise<readonly OwnAddress[]> {
  try {
    const links: unknown = JSON.parse(await source())
    return Array.isArray(links) ? links.flatMap(addressesOf) : []
  } catch {
    return []
  }
}

function addressesOf(link: unknown): readonly OwnAddress[] {
  if (!isRecord(link) || !Array.isArray(link['addr_info'])) return []
  return link['addr_info'].flatMap((info: unknown) => {
    if (!isRecord(info) || info['family'] !== 'inet' || info['scope'] === 'host') return []
    const origin = isLent(info) ? 'dhcp' : 'static'
    return [{ address: String(info['local']), interface: String(link['ifname']), origin } as const]
  })
}

const isLent = ({ dynamic, valid_life_time: life }: Readonly<Record<string, unknown>>): boolean =>
  dynamic === true || (typeof life === 'number' && life !== forever)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
