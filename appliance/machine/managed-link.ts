import * as v from 'valibot'
import type { NetworkWish } from '../../src/core/machine-network.ts'
import { DutyRefused } from './duty.ts'
import { linkOf } from './network-files.ts'
import { machineLinks } from './network-links.ts'
import type { NetworkWorld } from './network-world.ts'

const octets = v.array(v.number())
const sourced = v.object({ Address: octets, ConfigSource: v.optional(v.string(), '') })
/** What `networkctl --json` prints of a link, as far as we read it (systemd 252 and up). */
const linkSchema = v.object({
  HardwareAddress: v.optional(octets, []),
  AdministrativeState: v.string(),
  CarrierState: v.optional(v.string(), ''),
  NetworkFile: v.optional(v.string(), ''),
  Addresses: v.optional(
    v.array(
      v.object({ ...sourced.entries, PrefixLength: v.number(), ScopeString: v.optional(v.string(), '') }),
    ),
    [],
  ),
  Routes: v.optional(
    v.array(
      v.object({
        DestinationPrefixLength: v.number(),
        Gateway: v.optional(octets),
        TableString: v.optional(v.string(), ''),
      }),
    ),
    [],
  ),
  DNS: v.optional(v.array(sourced), []),
  // A server by name has `Server` in the place of `Address`.
  NTP: v.optional(v.array(v.object({ Address: v.optional(octets), Server: v.optional(v.string()) })), []),
})
export type LinkState = v.InferOutput<typeof linkSchema>

/** The link that is ours to set. Refused where systemd-networkd does not look after it: somebody else does. */
export async function managedLink(
  wish: NetworkWish | null,
  world: NetworkWorld,
): Promise<{ readonly name: string; readonly state: LinkState }> {
  const name = portFor(wish, world)
  const state = await linkState(name, world)
  if (state.AdministrativeState === 'unmanaged')
    throw new DutyRefused(
      `${name} is not looked after by systemd-networkd: whoever set this machine up sets its network`,
    )
  return { name, state }
}

/** Refused where the machine has none of the kind. */
export function portFor(wish: NetworkWish | null, world: NetworkWorld): string {
  const links = machineLinks(world.links)
  const name = wish === null ? (links.wired ?? links.wireless) : linkOf(wish, links)
  if (name !== undefined) return name
  throw new DutyRefused(`this machine has no port for ${wish?.wifi ? 'Wi-Fi' : 'a cable'}`)
}

async function linkState(name: string, { call }: NetworkWorld): Promise<LinkState> {
  const text = await call('networkctl', 'status', name, '--json=short').catch((cause: unknown) => {
    throw new DutyRefused(`systemd-networkd does not answer: ${firstLine(cause)}`, { cause })
  })
  return v.parse(linkSchema, JSON.parse(text))
}

const firstLine = (error: unknown): string =>
  error instanceof Error && 'stderr' in error ? (String(error.stderr).split('\n')[0] ?? '') : String(error)
