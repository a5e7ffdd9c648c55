import type { TokenView } from '../core/access-operations.ts'
import type { OperatorRole } from '../core/setup.ts'
import { type WallMs, wallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'

export interface StoredFactor {
  readonly operator: string
  readonly sealed: Uint8Array
  readonly lastStep: number
  /** Hashes of the recovery codes that are left. */
  readonly recovery: readonly string[]
}

export interface StoredToken extends TokenView {
  readonly hash: string
}

type FactorRow = Omit<StoredFactor, 'recovery'> & { readonly recovery: string }

interface TokenRow {
  readonly id: string
  readonly hash: string
  readonly name: string
  readonly role: OperatorRole
  readonly maker: string | null
  readonly madeAt: number
  readonly endsAt: number
  readonly usedAt: number | null
}

/** The statements for second factors and tokens; nothing here decides anything. */
export class AccessDatabase {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  factor(operator: string): StoredFactor | undefined {
    const row = this.#database
      .prepare<[string], FactorRow>(
        'SELECT operator, sealed, last_step AS lastStep, recovery FROM second_factor WHERE operator = ?',
      )
      .get(operator)
    return row && { ...row, recovery: JSON.parse(row.recovery) }
  }

  saveFactor({ operator, sealed, lastStep, recovery }: StoredFactor): void {
    this.#database
      .prepare(
        'INSERT OR REPLACE INTO second_factor (operator, sealed, last_step, recovery) VALUES (?, ?, ?, ?)',
      )
      .run(operator, sealed, lastStep, JSON.stringify(recovery))
  }

  removeFactor(operator: string): boolean {
    return this.#database.prepare('DELETE FROM second_factor WHERE operator = ?').run(operator).changes > 0
  }

  tokens(): readonly StoredToken[] {
    return this.#database
      .prepare<[], TokenRow>(
        `SELECT id, hash, name, role, maker, made_at AS madeAt, ends_at AS endsAt, used_at AS usedAt
         FROM api_token ORDER BY made_at, id`,
      )
      .all()
      .map(tokenOf)
  }

  saveToken({ id, hash, name, role, maker, madeAt, endsAt }: StoredToken): void {
    this.#database
      .prepare(
        `INSERT INTO api_token (id, hash, name, role, maker, made_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(id, hash, name, role, maker ?? null, Math.round(madeAt), Math.round(endsAt))
  }

  noteUse(id: string, at: WallMs): void {
    this.#database.prepare('UPDATE api_token SET used_at = ? WHERE id = ?').run(Math.round(at), id)
  }

  removeToken(id: string): void {
    this.#database.prepare('DELETE FROM api_token WHERE id = ?').run(id)
  }

  /** Every second factor and every token, those of the box itself too. */
  endAll(): void {
    this.#database.exec('DELETE FROM second_factor; DELETE FROM api_token')
  }
}

const tokenOf = ({ maker, madeAt, endsAt, usedAt, ...row }: TokenRow): StoredToken => ({
  ...row,
  maker: maker ?? undefined,
  madeAt: wallMs(madeAt),
  endsAt: wallMs(endsAt),
  usedAt: usedAt === null ? undefined : wallMs(usedAt),
})
