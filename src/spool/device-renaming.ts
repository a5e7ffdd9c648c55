import type { Database } from '../platform/database.ts'

/** Rows of one slice: a few milliseconds, also on a small machine. */
const sliceRows = 300

/** A device's history follows its name, slice by slice. */
export function deviceRenaming(database: Database) {
  const slices = [
    `UPDATE message SET device = @to WHERE id IN
       (SELECT id FROM message WHERE finished_wall IS NOT NULL AND device = @from LIMIT ${sliceRows})`,
    `UPDATE message SET device = @to WHERE id IN
       (SELECT id FROM message WHERE finished = 0 AND device = @from LIMIT ${sliceRows})`,
    `UPDATE message SET device = @to WHERE id IN
       (SELECT id FROM message WHERE finished = 1 AND finished_wall IS NULL AND device = @from LIMIT ${sliceRows})`,
  ].map((sql) => database.prepare<[Names]>(sql))
  const sessions = database
    .prepare<[string], string>(
      `SELECT session FROM session_about WHERE device = ? AND came_to IN (0, 1, 2, 3) LIMIT ${sliceRows}`,
    )
    .pluck()
  const renameSession = [
    'UPDATE session_about SET device = @to WHERE session = @session',
    'UPDATE session SET device = @to WHERE id = @session AND device = @from',
  ].map((sql) => database.prepare<[Names & { session: string }]>(sql))
  const rest = [
    'UPDATE OR REPLACE device_trait SET device = @to WHERE device = @from',
    'UPDATE client SET device = @to WHERE device = @from',
    `INSERT INTO month_use SELECT month, upstream, @to, mails, recipients, octets, failed FROM month_use
       WHERE device = @from
     ON CONFLICT (month, upstream, device) DO UPDATE SET mails = mails + excluded.mails,
       recipients = recipients + excluded.recipients, octets = octets + excluded.octets,
       failed = failed + excluded.failed`,
    'DELETE FROM month_use WHERE device = @from AND @to <> @from',
  ].map((sql) => database.prepare<[Names]>(sql))
  const forgetTrait = database.prepare<[string]>('DELETE FROM device_trait WHERE device = ?')
  const forgetClients = database.prepare<[string]>('UPDATE client SET device = NULL WHERE device = ?')

  return {
    rename(names: Names): { more: boolean } {
      const changed = slices.map((slice) => slice.run(names).changes)
      const some = sessions.all(names.from)
      for (const session of some) for (const rename of renameSession) rename.run({ ...names, session })
      if (some.length > 0 || changed.some((changes) => changes > 0)) return { more: true }
      for (const update of rest) update.run(names)
      return { more: false }
    },
    forget(device: string): void {
      forgetTrait.run(device)
      forgetClients.run(device)
    },
  }
}

interface Names {
  readonly from: string
  readonly to: string
}
