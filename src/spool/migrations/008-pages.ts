import type { Migration } from '../../platform/database.ts'

/**
 * What pages ask for by device and by verdict, and drops that can still be undone. Sessions come in batches, and a mail gets
 * its entry when tidying stamps it: no mail writes a page more for it on its way.
 */
export const pages: Migration = {
  version: 8,
  readableFrom: 1,
  sql: `
    -- Of which device a session was, or which it was meant to be.
    CREATE TABLE session_about (
      session TEXT PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
      device TEXT NOT NULL,                  -- empty: nobody's
      came_to INTEGER NOT NULL,              -- 0 fault, 1 mail, 2 neither, 3 both
      ended_at INTEGER NOT NULL,
      code TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX session_about_device ON session_about (device, came_to, ended_at, code);
    CREATE INDEX session_about_code ON session_about (code, ended_at);
    INSERT INTO session_about
      SELECT id, coalesce(device, ''),
        CASE WHEN verdict ->> 'code' LIKE 'F%' THEN iif(messages = '[]', 2, 1) ELSE iif(messages = '[]', 0, 3) END,
        ended_at, verdict ->> 'code'
      FROM session JOIN session_verdict ON session_verdict.session = session.id;

    CREATE INDEX message_of_device ON message (device, accepted_wall) WHERE finished_wall IS NOT NULL;

    -- What a delivery was before it was dropped, while that can be undone.
    CREATE TABLE dropped_delivery (
      message INTEGER NOT NULL,
      recipient INTEGER NOT NULL,
      until INTEGER NOT NULL,
      state TEXT NOT NULL,
      due_at INTEGER,
      waiting_for TEXT,
      code TEXT NOT NULL,
      reason TEXT NOT NULL,
      PRIMARY KEY (message, recipient)
    ) WITHOUT ROWID;
  `,
}
