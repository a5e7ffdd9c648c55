import type { Migration } from '../../platform/database.ts'

/** Delivery reports: each status once for each delivery, so that a report that comes again is known. */
export const reports: Migration = {
  version: 5,
  readableFrom: 1,
  sql: `
    CREATE TABLE delivery_report (
      message INTEGER NOT NULL,
      recipient INTEGER NOT NULL,
      status TEXT NOT NULL,
      at INTEGER NOT NULL,                   -- of the attempt that it reports on
      received_at INTEGER NOT NULL,
      detail TEXT NOT NULL,
      PRIMARY KEY (message, recipient, status)
    ) WITHOUT ROWID;

    -- A report knows its mail by this alone.
    CREATE INDEX part_operation ON part (operation_id);
  `,
}
