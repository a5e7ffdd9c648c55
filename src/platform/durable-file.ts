import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/**
 * Puts `octets` in place of `file` so that a power cut leaves the old file or the new one, never a half: written beside
 * it, synced, renamed, and the directory synced. `mode` holds from the first octet. Throws what the file system says.
 */
export function writeDurably(file: string, octets: string | Uint8Array, mode = 0o600): void {
  const beside = `${file}.new`
  // Left over from a power cut; opened exclusively, so that nobody's link is followed.
  rmSync(beside, { force: true })
  try {
    writeSynced(beside, octets, mode)
    renameSync(beside, file)
  } catch (cause) {
    rmSync(beside, { force: true })
    throw cause
  }
  syncDirectory(dirname(file))
}

function writeSynced(file: string, octets: string | Uint8Array, mode: number): void {
  const descriptor = openSync(file, 'wx', mode)
  try {
    // The umask may have taken bits away; boot partitions (VFAT) know no modes and say so.
    ignoring(['EPERM', 'ENOTSUP'], () => fchmodSync(descriptor, mode))
    writeFileSync(descriptor, octets)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Flash may keep the old octets elsewhere for a while (SECURITY.md); on a disk they are gone. Throws what the file system says. */
export function overwrite(file: string): void {
  const descriptor = openSync(file, 'r+')
  try {
    writeSync(descriptor, randomBytes(fstatSync(descriptor).size), 0, undefined, 0)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** What was renamed or removed in it stays so after a power cut. Throws what the file system says. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r')
  try {
    ignoring(['EINVAL', 'ENOTSUP'], () => fsyncSync(descriptor))
  } finally {
    closeSync(descriptor)
  }
}

/** Calls `action`, letting only these errors of the file system pass. */
function ignoring(codes: readonly string[], action: () => void): void {
  try {
    action()
  } catch (error) {
    if (!codes.includes(errorCode(error) ?? '')) throw error
  }
}

/** The name of a system error (`ENOENT`); undefined for other errors. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
