import type { Migration } from '../../platform/database.ts'

/** What was told of alerts, those that are over, and what the weekly letter remembers (`meta`: `letter`, `ration`). */
export const telling: Migration = {
  version: 6,
  readableFrom: 1,
  sql: `
    CREATE TABLE alert_telling (
      key TEXT PRIMARY KEY,
      telling TEXT NOT NULL                  -- a record of core/alerts.ts
    ) WITHOUT ROWID;

    CREATE TABLE alert_past (
      key TEXT NOT NULL,
      since INTEGER NOT NULL,
      until INTEGER NOT NULL,
      severity TEXT NOT NULL,
      sentence TEXT NOT NULL,
      remedy TEXT NOT NULL,
      PRIMARY KEY (key, since)
    ) WITHOUT ROWID;
    CREATE INDEX alert_past_until ON alert_past (until);
  `,
}
