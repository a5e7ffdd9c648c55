import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { KernelFiles } from '../../src/platform/kernel-files.ts'

/** A port of the machine to a network, by cable or by air. */
export interface Link {
  readonly name: string
  readonly isRadio: boolean
  /** A cable with somebody at its other end, or a Wi-Fi that was joined. */
  readonly hasCarrier: boolean
  /** IPv4 first; none that are good on one link only. */
  readonly addresses: readonly string[]
}

export interface NetworkSight {
  readonly links: readonly Link[]
  readonly gateway: string | undefined
  readonly nameServers: readonly string[]
}

export type Addresses = Readonly<Record<string, readonly { readonly address: string }[] | undefined>>

/** What the kernel and the resolver say; asks nobody in the network. */
export async function lookAtNetwork(
  kernel: KernelFiles,
  addresses: () => Addresses = networkInterfaces,
): Promise<NetworkSight> {
  const names = (await kernel.folder('sys/class/net')).filter((name) => name !== 'lo')
  const all = addresses()
  const links = await Promise.all(names.map((name) => linkOf(kernel, name, all[name] ?? [])))
  return {
    links: links.flat(),
    gateway: (await gateway4(kernel)) ?? (await gateway6(kernel)),
    nameServers: await nameServersOf(kernel),
  }
}

async function linkOf(
  kernel: KernelFiles,
  name: string,
  its: readonly { readonly address: string }[],
): Promise<readonly Link[]> {
  const folder = `sys/class/net/${name}`
  const usable = its.map(({ address }) => address).filter(isUsable)
  // What the kernel made for itself and nobody gave an address is no way to anywhere.
  if ((await kernel.end(`${folder}/device`)) === undefined && usable.length === 0) return []
  return [
    {
      name,
      isRadio: (await kernel.end(`${folder}/phy80211`)) !== undefined,
      hasCarrier: (await kernel.number(`${folder}/carrier`)) === 1,
      addresses: usable.toSorted((a, b) => Number(isIPv4(b)) - Number(isIPv4(a))),
    },
  ]
}

/** RFC 3927 and RFC 4291: what a machine gives itself where nobody gives it one. */
const isUsable = (address: string): boolean => !/^169\.254\.|^fe[89ab]/i.test(address)

/** In the octets' order of the machine, little-endian on all that this runs on. */
async function gateway4(kernel: KernelFiles): Promise<string | undefined> {
  for (const [, destination, gateway] of await rows(kernel, 'proc/net/route'))
    if (destination === '00000000' && gateway !== undefined && !/^0+$/.test(gateway))
      return [...Buffer.from(gateway, 'hex')].toReversed().join('.')
  return undefined
}

async function gateway6(kernel: KernelFiles): Promise<string | undefined> {
  for (const [destination, prefix, , , gateway] of await rows(kernel, 'proc/net/ipv6_route'))
    if (/^0+$/.test(destination ?? '') && prefix === '00' && gateway !== undefined && !/^0+$/.test(gateway))
      return shortened(gateway.match(/.{4}/g) ?? [])
  return undefined
}

const rows = async (kernel: KernelFiles, path: string): Promise<readonly (readonly string[])[]> =>
  ((await kernel.text(path)) ?? '').split('\n').map((line) => line.trim().split(/\s+/))

/** As a URL writes it (RFC 5952). */
const shortened = (groups: readonly string[]): string =>
  new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)

/** Those of the network, where a resolver of the machine stands before them. */
async function nameServersOf(kernel: KernelFiles): Promise<readonly string[]> {
  const text =
    (await kernel.text('run/systemd/resolve/resolv.conf')) ?? (await kernel.text('etc/resolv.conf')) ?? ''
  return [...text.matchAll(/^nameserver\s+(\S+)/gm)].map(([, address = '']) => address)
}
