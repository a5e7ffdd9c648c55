import Sqlite from 'better-sqlite3'

/** Looks into a spool's file behind the spool's back. */
export function rowsOf<Row>(file: string, sql: string): readonly Row[] {
  const database = new Sqlite(file, { readonly: true })
  try {
    return database.prepare<[], Row>(sql).all()
  } finally {
    database.close()
  }
}

export const countIn = (file: string, table: string): number =>
  rowsOf<{ count: number }>(file, `SELECT count(*) AS count FROM ${table}`)[0]?.count ?? -1
