import { comparable } from '../core/address.ts'
import type { AliasSetup, DeviceSetup, Setup } from '../core/setup.ts'
import { NetworkSet } from '../platform/network.ts'

/** The setup as admission asks it: compiled once per revision. */
export interface Rules {
  readonly setup: Setup
  readonly trusted: NetworkSet
  readonly byAddress: readonly { readonly device: DeviceSetup; readonly networks: NetworkSet }[]
  /** Every login name, folded. */
  readonly byLogin: ReadonlyMap<string, DeviceSetup>
  readonly byName: ReadonlyMap<string, DeviceSetup>
  readonly aliases: ReadonlyMap<string, AliasSetup>
  /** `branch-07.local`: recipients there are names of this box. */
  readonly localDomain: string
  /** Some device is known by its hardware too. */
  readonly asksForHardware: boolean
}

const compiled = new WeakMap<Setup, Rules>()

export function rulesOf(setup: Setup): Rules {
  const known = compiled.get(setup)
  if (known) return known
  const rules = compile(setup)
  compiled.set(setup, rules)
  return rules
}

function compile(setup: Setup): Rules {
  const { devices, gateway, aliases } = setup
  return {
    setup,
    trusted: new NetworkSet(gateway.trustedNetworks),
    byAddress: devices
      .filter((device) => device.addresses.length > 0)
      .map((device) => ({ device, networks: new NetworkSet(device.addresses) })),
    byLogin: new Map(devices.flatMap((device) => logins(device).map((login) => [login, device] as const))),
    byName: new Map(devices.map((device) => [device.name, device])),
    aliases: new Map(aliases.map((alias) => [comparable(alias.name), alias])),
    localDomain: `${gateway.name.toLowerCase()}.local`,
    asksForHardware: devices.some(({ mac }) => mac !== ''),
  }
}

const logins = (device: DeviceSetup): string[] =>
  [...(device.username === undefined ? [] : [device.username]), ...device.alsoKnownAs].map(comparable)
