import { join, resolve } from 'node:path'
import type { GatewayOptions } from './gateway-module.ts'

/** Where the packaged gateway keeps what it knows. */
export const packagedData = '/var/lib/inkpost'
/** Where Raspberry Pi OS and the image have the FAT partition that every laptop reads. */
const bootPartition = '/boot/firmware'

/** Named outright it has to be there; on the boot partition it may be. */
export function firstSetup(
  environment: NodeJS.ProcessEnv,
): Pick<GatewayOptions, 'setupFile' | 'maySetupBeAbsent'> {
  const named = environment['INKPOST_SETUP'] || undefined
  const boot = environment['INKPOST_BOOT'] || undefined
  return named === undefined && boot !== undefined
    ? { setupFile: join(boot, 'inkpost.toml'), maySetupBeAbsent: true }
    : { setupFile: named, maySetupBeAbsent: false }
}

/** What the next start of the box would begin with, for a command: root's shell has nothing of the unit's environment. */
export function setupOfBox(environment: NodeJS.ProcessEnv, dataDir: string): string | undefined {
  const { setupFile } = firstSetup(environment)
  if (setupFile !== undefined || resolve(dataDir) !== packagedData) return setupFile
  return join(bootPartition, 'inkpost.toml')
}
