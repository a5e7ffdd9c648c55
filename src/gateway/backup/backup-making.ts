import { createReadStream, readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { backupFile, type SealedFor } from '../../backup/backup-file.ts'
import type { Entry } from '../../backup/entries.ts'
import type { BackupFacts } from '../../backup/header.ts'
import { headText } from '../../core/audit.ts'
import type { BackupOctets, BackupWish } from '../../core/backup-operations.ts'
import type { Clock } from '../../core/clock.ts'
import type { Done } from '../../core/operations.ts'
import { describeSize } from '../../core/size.ts'
import { build } from '../../platform/build.ts'
import { errorCode } from '../../platform/durable-file.ts'
import type { BackupRecords } from '../../settings/backup-records.ts'
import type { Settings } from '../../settings/settings.ts'
import { runSpoolErrand } from '../../spool/spool-errands.ts'
import { makingPlace, sizeOf, spareOctets } from './backup-folders.ts'

export interface BackupWorld {
  readonly dataDir: string
  readonly settings: Settings
  readonly records: BackupRecords
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Free octets of the disk; the data directory's by default. */
  readonly spare?: () => number
}

/**
 * Copies what a backup is made of and hands out the file as it is read, once. The copies are gone when it was read to its
 * end, or its iterator was returned, even before its first piece; until then another one is refused: each takes a second
 * copy of the box on the disk and 64 MB for its key. A box whose vault is locked is copied without its key: what is sealed opens where the key is.
 */
export async function makeBackup(
  world: BackupWorld,
  sealedFor: SealedFor,
  { withSpool, withoutKey = false }: Pick<BackupWish, 'withSpool' | 'withoutKey'>,
): Promise<Done<BackupOctets>> {
  const { dataDir } = world
  if (isMakingBackup(dataDir))
    return { kind: 'refused', reason: 'another backup is being made: try again when it is done' }
  const lack = lackOfRoom(world, withSpool)
  if (lack !== undefined) return { kind: 'refused', reason: lack }
  busy.add(dataDir)
  const end = async (place?: string): Promise<void> => {
    // A large file takes its time to go.
    if (place !== undefined) await rm(place, { recursive: true, force: true })
    busy.delete(dataDir)
  }
  let place: string | undefined
  try {
    place = makingPlace(dataDir)
    const files = await copyFiles(world, place, { withSpool, withoutKey })
    const facts = factsOf(world, files, withSpool)
    const name = `${facts.box}-${facts.made.slice(0, 10)}.inkpost-backup`
    const pieces = piecesOf(world, facts, sealedFor, files)
    return { kind: 'done', name, octets: endingWith(pieces, () => end(place)) }
  } catch (error) {
    await end(place)
    throw error
  }
}

/** Directories of which a backup is being made or read. A data directory is one process's alone. */
const busy = new Set<string>()
export const isMakingBackup = (dataDir: string): boolean => busy.has(dataDir)

interface CopiedFile {
  readonly name: string
  readonly path: string
  readonly octets: number
}

function lackOfRoom({ dataDir, spare }: BackupWorld, withSpool: boolean): string | undefined {
  const names = ['settings.db', 'settings.db-wal', ...(withSpool ? ['spool.db', 'spool.db-wal'] : [])]
  const needed = names.reduce((sum, name) => sum + sizeOf(join(dataDir, name)), 0)
  const room = spare?.() ?? spareOctets(dataDir)
  if (room >= needed) return undefined
  const without = withSpool ? ', or make it without the mail' : ''
  return `a backup needs ${describeSize(needed)} on the disk of ${dataDir} while it is made, and ${describeSize(Math.max(0, room))} may be used: make room there${without}`
}

async function copyFiles(
  world: BackupWorld,
  place: string,
  { withSpool, withoutKey }: Required<Pick<BackupWish, 'withSpool' | 'withoutKey'>>,
): Promise<readonly CopiedFile[]> {
  const { dataDir, records, signal } = world
  await records.copyTo(join(place, 'settings.db'))
  const key = withoutKey ? undefined : readKey(join(dataDir, 'vault.key'))
  if (key !== undefined) await writeFile(join(place, 'vault.key'), key, { mode: 0o600 })
  if (withSpool) {
    const errand = { kind: 'copy', file: join(dataDir, 'spool.db'), to: join(place, 'spool.db') } as const
    const answer = await runSpoolErrand(errand, signal)
    if (answer.kind === 'refused') throw new Error(`spool.db could not be copied: ${answer.detail}`)
  }
  return ['settings.db', 'vault.key', 'spool.db'].flatMap((name) => {
    const path = join(place, name)
    const octets = sizeOf(path)
    return octets === 0 ? [] : [{ name, path, octets }]
  })
}

function readKey(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function factsOf(
  { settings, records, clock }: BackupWorld,
  files: readonly CopiedFile[],
  withSpool: boolean,
): BackupFacts {
  const hasKey = files.some(({ name }) => name === 'vault.key')
  return {
    version: build.version,
    box: settings.setup.gateway.name,
    made: new Date(clock.wall()).toISOString(),
    contents: [
      'settings',
      ...(hasKey ? ['secrets', 'certificates'] : ['secrets and certificates without their key']),
      ...(withSpool ? ['mail'] : []),
    ],
    octets: files.reduce((sum, { octets }) => sum + octets, 0),
    audit: headText(records.auditHead()),
  }
}

async function* piecesOf(
  { signal }: BackupWorld,
  facts: BackupFacts,
  sealedFor: SealedFor,
  files: readonly CopiedFile[],
): AsyncGenerator<Uint8Array> {
  for await (const piece of backupFile(facts, sealedFor, files.map(entryOf))) {
    signal.throwIfAborted()
    yield piece
  }
}

/** What a generator has in its `finally` never happens where nobody asked for its first piece. */
function endingWith(pieces: AsyncGenerator<Uint8Array>, end: () => Promise<void>): BackupOctets['octets'] {
  let ended: Promise<void> | undefined
  const endOnce = (): Promise<void> => (ended ??= end())
  const iterator: AsyncIterator<Uint8Array, undefined> = {
    async next() {
      try {
        const next = await pieces.next()
        if (next.done !== true) return next
      } catch (error) {
        await endOnce()
        throw error
      }
      await endOnce()
      return { done: true, value: undefined }
    },
    async return() {
      try {
        await pieces.return(undefined)
      } finally {
        await endOnce()
      }
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

const entryOf = ({ name, path, octets }: CopiedFile): Entry => ({
  name,
  octets,
  content: contentOf(path),
})

/** Opened when its turn comes, so that nothing stays open of a backup that nobody reads to its end. */
async function* contentOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: 65_536 })
}
