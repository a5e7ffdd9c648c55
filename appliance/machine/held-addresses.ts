import { globSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { managedLink } from './managed-link.ts'
import { put } from './network-arranger.ts'
import type { NetworkTrial } from './network-trial.ts'
import type { NetworkWorld } from './network-world.ts'

const dropIn = 'inkpost-held.conf'
const filesOf = ({ run }: NetworkWorld): readonly string[] =>
  globSync(join(run, 'systemd/network/*.network.d', dropIn))

/** As `192.168.7.5/24`. */
export const heldAddresses = (world: NetworkWorld): readonly string[] =>
  filesOf(world).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^Address=(.+)$/gm)].map(([, address = '']) => address),
  )

/**
 * Takes these beside what the link has, and no other. systemd-networkd asks by ARP first whether somebody has one, takes it
 * only where nobody answers, and gives it up to whoever claims it later (RFC 5227; systemd.network(5),
 * DuplicateAddressDetection=). A drop-in of the file that the link has: also where that file is not ours.
 */
export async function holdAddresses(
  addresses: readonly string[],
  trial: NetworkTrial,
  world: NetworkWorld,
): Promise<void> {
  const before = heldAddresses(world)
  if (before.length === 0 && addresses.length === 0) return
  const { state } = await managedLink(trial.present(), world)
  for (const file of filesOf(world)) rmSync(file)
  if (addresses.length > 0)
    await put(
      {
        path: `systemd/network/${basename(state.NetworkFile)}.d/${dropIn}`,
        text: addresses.map(heldSection).join('\n'),
      },
      world,
    )
  await world.call('networkctl', 'reload')
}

const heldSection = (address: string): string =>
  `[Address]\nAddress=${address}\nDuplicateAddressDetection=ipv4\n`
