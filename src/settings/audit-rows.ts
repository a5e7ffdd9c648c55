import { createHash } from 'node:crypto'
import type { AuditChange, AuditEntry, AuditFilter, AuditHead } from '../core/audit.ts'
import { placeOf } from '../core/audit.ts'
import { type WallMs, wallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'

/** What is noted beside who did what. */
export interface AuditDetails {
  /** Where it was done; else what `who` says of it. */
  readonly place?: string
  readonly changes?: readonly AuditChange[]
  readonly weakens?: boolean
}

export interface AuditRow {
  readonly id: number
  readonly at: number
  readonly who: string
  readonly place: string
  /** JSON, as it was written. */
  readonly what: string
  readonly changes: string
  readonly weakens: number
  readonly hash: string
}

/** An entry, each thing that was done for itself. */
export type StoredAudit = Omit<AuditEntry, 'what'> & { readonly what: readonly string[] }

/** Before the first entry. */
export const noHead: AuditHead = { id: 0, hash: '0'.repeat(64) }
const anchorFact = 'audit-anchor'

/** SHA-256 over the hash of the entry before and everything that stands in this one. */
export function hashOf(before: string, { id, at, who, place, what, changes, weakens }: AuditRow): string {
  const content = JSON.stringify([id, at, who, place, what, changes, weakens])
  return createHash('sha256').update(before).update(content).digest('hex')
}

/**
 * The audit, each entry chained to the one before. It has no key: who can write the database can make another chain, but
 * not one that ends in a head which a backup or the log has written down.
 */
export class AuditRows {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
    this.#chainStrangers()
  }

  record(at: WallMs, who: string, what: readonly string[], details: AuditDetails = {}): void {
    const row = {
      id: this.#nextId(),
      at: Math.round(at),
      who,
      place: details.place ?? placeOf(who),
      what: JSON.stringify(what),
      changes: JSON.stringify(details.changes ?? []),
      weakens: details.weakens === true ? 1 : 0,
    }
    const hash = hashOf((this.head() ?? noHead).hash, { ...row, hash: '' })
    this.#database
      .prepare(
        `INSERT INTO audit (id, at, who, place, what, changes, weakens, hash)
         VALUES (@id, @at, @who, @place, @what, @changes, @weakens, @hash)`,
      )
      .run({ ...row, hash })
  }

  /** Newest first. */
  find(limit: number, filter: AuditFilter = {}): readonly StoredAudit[] {
    const { before, who, text, since, until, weakens } = filter
    return this.#database
      .prepare<[Record<string, unknown>], AuditRow>(
        `SELECT * FROM audit WHERE (@before IS NULL OR id < @before)
           AND (@since IS NULL OR at >= @since) AND (@until IS NULL OR at < @until)
           AND (@who IS NULL OR instr(lower(who), lower(@who)) > 0)
           AND (@text IS NULL OR instr(lower(what), lower(@text)) > 0 OR instr(lower(changes), lower(@text)) > 0)
           AND (@weakens IS NULL OR weakens = @weakens)
         ORDER BY id DESC LIMIT @limit`,
      )
      .all({
        limit,
        before,
        who,
        // As it stands in JSON.
        text: text === undefined ? undefined : JSON.stringify(text).slice(1, -1),
        since,
        until,
        weakens: weakens === undefined ? undefined : Number(weakens),
      })
      .map(entryOf)
  }

  /** In order, from behind `id`. */
  after(id: number, limit: number): readonly AuditRow[] {
    return this.#database
      .prepare<[number, number], AuditRow>('SELECT * FROM audit WHERE id > ? ORDER BY id LIMIT ?')
      .all(id, limit)
  }

  /** Undefined before the first entry. */
  head(): AuditHead | undefined {
    const last = this.#database
      .prepare<[], AuditHead>('SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1')
      .get()
    if (last) return last
    const anchor = this.anchor()
    return anchor.id === 0 ? undefined : anchor
  }

  /** The last entry that was too old to be kept: the chain begins behind it. */
  anchor(): AuditHead {
    const kept = this.#database
      .prepare<[string], Uint8Array>('SELECT value FROM fact WHERE name = ?')
      .pluck()
      .get(anchorFact)
    return kept === undefined ? noHead : JSON.parse(Buffer.from(kept).toString())
  }

  /** From the beginning on only: a clock that was wrong leaves old times among young ones, and a gap breaks the chain. */
  removeBefore(at: WallMs): void {
    this.#database
      .transaction(() => {
        const last = this.#database
          .prepare<[number], AuditHead>(
            `SELECT id, hash FROM audit
             WHERE id < coalesce((SELECT min(id) FROM audit WHERE at >= ?), 9e15) ORDER BY id DESC LIMIT 1`,
          )
          .get(Math.round(at))
        if (!last) return
        this.#database
          .prepare('INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)')
          .run(anchorFact, Buffer.from(JSON.stringify(last)))
        this.#database.prepare('DELETE FROM audit WHERE id <= ?').run(last.id)
      })
      .immediate()
  }

  #nextId(): number {
    const used = this.#database
      .prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'audit'")
      .pluck()
      .get()
    return (used ?? 0) + 1
  }

  /** Entries of a release that knew no chain, from before or from the way back to it: they are the last ones, always. */
  #chainStrangers(): void {
    const last = this.#database
      .prepare<[], AuditHead>("SELECT id, hash FROM audit WHERE hash <> '' ORDER BY id DESC LIMIT 1")
      .get()
    const known = last ?? this.anchor()
    const update = this.#database.prepare<[string, number]>('UPDATE audit SET hash = ? WHERE id = ?')
    const strangers = this.after(known.id, -1)
    if (strangers.length === 0) return
    this.#database
      .transaction(() => {
        let { hash } = known
        for (const row of strangers) {
          hash = hashOf(hash, row)
          update.run(hash, row.id)
        }
      })
      .immediate()
  }
}

const entryOf = ({ id, at, who, place, what, changes, weakens }: AuditRow): StoredAudit => ({
  id,
  at: wallMs(at),
  who,
  place,
  what: JSON.parse(what),
  changes: JSON.parse(changes),
  weakens: weakens === 1,
})
