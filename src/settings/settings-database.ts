import type { SessionStore, StoredSession } from '../core/console-session.ts'
import type { OperatorRole, OperatorSetup } from '../core/setup.ts'
import { type WallMs, wallMs } from '../core/time.ts'
import type { Database, Migration } from '../platform/database.ts'
import { type AuditDetails, AuditRows } from './audit-rows.ts'
import { auditChain } from './migrations/003-audit-chain.ts'

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
  auditChain,
  {
    version: 4,
    readableFrom: 1,
    sql: `
      -- Of the password that the operator had when it began: it ends with that.
      ALTER TABLE console_session ADD COLUMN mark TEXT NOT NULL DEFAULT '';
      -- Of a day pass: its id, and for whom it was made.
      ALTER TABLE console_session ADD COLUMN pass TEXT;
      ALTER TABLE console_session ADD COLUMN guest TEXT;
      CREATE TABLE second_factor (
        operator TEXT PRIMARY KEY COLLATE NOCASE,
        -- The secret of the app, by the vault.
        sealed BLOB NOT NULL,
        -- RFC 6238: of the last code that was taken; none of it or before is taken again.
        last_step INTEGER NOT NULL,
        -- JSON: hashes of the recovery codes that are left. Outside the vault, like passwords.
        recovery TEXT NOT NULL
      ) WITHOUT ROWID;
      CREATE TABLE api_token (
        id TEXT PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('administrator', 'technician', 'viewer')),
        -- NULL: made on the box itself.
        maker TEXT COLLATE NOCASE,
        made_at INTEGER NOT NULL,
        ends_at INTEGER NOT NULL,
        used_at INTEGER
      ) WITHOUT ROWID;
    `,
  },
]

export interface StoredOperator extends OperatorSetup {
  readonly origin: 'document' | 'console'
}

type SessionRow = Omit<StoredSession, 'role' | 'startedAt' | 'pass'> & {
  readonly role: OperatorRole | null
  readonly pass: string | null
  readonly guest: string | null
  readonly startedAt: number
}

const sessionTables: ReadonlySet<string> = new Set(['console_session'])
const passing: ReadonlySet<string> = new Set(['audit', 'fact', 'schema', ...sessionTables])

/** The statements on settings.db; nothing here decides anything. Secrets pass through sealed. */
export class SettingsDatabase implements SessionStore {
  readonly audit: AuditRows
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
    this.audit = new AuditRows(database)
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

  /** With everything by which they came in: a later operator of that name is another person. */
  removeOperator(name: string): void {
    this.#database.prepare('DELETE FROM operator WHERE name = ?').run(name)
    this.#database.prepare('DELETE FROM console_session WHERE operator = ?').run(name)
    this.#database.prepare('DELETE FROM second_factor WHERE operator = ?').run(name)
    this.#database.prepare('DELETE FROM api_token WHERE maker = ?').run(name)
  }

  sessions(): readonly StoredSession[] {
    return this.#database
      .prepare<[], SessionRow>(
        `SELECT hash, operator, mark, role, pass, guest, left_ms AS leftMs, started_at AS startedAt, address AS "from"
         FROM console_session`,
      )
      .all()
      .map(({ role, pass, guest, startedAt, ...row }) => ({
        ...row,
        pass: role === null ? undefined : { id: pass ?? '', guest: guest ?? '', role },
        startedAt: wallMs(startedAt),
      }))
  }

  saveSession({ hash, operator, mark, pass, leftMs, startedAt, from }: StoredSession): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO console_session
           (hash, operator, mark, role, pass, guest, left_ms, started_at, address)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        hash,
        operator,
        mark,
        pass?.role ?? null,
        pass?.id ?? null,
        pass?.guest ?? null,
        Math.round(leftMs),
        Math.round(startedAt),
        from,
      )
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

  recordAudit(at: WallMs, who: string, what: readonly string[], details?: AuditDetails): void {
    this.inTransaction(() => this.audit.record(at, who, what, details))
  }

  /** In steps of some 100 KB, between which others have their turn. */
  async copyTo(file: string): Promise<void> {
    await this.#database.backup(file, { progress: () => 32 })
  }

  /** Rows of every table but those that only note what happened, as text. */
  *lastingRows(): Generator<string> {
    const tables = this.#tables().filter((name) => !passing.has(name))
    for (const table of tables) {
      yield table
      for (const row of this.#database.prepare(`SELECT * FROM "${table}" ORDER BY 1`).iterate())
        yield JSON.stringify(row)
    }
  }

  /** `ok`, or what is wrong with the file. */
  check(): string {
    return String(this.#database.pragma('quick_check(1)', { simple: true }))
  }

  endSessions(): void {
    for (const table of this.#tables().filter((name) => sessionTables.has(name)))
      this.#database.exec(`DELETE FROM "${table}"`)
    // One that was withdrawn since must not come back to life.
    this.#database.exec('DELETE FROM api_token')
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

  #tables(): readonly string[] {
    return this.#database
      .prepare<[], string>(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .pluck()
      .all()
  }
}
