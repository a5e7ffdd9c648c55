import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MachinePorts } from '../../src/core/machine-network.ts'
import type { Links } from './network-files.ts'

/** ARPHRD_ETHER of linux/if_arp.h. */
const ethernet = '1'

/** The ports that settings are made for: the first of each kind. */
export function machineLinks(folder: string): Links {
  const { cable, radio } = machinePorts(folder)
  return { wired: cable[0], wireless: radio[0] }
}

/** By name; what programs make (bridges, tunnels) is none. */
export function machinePorts(folder: string): MachinePorts {
  const ports = readdirSync(folder)
    .toSorted()
    .filter((name) => isPort(join(folder, name), name))
  const isWireless = (name: string): boolean => existsSync(join(folder, name, 'phy80211'))
  return { cable: ports.filter((name) => !isWireless(name)), radio: ports.filter(isWireless) }
}

/** A virtual machine's port, and one in a namespace, has no device behind it but the name of one. */
const isPort = (place: string, name: string): boolean =>
  read(join(place, 'type')) === ethernet && (existsSync(join(place, 'device')) || /^(eth|en)/.test(name))

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    // A link may go while its folder is read; and /sys/class/net holds a file or two beside the links.
    return ''
  }
}
