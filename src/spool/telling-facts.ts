import type { Told } from '../core/telling-spool.ts'
import type { Database } from '../platform/database.ts'

/** Writes down what was told. */
export function toldFacts(database: Database) {
  const save = database.prepare<[string, string]>('INSERT OR REPLACE INTO alert_telling VALUES (?, ?)')
  const forget = database.prepare<[string]>('DELETE FROM alert_telling WHERE key = ?')
  const remember = database.prepare<[string, string]>('INSERT OR REPLACE INTO meta VALUES (?, ?)')

  return {
    save({ save: tellings, forget: keys, letterAt, ration }: Omit<Told, 'mail'>): void {
      for (const telling of tellings) save.run(telling.key, JSON.stringify(telling))
      for (const key of keys) forget.run(key)
      if (letterAt !== undefined) remember.run('letter', String(letterAt))
      if (ration !== undefined) remember.run('ration', JSON.stringify(ration))
    },
  }
}
