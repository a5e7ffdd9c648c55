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

/** Makes a message look as large as nobody wants to write in a test. */
export function pretendSize(file: string, id: number, octets: number): void {
  const database = new Sqlite(file)
  database.prepare('UPDATE message SET size = ? WHERE id = ?').run(octets, id)
  database.close()
}
