import { isIPv6 } from 'node:net'
import { parseBlock } from '../platform/network.ts'

/** An address or CIDR block with its host bits cleared: equal blocks are equal values. */
export interface NetworkBlock {
  readonly family: 4 | 6
  readonly first: bigint
  readonly prefix: number
}

/** Reads an address or block; undefined for `attached` and for what is neither. */
export function networkBlock(text: string): NetworkBlock | undefined {
  const block = parseBlock(text)
  if (block === undefined) return undefined
  const family = block.family === 'ipv4' ? 4 : 6
  const hostBits = BigInt(widthOf(family) - block.prefix)
  const first = (addressNumber(block.address) >> hostBits) << hostBits
  return { family, first, prefix: block.prefix }
}

const widthOf = (family: 4 | 6): number => (family === 4 ? 32 : 128)

function addressNumber(address: string): bigint {
  if (!isIPv6(address)) return numberOf(address.split('.'), 8n, 10)
  // The URL parser writes every IPv6 address as groups of hexadecimal digits, `1.2.3.4` endings too.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return numberOf([...before, ...zeros, ...after], 16n, 16)
}

const numberOf = (digits: readonly string[], bits: bigint, radix: number): bigint =>
  digits.reduce((sum, digit) => (sum << bits) | BigInt(Number.parseInt(digit, radix)), 0n)

const within = (inner: NetworkBlock, outer: NetworkBlock): boolean => {
  if (inner.family !== outer.family || inner.prefix < outer.prefix) return false
  const hostBits = BigInt(widthOf(outer.family) - outer.prefix)
  return inner.first >> hostBits === outer.first >> hostBits
}

const blocks = (...texts: readonly string[]): readonly NetworkBlock[] =>
  texts.flatMap((text) => networkBlock(text) ?? [])

/** RFC 1918, RFC 4193, link-local and loopback. */
const privateBlocks = blocks(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1',
)

export const isPrivateBlock = (block: NetworkBlock): boolean =>
  privateBlocks.some((outer) => within(block, outer))

export const isSingleAddress = (block: NetworkBlock): boolean => block.prefix === widthOf(block.family)

/** Wider than anything one organisation holds: /8 of IPv4, /16 of IPv6. */
export const isWholeInternet = (block: NetworkBlock): boolean =>
  !isPrivateBlock(block) && block.prefix < (block.family === 4 ? 8 : 16)

export const blockKey = (block: NetworkBlock): string => `${block.family}/${block.first}/${block.prefix}`
