import type { Setup } from '../../core/setup.ts'
import { isLoopback, NetworkSet, parseBlock } from '../../platform/network.ts'

/**
 * What a bundle would close to the people and printers at the site, in a sentence; undefined: nothing that is open now.
 * Nobody there could open it again: it is read-only. `networks`: those that the box is in.
 */
export function shutDoor(before: Setup, after: Setup, networks: readonly string[]): string | undefined {
  const lost = (of: (setup: Setup) => readonly string[]): string | undefined =>
    networks.find((network) => isIn(of(before), network, networks) && !isIn(of(after), network, networks))
  const printers = lost(({ gateway }) => gateway.trustedNetworks)
  if (printers !== undefined)
    return `${printers}, where this box is, is not in gateway.trusted_networks: add "attached"`
  const people = lost(visitors)
  if (people !== undefined) return `${people}, where this box is, is not in console.networks: add "attached"`
  if (isHeard(before.listeners) && !isHeard(after.listeners))
    return 'every listener is open to the box itself alone'
  if (isHeard([before.console]) && !isHeard([after.console]))
    return 'console.address is open to the box itself alone'
  return undefined
}

const visitors = ({ console, gateway }: Setup): readonly string[] =>
  console.networks.length === 0 ? gateway.trustedNetworks : console.networks

function isIn(patterns: readonly string[], network: string, networks: readonly string[]): boolean {
  const block = parseBlock(network)
  return block !== undefined && new NetworkSet(patterns, () => networks).covers(block)
}

const isHeard = (doors: readonly { readonly address: string }[]): boolean =>
  doors.some(({ address }) => !isLoopback(address))
