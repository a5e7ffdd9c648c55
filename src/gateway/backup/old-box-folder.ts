import { createReadStream, existsSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BackupRefused } from '../../backup/backup-refused.ts'
import { oldBoxOctets } from '../../backup/old-box.ts'
import { isAnswered } from '../../console/control-socket.ts'
import { type OldBoxFacts, oldBoxFiles, oldBoxPlaces } from '../../core/old-box.ts'
import type { Done } from '../../core/operations.ts'
import { lockFile } from '../../platform/database-lock.ts'
import { errorCode } from '../../platform/durable-file.ts'

/**
 * The data of another inkpost in a folder: a mounted card, or a copy of a data directory. Nothing is written there; where
 * a gateway could start on it, its lock is held until all was read.
 */
export async function oldBoxInFolder(
  folder: string,
  dataDir: string,
): Promise<Done<{ readonly octets: AsyncIterable<Uint8Array> }>> {
  try {
    const place = oldBoxPlaces.map((sub) => join(folder, sub)).find((at) => isFile(join(at, 'settings.db')))
    if (place === undefined) return refused(`there is no data of an inkpost in ${folder}`)
    if (existsSync(dataDir) && realpathSync(place) === realpathSync(dataDir))
      return refused(`${place} is the data directory of this box itself`)
    if (await isAnswered(join(place, 'control.sock'))) return inUse(place)
    const lock = lockOf(place)
    return lock === 'taken' ? inUse(place) : { kind: 'done', octets: octetsOf(place, factsOf(place), lock) }
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    return refused(`${folder} can't be read: ${code}`)
  }
}

const refused = (reason: string): Done<never> => ({ kind: 'refused', reason })
const inUse = (place: string): Done<never> =>
  refused(`an inkpost is running on ${place}: stop it, or its mail would be sent twice`)

/** A card that can't be written, or is another user's, can't be locked: nobody starts a gateway on it either. */
function lockOf(place: string): Disposable | 'taken' | undefined {
  const file = join(place, 'lock')
  if (!existsSync(file)) return undefined
  const locking = lockFile(file)
  if (locking.kind === 'unusable') return undefined
  return locking.kind === 'taken' ? 'taken' : locking.lock
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

function factsOf(place: string): OldBoxFacts {
  const found = oldBoxFiles.flatMap((name) => {
    const about = statSync(join(place, name), { throwIfNoEntry: false })
    return about?.isFile() ? [{ name, octets: about.size, at: about.mtimeMs }] : []
  })
  return {
    files: found.map(({ name, octets }) => ({ name, octets })),
    written: new Date(Math.max(...found.map(({ at }) => at))).toISOString(),
  }
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

async function* octetsOf(
  place: string,
  facts: OldBoxFacts,
  lock: Disposable | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* oldBoxOctets(facts, (name) => createReadStream(join(place, name), { highWaterMark: 65_536 }))
  } catch (error) {
    // Cards are read because a box died: some can't be read to their end.
    throw new BackupRefused('damaged', `${place} can't be read to its end: ${sentenceOf(error)}`)
  } finally {
    lock?.[Symbol.dispose]()
  }
}
