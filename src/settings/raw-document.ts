import type { RowTable } from './problem.ts'
import { rowSchemas } from './schema.ts'

export type Table = Readonly<Record<string, unknown>>

/** One table, or one row of those of which there are many. */
export interface Entry {
  readonly table: string
  readonly index?: number
}

export const isRowTable = (key: unknown): key is RowTable => typeof key === 'string' && key in rowSchemas

/** A document as TOML gives it, from which entries with a mistake are taken; what stays knows where it stood. */
export class RawDocument {
  readonly value: Table
  readonly missing: ReadonlySet<string>
  readonly #positions: ReadonlyMap<string, readonly number[]>

  constructor(
    value: Table,
    missing: ReadonlySet<string> = new Set(),
    positions: ReadonlyMap<string, readonly number[]> = new Map(),
  ) {
    this.value = value
    this.missing = missing
    this.#positions = positions
  }

  /** The place in the text of the row that is the `index`th now. */
  position(table: RowTable, index: number): number {
    return this.#positions.get(table)?.[index] ?? index
  }

  without(entries: readonly Entry[]): RawDocument {
    const missing = new Set([...this.missing, ...entries.map(({ table }) => table)])
    const tables = Object.entries(this.value).map(([table, rows]) => {
      const gone = entries.filter((entry) => entry.table === table)
      return { table, ...this.#kept(table, rows, gone) }
    })
    return new RawDocument(
      Object.fromEntries(tables.flatMap(({ table, value }) => (value === undefined ? [] : [[table, value]]))),
      missing,
      new Map(tables.map(({ table, positions }) => [table, positions])),
    )
  }

  #kept(table: string, value: unknown, gone: readonly Entry[]) {
    const isWholeGone = gone.some(({ index }) => index === undefined)
    if (!isRowTable(table) || !Array.isArray(value) || isWholeGone)
      return { value: gone.length > 0 ? undefined : value, positions: [] }
    const stays = value.map((row: unknown, index) => ({ row, index }))
    const kept = stays.filter(({ index }) => gone.every((entry) => entry.index !== index))
    return {
      value: kept.map(({ row }) => row),
      positions: kept.map(({ index }) => this.position(table, index)),
    }
  }
}
