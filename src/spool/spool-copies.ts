import { randomInt, randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { awaitsAdoption } from '../core/learning.ts'
import { mayAlreadyBeSent } from '../core/restored-mail.ts'
import { type Database, type DatabaseOpening, openDatabase } from '../platform/database.ts'
import { isOpenSql, spoolMigrations } from './schema.ts'
import type { SpoolErrand, SpoolErrandAnswer } from './spool-errands.ts'

// Work on whole spools, in a process of its own (`spool-errands.ts`): nobody waits for these calls.

const lockWaitMs = 20_000

type Opened<T> = T | Extract<SpoolErrandAnswer, { kind: 'refused' }>

function withSpool<T>(opening: DatabaseOpening, work: (database: Database) => T): Opened<T> {
  if (opening.kind !== 'open') return { kind: 'refused', refusal: opening.kind, detail: opening.detail }
  try {
    return work(opening.database)
  } finally {
    opening.database.close()
  }
}

/** In one read transaction, so that what others write meanwhile is in it whole or not at all. */
export function copySpool(file: string, to: string): SpoolErrandAnswer {
  const opening = openDatabase(file, { migrations: spoolMigrations, readonly: true, lockWaitMs })
  return withSpool(opening, (database) => {
    // SQLite counts the copy as a change too.
    database.pragma('query_only = OFF')
    database.prepare('VACUUM INTO ?').run(to)
    sync(to)
    return { kind: 'copied' } as const
  })
}

export function lookAtSpool(file: string): SpoolErrandAnswer {
  const opening = openDatabase(file, { migrations: spoolMigrations, readonly: true, lockWaitMs })
  return withSpool(opening, (database) => {
    // A power cut at the very first start leaves a file with nothing in it.
    if (numberIn(database, 'SELECT count(*) FROM sqlite_schema') === 0)
      return { kind: 'seen', open: 0, lastNumber: 0, cameFrom: [] } as const
    return {
      kind: 'seen',
      open: numberIn(database, `SELECT count(*) FROM delivery WHERE ${isOpenSql}`),
      lastNumber: numberIn(database, "SELECT value FROM counter WHERE name = 'message'"),
      cameFrom: originsOf(database),
    } as const
  })
}

const numberIn = (database: Database, sql: string): number =>
  database.prepare<[], number>(sql).pluck().get() ?? 0

/** What this box took since the backup has numbers that nobody knows: a gap above anything a branch sends in years. */
const surelyUnused = 2 ** 20
/** Two boxes that were restored from the same backup go on in different places. */
const spread = 2 ** 26

type Resettling = Omit<Extract<SpoolErrand, { kind: 'resettle' }>, 'kind' | 'file'>

/** Verifies a spool from elsewhere, brings its schema up to date and makes it this box's. */
export function resettleSpool(
  file: string,
  { origin, hold, numbersAbove, takenBefore }: Resettling,
): SpoolErrandAnswer {
  return withSpool(openDatabase(file, { migrations: spoolMigrations }), (database) => {
    const [found] = database.prepare<[], string>('PRAGMA quick_check(1)').pluck().all()
    if (found !== 'ok') return { kind: 'refused', refusal: 'unreadable', detail: String(found) } as const
    const namespace = metaOf(database, 'namespace')
    const wasTakenBefore = namespace !== undefined && takenBefore.includes(namespace)
    const held = database
      .transaction(() => {
        rememberOrigins(database, namespace, takenBefore)
        renew(database, numbersAbove)
        return hold === 'all' || wasTakenBefore ? holdAll(database, origin) : holdUncertain(database, origin)
      })
      .immediate()
    const goingOn = numberIn(database, `SELECT count(*) FROM delivery WHERE ${isOpenSql} AND state <> 'held'`)
    // One file, so that it can be put in place by one rename.
    database.pragma('wal_checkpoint(TRUNCATE)')
    database.pragma('journal_mode = DELETE')
    return { kind: 'resettled', held, goingOn, wasTakenBefore } as const
  })
}

const metaOf = (database: Database, key: string): string | undefined =>
  database.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck().get(key)

/** Cards and backups that a box may be given in its life. */
const mostOrigins = 50

function originsOf(database: Database): readonly string[] {
  const kept = metaOf(database, 'came-from')
  return kept === undefined ? [] : kept.split(' ')
}

/** By their namespaces. Nothing is written on a card: taken over a second time, it would send its mail a second time. */
function rememberOrigins(
  database: Database,
  namespace: string | undefined,
  takenBefore: readonly string[],
): void {
  const all = new Set([
    ...(namespace === undefined ? [] : [namespace]),
    ...originsOf(database),
    ...takenBefore,
  ])
  const kept = [...all].slice(0, mostOrigins).join(' ')
  if (kept !== '') database.prepare("INSERT OR REPLACE INTO meta VALUES ('came-from', ?)").run(kept)
}

/** Ids of messages and of operations are never used twice, whatever the box did since the backup. */
function renew(database: Database, numbersAbove: number): void {
  const last = numberIn(database, "SELECT value FROM counter WHERE name = 'message'")
  const next = Math.max(last, numbersAbove) + surelyUnused + randomInt(spread)
  database.prepare("UPDATE counter SET value = ? WHERE name = 'message'").run(next)
  database.prepare("INSERT OR REPLACE INTO meta VALUES ('namespace', ?)").run(randomUUID())
  // A door that was open then is not open now, and what was wrong then is looked at anew.
  for (const table of ['take_over', 'alert', 'alert_telling']) database.exec(`DELETE FROM ${table}`)
}

/**
 * Everything that was not final when the backup was made may have been sent since, by this box or by the one that it
 * replaces: it waits for a person. Mail that awaits adoption keeps its code, or an operator could let it go without one.
 * A part that was on the wire keeps its operation id: if it is released, it is asked for or repeated under that.
 */
function holdAll(database: Database, origin: string): number {
  stopAsking(database)
  database
    .prepare<[string]>(
      `UPDATE delivery SET reason = reason || '; restored: ' || ? WHERE code = '${awaitsAdoption}' AND ${isOpenSql}`,
    )
    .run(mayAlreadyBeSent.reason)
  return holdWhere(database, `code <> '${awaitsAdoption}'`, origin)
}

/**
 * Of a box that ended: what no socket had seen goes on. The rest is held and not asked for by itself, where no answer
 * would send it once more. Recipients of an uncertain part whose own fate is known are `deferred`.
 */
function holdUncertain(database: Database, origin: string): number {
  stopAsking(database)
  return holdWhere(
    database,
    `(state IN ('sending', 'indeterminate') OR state <> 'deferred' AND EXISTS (
        SELECT 1 FROM part_recipient AS one JOIN part USING (message, upstream, number, generation)
        WHERE one.message = delivery.message AND one.recipient = delivery.number AND part.state = 'indeterminate'))`,
    origin,
  )
}

function stopAsking(database: Database): void {
  database.exec("UPDATE part SET state = 'indeterminate' WHERE state = 'sending'")
  database.exec("UPDATE part SET next_ask_at = NULL WHERE state = 'indeterminate'")
}

const holdWhere = (database: Database, condition: string, origin: string): number =>
  database
    .prepare<[string, string]>(
      `UPDATE delivery SET state = 'held', due_at = NULL, waiting_for = NULL, counting_since = NULL, code = ?, reason = ?
       WHERE ${isOpenSql} AND ${condition}`,
    )
    .run(mayAlreadyBeSent.code, `${mayAlreadyBeSent.reason}: it is from ${origin}`).changes

function sync(file: string): void {
  const handle = openSync(file, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
