import { join } from 'node:path'
import { bundlePlace } from '../../src/core/machine-update.ts'
import { type RunCommand, runCommand } from './command.ts'
import { machineStorages, type StorageWorld } from './storage.ts'

/** Where the slots of a box are told of, and what is kept of a trial; tests put them elsewhere. */
export interface UpdateWorld {
  /** Says that this machine has slots; rauc reads it. */
  readonly config: string
  /** Where the gateway puts what it fetched: the one bundle that is ever looked at. */
  readonly bundle: string
  /** What is kept. */
  readonly state: string
  readonly run: RunCommand
  readonly storages: StorageWorld
}

export const updateWorld: UpdateWorld = {
  config: '/etc/rauc/system.conf',
  bundle: join('/var/lib/inkpost', bundlePlace.folder, bundlePlace.file),
  state: '/var/lib/inkpost-machine',
  run: runCommand,
  storages: machineStorages,
}
