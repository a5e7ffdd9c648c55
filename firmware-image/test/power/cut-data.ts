// A data directory as a power cut left it: SQLite's own look at its databases, and each message by its octets.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { messageNumberOf } from '../../../src/core/message-id.ts'
import { chunkId } from '../../../src/spool/chunk-layout.ts'
import type { Fault } from './cut-card.ts'
import type { Acknowledged } from './mail-load.ts'

const vaultKey = /^inkpost-vault-1\s[\w+/]{43}=\n$/

/** `directory` is a copy; the first look at a database brings in its WAL. */
export function faultsOfData(directory: string, due: readonly Acknowledged[]): readonly Fault[] {
  const damage = ['settings.db', 'spool.db'].flatMap((name) =>
    damageOf(join(directory, name), due.length > 0),
  )
  return [...damage, ...faultsOfVault(directory, due), ...missingOf(join(directory, 'spool.db'), due)]
}

function damageOf(path: string, mustExist: boolean): readonly Fault[] {
  if (!existsSync(path)) return mustExist ? [{ kind: 'database', detail: `${path} is not there` }] : []
  try {
    using database = opened(path)
    const said = database.pragma('integrity_check', { simple: true })
    return said === 'ok' ? [] : [{ kind: 'database', detail: `${path}: ${said}` }]
  } catch (error) {
    return [{ kind: 'database', detail: `${path}: ${error}` }]
  }
}

/** Without its key nothing that is sealed is ever read again. */
function faultsOfVault(directory: string, due: readonly Acknowledged[]): readonly Fault[] {
  const path = join(directory, 'vault.key')
  const text = existsSync(path) ? readFileSync(path, 'latin1') : undefined
  if (text === undefined ? due.length === 0 : vaultKey.test(text)) return []
  return [{ kind: 'database', detail: `vault.key has ${text?.length ?? 'no'} octets` }]
}

function missingOf(path: string, due: readonly Acknowledged[]): readonly Fault[] {
  const missing = (id: string, detail: string): Fault => ({ kind: 'missing', detail: `${id}: ${detail}` })
  if (due.length === 0) return []
  try {
    using database = opened(path)
    return due.flatMap((one) => {
      const fault = faultOf(database, one)
      return fault === undefined ? [] : [missing(one.id, fault)]
    })
  } catch (error) {
    return due.map(({ id }) => missing(id, String(error)))
  }
}

function faultOf(database: Database.Database, { id, sha256 }: Acknowledged): string | undefined {
  const number = messageNumberOf(id) ?? 0
  const deliveries = database.prepare('SELECT 1 FROM delivery WHERE message = ?').all(number).length
  const chunks = database
    .prepare<[number, number], Buffer>('SELECT octets FROM chunk WHERE id >= ? AND id < ? ORDER BY id')
    .pluck()
    .all(chunkId(number, 0), chunkId(number + 1, 0))
  if (database.prepare('SELECT 1 FROM message WHERE id = ?').get(number) === undefined)
    return 'no such message'
  if (deliveries !== 1) return `${deliveries} deliveries`
  return bodyHash(Buffer.concat(chunks)) === sha256 ? undefined : 'another body'
}

const bodyHash = (content: Buffer): string =>
  createHash('sha256')
    .update(content.subarray(content.indexOf('\r\n\r\n') + 4))
    .digest('hex')

function opened(path: string): Database.Database & Disposable {
  const database = new Database(path)
  return Object.assign(database, { [Symbol.dispose]: () => database.close() })
}
