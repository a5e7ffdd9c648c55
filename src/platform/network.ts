import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** One spelling for an address: IPv4-mapped IPv6 becomes IPv4, zone ids go, letters fold. */
export function canonicalAddress(address: string): string {
  const plain = address.toLowerCase().replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)
  return mapped?.[1] ?? plain
}

interface Block {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

/** Reads an address or CIDR block; undefined if it is none. */
export function parseBlock(text: string): Block | undefined {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return undefined
  const whole = family === 4 ? 32 : 128
  const prefix = bits === undefined ? whole : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
  if (prefix < 0 || prefix > whole) return undefined
  return { address: canonicalAddress(address), prefix, family: family === 4 ? 'ipv4' : 'ipv6' }
}

/** CIDR blocks of the machine's own interfaces, loopback left out. */
export function attachedNetworks(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((entry) => !entry.internal && entry.cidr !== null)
    .map((entry) => entry.cidr ?? '')
}

/** `192.168.7.5/24`: IPv4 addresses of the machine with the networks they are in, loopback and link-local ones left out. */
export const ownBlocks = (attached: readonly string[] = attachedNetworks()): readonly string[] =>
  attached.filter((block) => !block.includes(':') && !block.startsWith('169.254.'))

/** As `ownBlocks`, and where there are none the IPv6 ones: in a LAN of both families a box is reached by either. */
export function siteBlocks(attached: readonly string[] = attachedNetworks()): readonly string[] {
  const ofIpv4 = ownBlocks(attached)
  return ofIpv4.length > 0 ? ofIpv4 : attached.filter((block) => !/^(?:169\.254\.|fe[89ab])/.test(block))
}

/** The machine's own addresses, loopback included. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map((entry) => canonicalAddress(entry.address))
}

/** A set of addresses, blocks and `attached` (the box's own networks, asked again each time they are older than a minute). */
export class NetworkSet {
  readonly #fixed: readonly Block[]
  readonly #hasAttached: boolean
  readonly #attached: () => readonly string[]

  constructor(patterns: readonly string[], attached: () => readonly string[] = attachedNetworks) {
    this.#hasAttached = patterns.includes('attached')
    this.#attached = attached
    this.#fixed = patterns.flatMap((pattern) => {
      const block = parseBlock(pattern)
      return block ? [block] : []
    })
  }

  has(address: string): boolean {
    return this.mostSpecific(address) !== undefined
  }

  /** Length of the longest prefix that matches, counted as for IPv6 (an IPv4 /24 is 120); undefined if none does. */
  mostSpecific(address: string): number | undefined {
    const plain = canonicalAddress(address)
    const lengths = this.#blocks()
      .filter((block) => contains(block, plain))
      .map(lengthOf)
    return lengths.length > 0 ? Math.max(...lengths) : undefined
  }

  /** Whether one of its networks holds the block as a whole. */
  covers(inner: Block): boolean {
    return this.#blocks().some(
      (block) => contains(block, inner.address) && lengthOf(block) <= lengthOf(inner),
    )
  }

  #blocks(): readonly Block[] {
    if (!this.#hasAttached) return this.#fixed
    return [
      ...this.#fixed,
      ...this.#attached().flatMap((text) => {
        const block = parseBlock(text)
        return block ? [block] : []
      }),
    ]
  }
}

const lengthOf = ({ family, prefix }: Block): number => (family === 'ipv4' ? prefix + 96 : prefix)

const lists = new WeakMap<Block, BlockList>()

function contains(block: Block, address: string): boolean {
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
  if (family !== block.family || isIP(address) === 0) return false
  let list = lists.get(block)
  if (!list) {
    list = new BlockList()
    list.addSubnet(block.address, block.prefix, block.family)
    lists.set(block, list)
  }
  return list.check(address, family)
}

const privateBlocks = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1',
]
const privateSet = new NetworkSet(privateBlocks)
const loopbackSet = new NetworkSet(['127.0.0.0/8', '::1'])

/** RFC 1918, fc00::/7, link-local or loopback. */
export const isPrivate = (address: string): boolean => privateSet.has(address)
export const isLoopback = (address: string): boolean => loopbackSet.has(address)
