import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../../platform/durable-file.ts'

// Folders below the data directory. What a crash leaves in the first two is removed at the next start.

/** Copies that a backup is read from. */
const makingFolder = 'backup.work'
/** A backup that is being looked at. */
const lookingFolder = 'restore.work'
/** One that was verified whole: the next opening of the box takes it. */
export const stagedFolder = 'restore.staged'
/** What is left of one that was given up, until a gateway has told of it. */
export const givenUpFolder = 'restore.given-up'
/** What the last restore took the place of. */
export const replacedFolder = 'replaced'
/** Nightly copies. */
export const nightlyFolder = 'backups'

/** For the one backup that is made at a time: what lies there of another is nobody's. */
export function makingPlace(dataDir: string): string {
  rmSync(join(dataDir, makingFolder), { recursive: true, force: true })
  mkdirSync(join(dataDir, makingFolder), { recursive: true, mode: 0o700 })
  return mkdtempSync(join(dataDir, makingFolder, 'copy-'))
}

/** Empty: what an earlier restore left there goes. */
export function lookingPlace(dataDir: string): string {
  const place = join(dataDir, lookingFolder)
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { mode: 0o700 })
  return place
}

export function removeLeftovers(dataDir: string): void {
  for (const name of [makingFolder, lookingFolder])
    rmSync(join(dataDir, name), { recursive: true, force: true })
}

/** 0 where there is no such file. */
export function sizeOf(file: string): number {
  try {
    return statSync(file).size
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0
    throw error
  }
}

/** So much is left for mail. */
const reserveOctets = 64e6

/** Octets that may be written there. */
export function spareOctets(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize - reserveOctets
}

/** What was renamed in a folder is there after a power cut. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
