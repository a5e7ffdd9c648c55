import type { ListenerSetup, Setup } from '../../core/setup.ts'
import { isLoopback, NetworkSet, parseBlock } from '../../platform/network.ts'

/**
 * What a bundle would close to the people and printers at the site, in a sentence; undefined: nothing that is open now.
 * Nobody there could open it again: it is read-only. `networks`: those that the box is in.
 */
export function shutDoor(before: Setup, after: Setup, networks: readonly string[]): string | undefined {
  const lost = (of: (setup: Setup) => readonly string[]): string | undefined =>
    networks.find(
      (network) => openness(of(after), network, networks) < openness(of(before), network, networks),
    )
  const printers = lost(({ gateway }) => gateway.trustedNetworks)
  if (printers !== undefined)
    return `${printers}, where this box is, is not in gateway.trusted_networks: add "attached"`
  const people = lost(visitors)
  if (people !== undefined) return `${people}, where this box is, is not in console.networks: add "attached"`
  if (isHeard(before.listeners.filter(takesMail)) && !isHeard(after.listeners.filter(takesMail)))
    return 'every listener is open to the box itself alone'
  if (isHeard([before.console]) && !isHeard([after.console]))
    return 'console.address is open to the box itself alone'
  return undefined
}

const visitors = ({ console, gateway }: Setup): readonly string[] =>
  console.networks.length === 0 ? gateway.trustedNetworks : console.networks

/** How much of a network may come in: 2 all of it, 1 some, 0 nothing. */
function openness(patterns: readonly string[], network: string, networks: readonly string[]): number {
  const block = parseBlock(network)
  if (block === undefined) return 0
  if (new NetworkSet(patterns, () => networks).covers(block)) return 2
  const whole = new NetworkSet([network])
  return patterns.some((pattern) => whole.has(pattern.split('/')[0] ?? '')) ? 1 : 0
}

const takesMail = ({ protocol }: ListenerSetup): boolean => protocol === 'smtp'

const isHeard = (doors: readonly { readonly address: string }[]): boolean =>
  doors.some(({ address }) => !isLoopback(address))
