import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'

export type { Database } from 'better-sqlite3'

/** One step of a database's schema. Steps are numbered from 1 without gaps and never change once released. */
export interface Migration {
  readonly version: number
  /** The oldest schema version whose code can still work on the database after this step. */
  readonly readableFrom: number
  readonly sql: string
}

export interface DatabaseOptions {
  readonly migrations: readonly Migration[]
  /** Neither creates nor migrates nor changes; may still run checkpoints (`query_only`). */
  readonly readonly?: boolean
  /** How long another process' lock is waited for, in ms. */
  readonly lockWaitMs?: number
  /** Free octets where `folder` is; the disk's by default. */
  readonly freeOctets?: (folder: string) => number
}

/** What opening needs beside the file: SQLite calls it an I/O error when its -shm and -wal can't be made. */
const roomToOpen = 1e6

function freeOctetsOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** Why a database can't be used; the file was left as it was. `detail` is for a technician. */
export type DatabaseRefusal =
  /** No SQLite file, or another program's. */
  | { readonly kind: 'not-a-database'; readonly detail: string }
  /** Written by a newer release that this one can't read. */
  | { readonly kind: 'newer'; readonly detail: string; readonly readableFrom: number }
  | { readonly kind: 'locked'; readonly detail: string }
  | { readonly kind: 'unreadable'; readonly detail: string }
  | { readonly kind: 'full'; readonly detail: string }

export type DatabaseOpening =
  | { readonly kind: 'open'; readonly database: Database.Database }
  | DatabaseRefusal

/** What SQLite's extended result code means to us (https://sqlite.org/rescode.html); undefined for our own mistakes. */
export type DatabaseTrouble = 'full' | 'io' | 'locked' | 'not-a-database' | undefined

/** The one place where errors of SQLite are classified. */
export function databaseTrouble(error: unknown): DatabaseTrouble {
  if (!(error instanceof Database.SqliteError)) return undefined
  if (error.code === 'SQLITE_FULL') return 'full'
  if (error.code === 'SQLITE_NOTADB') return 'not-a-database'
  if (/^SQLITE_(BUSY|LOCKED)/.test(error.code)) return 'locked'
  if (/^SQLITE_(IOERR|CANTOPEN|CORRUPT|PERM|READONLY|NOLFS|NOMEM)/.test(error.code)) return 'io'
  return undefined
}

/**
 * Opens a database of ours in WAL mode with `synchronous=FULL` and brings its schema up to date, each step in one
 * transaction. Before a step that older releases can't read, the file is copied to `FILE.vN`. An older release opens a
 * newer file if `readable_from` allows it. Expected trouble is returned; mistakes in the SQL are thrown.
 */
export function openDatabase(file: string, options: DatabaseOptions): DatabaseOpening {
  let database: Database.Database | undefined
  try {
    database = new Database(file, {
      fileMustExist: options.readonly === true,
      timeout: options.lockWaitMs ?? 5000,
    })
    const refusal = prepare(database, options)
    if (refusal === undefined) return { kind: 'open', database }
    database.close()
    return refusal
  } catch (error) {
    database?.close()
    const refusal = refusalOf(error)
    return refusal.kind === 'unreadable' && isFull(file, options) ? { ...refusal, kind: 'full' } : refusal
  }
}

function isFull(file: string, { freeOctets = freeOctetsOf }: DatabaseOptions): boolean {
  const folder = dirname(file)
  return existsSync(folder) && freeOctets(folder) < roomToOpen
}

function refusalOf(error: unknown): DatabaseRefusal {
  const detail = error instanceof Error ? error.message : String(error)
  switch (databaseTrouble(error)) {
    case 'full':
      return { kind: 'full', detail }
    case 'locked':
      return { kind: 'locked', detail }
    case 'not-a-database':
      return { kind: 'not-a-database', detail }
    case 'io':
      return { kind: 'unreadable', detail }
    case undefined:
      // better-sqlite3 says this one without a code.
      if (error instanceof TypeError && detail.includes('directory does not exist')) {
        return { kind: 'unreadable', detail }
      }
      throw new Error('a database could not be prepared', { cause: error })
  }
}

function prepare(database: Database.Database, options: DatabaseOptions): DatabaseRefusal | undefined {
  const found = schemaOf(database)
  if (found.kind !== 'schema') return found
  const own = options.migrations.at(-1)?.version ?? 0
  if (found.readableFrom > own) {
    const detail = `schema ${found.version} needs a release that knows schema ${found.readableFrom}, this one knows ${own}`
    return { kind: 'newer', detail, readableFrom: found.readableFrom }
  }
  configure(database, options.readonly === true)
  if (options.readonly !== true) migrate(database, found.version, options.migrations)
  return undefined
}

interface FoundSchema {
  readonly kind: 'schema'
  readonly version: number
  readonly readableFrom: number
}

function schemaOf(database: Database.Database): FoundSchema | DatabaseRefusal {
  const tables = database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck()
  const names = tables.all()
  if (names.length === 0) return { kind: 'schema', version: 0, readableFrom: 0 }
  if (!names.includes('schema')) return { kind: 'not-a-database', detail: "another program's database" }
  const row = database
    .prepare<[], { version: number; readableFrom: number }>(
      'SELECT version, readable_from AS readableFrom FROM schema',
    )
    .get()
  return row ? { kind: 'schema', ...row } : { kind: 'unreadable', detail: 'the schema table is empty' }
}

function configure(database: Database.Database, isReadonly: boolean): void {
  database.pragma('page_size = 4096')
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  // Nothing is written outside the data directory, not even SQLite's own temporary files.
  database.pragma('temp_store = MEMORY')
  database.pragma('trusted_schema = OFF')
  if (isReadonly) database.pragma('query_only = ON')
}

function migrate(database: Database.Database, from: number, migrations: readonly Migration[]): void {
  for (const migration of migrations) {
    if (migration.version <= from) continue
    if (from > 0 && migration.readableFrom > from) copyBefore(database, migration.version - 1)
    database.transaction(() => apply(database, migration)).immediate()
  }
}

function apply(database: Database.Database, migration: Migration): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS schema (version INTEGER NOT NULL, readable_from INTEGER NOT NULL)',
  )
  database.exec(migration.sql)
  database.exec('DELETE FROM schema')
  database.prepare('INSERT INTO schema VALUES (?, ?)').run(migration.version, migration.readableFrom)
}

/** The copy lets a technician go back to the older release; it is synced before the step begins. */
function copyBefore(database: Database.Database, version: number): void {
  const copy = `${database.name}.v${version}`
  if (existsSync(copy)) rmSync(copy)
  database.prepare('VACUUM INTO ?').run(copy)
  const handle = openSync(copy, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
