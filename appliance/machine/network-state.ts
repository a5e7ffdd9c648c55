import type { LinkAddress, NetworkView } from '../../src/core/machine-network.ts'
import { isTimeSynchronised } from '../../src/platform/time-service.ts'
import { wishDigest } from '../../src/platform/wish-digest.ts'
import { heldAddresses } from './held-addresses.ts'
import { type LinkState, managedLink } from './managed-link.ts'
import { machinePorts } from './network-links.ts'
import type { NetworkTrial } from './network-trial.ts'
import type { NetworkWorld } from './network-world.ts'

export async function networkView(trial: NetworkTrial, world: NetworkWorld): Promise<NetworkView> {
  const kept = trial.kept()
  const { name, state } = await managedLink(trial.present(), world)
  const held = heldAddresses(world)
  return {
    ports: machinePorts(world.links),
    link: name,
    hardware: state.HardwareAddress.map((octet) => octet.toString(16).padStart(2, '0')).join(':'),
    hasCarrier: ['carrier', 'degraded-carrier', 'enslaved'].includes(state.CarrierState),
    addresses: state.Addresses.map((entry) => addressOf(entry, held)),
    gateways: distinct(
      state.Routes.filter(
        (route) => route.DestinationPrefixLength === 0 && route.TableString.startsWith('main'),
      ).flatMap(({ Gateway }) => (Gateway ? [addressText(Gateway)] : [])),
    ),
    dns: distinct(state.DNS.map(({ Address }) => addressText(Address))),
    ntp: distinct(
      state.NTP.flatMap(({ Address, Server }) => Server ?? (Address ? [addressText(Address)] : [])),
    ),
    kept: wishDigest(kept),
    trial: trial.running(),
    hasTime: isTimeSynchronised(`${world.run}/systemd/timesync`) === true,
  }
}

function addressOf(
  { Address, PrefixLength, ConfigSource, ScopeString }: LinkState['Addresses'][number],
  held: readonly string[],
): LinkAddress {
  const address = addressText(Address)
  const isHeld = held.includes(`${address}/${PrefixLength}`)
  return { address, prefix: PrefixLength, origin: isHeld ? 'held' : originOf(ConfigSource, ScopeString) }
}

/** Names of `network_config_source_to_string` (networkd-util.c). */
function originOf(source: string, scope: string): LinkAddress['origin'] {
  if (scope === 'link') return 'link-local'
  switch (source) {
    case 'static':
      return 'static'
    case 'DHCPv4':
    case 'DHCPv6':
    case 'DHCP-PD':
      return 'dhcp'
    case 'NDisc':
      return 'auto'
    case 'IPv4LL':
      return 'link-local'
    default:
      return 'other'
  }
}

const distinct = (list: readonly string[]): readonly string[] => [...new Set(list)]

/** RFC 4291 section 2.2 and RFC 5952: as everything else spells addresses. */
export function addressText(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, n) => ((bytes[2 * n] ?? 0) << 8) | (bytes[2 * n + 1] ?? 0))
  const { hostname } = new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]`)
  return hostname.slice(1, -1)
}
