import type { Migration } from '../../platform/database.ts'

/** What the edge learns of devices, known and unknown. Texts are empty where nothing is known, so that no column is NULL. */
export const learning: Migration = {
  version: 3,
  readableFrom: 1,
  sql: `
    CREATE TABLE sighting (
      address TEXT PRIMARY KEY,
      mac TEXT NOT NULL,
      maker TEXT NOT NULL,
      helo TEXT NOT NULL,
      username TEXT NOT NULL,
      tried_auth INTEGER NOT NULL,
      mail_from TEXT NOT NULL,
      rcpt_domain TEXT NOT NULL,
      tls TEXT NOT NULL,
      result TEXT NOT NULL,
      first_seen INTEGER NOT NULL,
      last_seen INTEGER NOT NULL,
      count INTEGER NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE device_trait (
      device TEXT PRIMARY KEY,
      address TEXT NOT NULL,
      last_seen INTEGER NOT NULL,
      last_session TEXT NOT NULL,
      tls TEXT NOT NULL,
      mechanism TEXT NOT NULL,
      repairs TEXT NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE take_over (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      subnet TEXT NOT NULL,
      opened_by TEXT NOT NULL,
      opened_at INTEGER NOT NULL,
      until INTEGER NOT NULL
    );

    -- Costs other mail nothing: no row of it is in here.
    CREATE INDEX delivery_unadopted ON delivery (message) WHERE code = 'awaits-adoption';
  `,
}
