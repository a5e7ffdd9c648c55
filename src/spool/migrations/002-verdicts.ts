import type { Migration } from '../../platform/database.ts'

/**
 * What came of each session. A table of its own: an older release writes its eleven columns of `session` as before, and
 * what it deletes there goes here too.
 */
export const verdicts: Migration = {
  version: 2,
  readableFrom: 1,
  sql: `
    CREATE TABLE session_verdict (
      session TEXT PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
      verdict TEXT NOT NULL
    ) WITHOUT ROWID;
  `,
}
