import type { SessionStore, StoredSession } from '../core/console-session.ts'
import type { OperatorRole, OperatorSetup } from '../core/setup.ts'
import { type WallMs, wallMs } from '../core/time.ts'
import type { Database, Migration } from '../platform/database.ts'

export const settingsMigrations: readonly Migration[] = [
  {
    version: 1,
    readableFrom: 1,
    sql: `
      -- The document without what its defaults say and with (kept) in place of secrets.
      CREATE TABLE setup (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        document TEXT NOT NULL,
        revision INTEGER NOT NULL
      );
      CREATE TABLE secret (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
      -- Hashes stand outside the vault: an operator signs in to cure a lost vault key.
      CREATE TABLE operator (
        name TEXT PRIMARY KEY COLLATE NOCASE,
        role TEXT NOT NULL CHECK (role IN ('administrator', 'technician', 'viewer')),
        password_hash TEXT NOT NULL,
        origin TEXT NOT NULL CHECK (origin IN ('document', 'console'))
      );
      -- Upstreams that left the document and still have deliveries whose fate is to be asked.
      CREATE TABLE retired_upstream (name TEXT PRIMARY KEY, document TEXT NOT NULL);
      CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        who TEXT NOT NULL,
        what TEXT NOT NULL
      );
      CREATE TABLE fact (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    `,
  },
  {
    version: 2,
    readableFrom: 1,
    sql: `
      -- Who is signed in to the console, by hash of what the browser holds.
      CREATE TABLE console_session (
        hash TEXT PRIMARY KEY,
        operator TEXT NOT NULL COLLATE NOCASE,
        -- NULL: the operator's.
        role TEXT CHECK (role IN ('administrator', 'technician', 'viewer')),
        left_ms INTEGER NOT NULL,
        started_at INTEGER NOT NULL,
        address TEXT NOT NULL
      ) WITHOUT ROWID;
    `,
  },
]

export interface StoredOperator extends OperatorSetup {
  readonly origin: 'document' | 'console'
}

type SessionRow = Omit<StoredSession, 'role' | 'startedAt'> & {
  readonly role: OperatorRole | null
  readonly startedAt: number
}

export interface AuditEntry {
  readonly id: number
  readonly at: WallMs
  readonly who: string
  readonly what: readonly string[]
}

/** The statements on settings.db; nothing here decides anything. Secrets pass through sealed. */
export class SettingsDatabase implements SessionStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  close(): void {
    this.#database.close()
  }

  /** All or nothing, on the disk when it returns. */
  inTransaction<T>(action: () => T): T {
    return this.#database.transaction(action).immediate()
  }

  setup(): { readonly document: string; readonly revision: number } | undefined {
    return this.#database
      .prepare<[], { document: string; revision: number }>('SELECT document, revision FROM setup')
      .get()
  }

  saveSetup(document: string, revision: number): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO setup (id, document, revision) VALUES (1, ?, ?)')
      .run(document, revision)
  }

  secret(name: string): Uint8Array | undefined {
    return this.#database
      .prepare<[string], Uint8Array>('SELECT sealed FROM secret WHERE name = ?')
      .pluck()
      .get(name)
  }

  secretNames(prefix: string): readonly string[] {
    return this.#database
      .prepare<[], string>('SELECT name FROM secret')
      .pluck()
      .all()
      .filter((name) => name.startsWith(prefix))
  }

  saveSecret(name: string, sealed: Uint8Array): void {
    this.#database.prepare('INSERT OR REPLACE INTO secret (name, sealed) VALUES (?, ?)').run(name, sealed)
  }

  removeSecret(name: string): void {
    this.#database.prepare('DELETE FROM secret WHERE name = ?').run(name)
  }

  operators(): readonly StoredOperator[] {
    return this.#database
      .prepare<[], StoredOperator>(
        'SELECT name, role, password_hash AS passwordHash, origin FROM operator ORDER BY name',
      )
      .all()
  }

  saveOperator(name: string, role: OperatorRole, hash: string, origin: StoredOperator['origin']): void {
    this.#database
      .prepare(
        `INSERT INTO operator (name, role, password_hash, origin) VALUES (?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET name = excluded.name, role = excluded.role,
           password_hash = excluded.password_hash, origin = excluded.origin`,
      )
      .run(name, role, hash, origin)
  }

  removeOperator(name: string): void {
    this.#database.prepare('DELETE FROM operator WHERE name = ?').run(name)
  }

  sessions(): readonly StoredSession[] {
    return this.#database
      .prepare<[], SessionRow>(
        `SELECT hash, operator, role, left_ms AS leftMs, started_at AS startedAt, address AS "from"
         FROM console_session`,
      )
      .all()
      .map((row) => ({ ...row, role: row.role ?? undefined, startedAt: wallMs(row.startedAt) }))
  }

  saveSession({ hash, operator, role, leftMs, startedAt, from }: StoredSession): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO console_session (hash, operator, role, left_ms, started_at, address)
         VALUES (?, ?, ?, ?, ?, ?)`,
      )
      .run(hash, operator, role ?? null, Math.round(leftMs), Math.round(startedAt), from)
  }

  removeSession(hash: string): void {
    this.#database.prepare('DELETE FROM console_session WHERE hash = ?').run(hash)
  }

  retired(): readonly { readonly name: string; readonly document: string }[] {
    return this.#database
      .prepare<[], { name: string; document: string }>(
        'SELECT name, document FROM retired_upstream ORDER BY name',
      )
      .all()
  }

  retire(name: string, document: string): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO retired_upstream (name, document) VALUES (?, ?)')
      .run(name, document)
  }

  unretire(name: string): void {
    this.#database.prepare('DELETE FROM retired_upstream WHERE name = ?').run(name)
  }

  recordAudit(at: WallMs, who: string, what: readonly string[]): void {
    this.#database
      .prepare('INSERT INTO audit (at, who, what) VALUES (?, ?, ?)')
      .run(Math.round(at), who, JSON.stringify(what))
  }

  /** Newest first. */
  audit(limit: number): readonly AuditEntry[] {
    return this.#database
      .prepare<[number], { id: number; at: number; who: string; what: string }>(
        'SELECT id, at, who, what FROM audit ORDER BY id DESC LIMIT ?',
      )
      .all(limit)
      .map((row) => ({ ...row, at: wallMs(row.at), what: JSON.parse(row.what) }))
  }

  removeAuditBefore(at: WallMs): void {
    this.#database.prepare('DELETE FROM audit WHERE at < ?').run(Math.round(at))
  }

  fact(name: string): Uint8Array | undefined {
    return this.#database
      .prepare<[string], Uint8Array>('SELECT value FROM fact WHERE name = ?')
      .pluck()
      .get(name)
  }

  saveFact(name: string, value: Uint8Array): void {
    this.#database.prepare('INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)').run(name, value)
  }
}
