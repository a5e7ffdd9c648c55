import type { Migration } from '../../platform/database.ts'

/**
 * What was said with a server in an attempt that failed. A table of its own: an older release writes its ten columns of
 * `attempt` as before, and what it deletes there goes here too.
 */
export const dialogue: Migration = {
  version: 4,
  readableFrom: 1,
  sql: `
    CREATE TABLE attempt_dialogue (
      message INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      dialogue TEXT NOT NULL,
      PRIMARY KEY (message, sequence),
      FOREIGN KEY (message, sequence) REFERENCES attempt (message, sequence) ON DELETE CASCADE
    ) WITHOUT ROWID;
  `,
}
