import { closeSync, existsSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'

export type Locking =
  | { readonly kind: 'locked'; readonly lock: Disposable }
  /** Another process has it. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'unusable'; readonly detail: string }

/**
 * Holds `file` for this process until it is disposed, forgotten or the process ends, however it ends: the kernel drops the
 * lock. Whoever takes it has to keep it.
 * Node can't lock a file itself, SQLite can (fcntl(2), an exclusive transaction on an empty database).
 */
export function lockFile(file: string): Locking {
  let database: Database.Database | undefined
  try {
    // Only to make it: closing any descriptor of a file drops every lock that this process has on it (fcntl(2)).
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
    database = new Database(file, { timeout: 0 })
    // Nothing is written in it: without a journal no second file appears beside the lock.
    database.pragma('journal_mode = MEMORY')
    database.exec('BEGIN EXCLUSIVE')
    const held = database
    return { kind: 'locked', lock: { [Symbol.dispose]: () => held.close() } }
  } catch (error) {
    database?.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY'))
      return { kind: 'taken' }
    return { kind: 'unusable', detail: error instanceof Error ? error.message : String(error) }
  }
}
