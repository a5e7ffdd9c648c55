import type { Migration } from '../../platform/database.ts'

/** Sums that outlive the history: what left in a month by which way out, for the cost. One row for a device and month. */
export const monthUse: Migration = {
  version: 7,
  readableFrom: 1,
  sql: `
    CREATE TABLE month_use (
      month TEXT NOT NULL,                   -- 2026-11, UTC
      upstream TEXT NOT NULL,
      device TEXT NOT NULL,                  -- empty: the box's own mail
      mails INTEGER NOT NULL,
      recipients INTEGER NOT NULL,
      octets INTEGER NOT NULL,               -- once for each recipient
      failed INTEGER NOT NULL,
      PRIMARY KEY (month, upstream, device)
    ) WITHOUT ROWID;
  `,
}
