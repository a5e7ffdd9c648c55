import { networkInterfaces } from 'node:os'
import type { NetworkPort } from '../core/machine-health.ts'
import type { KernelFiles } from './kernel-files.ts'

export async function networkOf(kernel: KernelFiles): Promise<readonly NetworkPort[]> {
  const names = await kernel.folder('sys/class/net')
  const radios = (await kernel.text('proc/net/wireless')) ?? ''
  const ports = await Promise.all(
    names.filter((name) => name !== 'lo').map((name) => portOf(kernel, name, radios)),
  )
  return ports.flat()
}

async function portOf(kernel: KernelFiles, name: string, radios: string): Promise<readonly NetworkPort[]> {
  const folder = `sys/class/net/${name}`
  const [device, state, mac, speed, damaged] = await Promise.all([
    kernel.end(`${folder}/device`),
    kernel.text(`${folder}/operstate`),
    kernel.text(`${folder}/address`),
    kernel.number(`${folder}/speed`),
    kernel.number(`${folder}/statistics/rx_errors`),
  ])
  const addresses = (networkInterfaces()[name] ?? []).map(({ address }) => address)
  // What the kernel made for itself and nobody gave an address is no way to anywhere.
  if (device === undefined && addresses.length === 0) return []
  const signal = signalOf(radios, name)
  return [
    {
      name,
      // Some drivers say `unknown` of a port that works.
      isUp: state === 'up' || (state === 'unknown' && addresses.length > 0),
      addresses,
      mac: mac ?? '',
      ...(speed !== undefined && speed > 0 && { speed }),
      ...(signal !== undefined && { signal }),
      ...(damaged !== undefined && { damaged }),
    },
  ]
}

/** `wlan0: 0000   54.  -56.  -256 …`: the second number after the status is the level in dBm. */
function signalOf(radios: string, name: string): number | undefined {
  const line = radios.split('\n').find((each) => each.trim().startsWith(`${name}:`))
  const level = Number(line?.trim().split(/\s+/)[3])
  return Number.isFinite(level) && level < 0 ? level : undefined
}

/** The gateway of the default route, of IPv4 where there is one. */
export async function routerOf(kernel: KernelFiles): Promise<string | undefined> {
  return (await router4(kernel)) ?? (await router6(kernel))
}

/** In the octets' order of the machine (little-endian on all that we run on). */
async function router4(kernel: KernelFiles): Promise<string | undefined> {
  const lines = ((await kernel.text('proc/net/route')) ?? '').split('\n').map((line) => line.split(/\s+/))
  const hex = lines.find(
    ([, destination, gateway]) => destination === '00000000' && gateway !== '00000000',
  )?.[2]
  if (hex === undefined || !/^[0-9A-F]{8}$/i.test(hex)) return undefined
  return [...Buffer.from(hex, 'hex')].toReversed().join('.')
}

const none6 = '0'.repeat(32)

/** Destination, its prefix, source, its prefix, next hop … (kernel, net/ipv6/route.c). */
async function router6(kernel: KernelFiles): Promise<string | undefined> {
  const lines = ((await kernel.text('proc/net/ipv6_route')) ?? '')
    .split('\n')
    .map((line) => line.split(/\s+/))
  const hop = lines.find(([to, prefix, , , next]) => to === none6 && prefix === '00' && next !== none6)?.[4]
  if (hop === undefined || !/^[0-9a-f]{32}$/i.test(hop)) return undefined
  // The shortest form of it (RFC 5952), as URL writes it.
  return new URL(`http://[${hop.match(/.{4}/g)?.join(':')}]`).hostname.slice(1, -1)
}

export async function nameServersOf(kernel: KernelFiles): Promise<readonly string[]> {
  const text = (await kernel.text('etc/resolv.conf')) ?? ''
  return [...text.matchAll(/^nameserver\s+(\S+)/gm)].map(([, address = '']) => address)
}
