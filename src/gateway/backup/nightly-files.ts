import { createReadStream, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { peekBackup } from '../../backup/backup-file.ts'
import { BackupRefused } from '../../backup/backup-refused.ts'
import { type AuditWitness, parseHead } from '../../core/audit.ts'
import type { NightlyCopy } from '../../core/backup-operations.ts'
import { wallMs } from '../../core/time.ts'
import { errorCode } from '../../platform/durable-file.ts'
import { nightlyFolder, syncFolder } from './backup-folders.ts'

/** The day of UTC is in the name: a copy made twice on a day takes the first one's place. */
const namePattern = /^nightly-\d{4}-\d{2}-\d{2}\.inkpost-backup$/
export const nightlyName = (day: string): string => `nightly-${day}.inkpost-backup`

const mostCopies = 7
/** Octets of all of them; the newest is kept whatever its size. */
const mostOctets = 64e6

/** The newest first. */
export function nightlyCopies(dataDir: string): readonly NightlyCopy[] {
  const folder = join(dataDir, nightlyFolder)
  return namesIn(folder)
    .filter((name) => namePattern.test(name))
    .sort()
    .reverse()
    .map((name) => {
      const { mtimeMs, size } = statSync(join(folder, name))
      return { name, at: wallMs(Math.round(mtimeMs)), octets: size }
    })
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

/** Undefined: there is no such copy. */
export function readNightlyCopy(dataDir: string, name: string): AsyncIterable<Uint8Array> | undefined {
  const isThere = nightlyCopies(dataDir).some((copy) => copy.name === name)
  return isThere ? createReadStream(join(dataDir, nightlyFolder, name)) : undefined
}

/** Beside the others first, synced, renamed; then the oldest ones go. */
export async function keepNightlyCopy(
  dataDir: string,
  name: string,
  octets: AsyncIterable<Uint8Array>,
): Promise<void> {
  const folder = join(dataDir, nightlyFolder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const beside = join(folder, 'nightly.part')
  rmSync(beside, { force: true })
  {
    await using handle = await open(beside, 'wx', 0o600)
    for await (const piece of octets) await handle.write(piece)
    await handle.sync()
  }
  renameSync(beside, join(folder, name))
  for (const surplus of surplusOf(nightlyCopies(dataDir))) rmSync(join(folder, surplus.name))
  syncFolder(folder)
}

export function surplusOf(copies: readonly NightlyCopy[]): readonly NightlyCopy[] {
  let octets = 0
  return copies.filter((copy, index) => {
    octets += copy.octets
    return index >= mostCopies || (index > 0 && octets > mostOctets)
  })
}

/** What the copies say of the audit: its heads when they were made. A copy that can't be read says nothing. */
export async function auditWitnesses(dataDir: string): Promise<readonly AuditWitness[]> {
  const found = await Promise.all(
    nightlyCopies(dataDir).map(async ({ name }) => {
      const octets = readNightlyCopy(dataDir, name)
      const head = octets && parseHead(await auditOf(octets))
      return head ? [{ ...head, source: name }] : []
    }),
  )
  return found.flat()
}

async function auditOf(octets: AsyncIterable<Uint8Array>): Promise<string> {
  try {
    return (await peekBackup(octets)).audit
  } catch (error) {
    if (error instanceof BackupRefused) return ''
    throw error
  }
}
