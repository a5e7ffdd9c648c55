import type { Migration } from '../../platform/database.ts'

/**
 * Times are wall-clock milliseconds, flags 0 or 1, lists and records JSON. `message` is the number behind the id that
 * people see. Deliveries, parts and attempts are clustered by message, so that what one mail does stays on few pages.
 */
export const first: Migration = {
  version: 1,
  readableFrom: 1,
  sql: `
    CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO counter VALUES ('message', 0);

    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    CREATE TABLE message (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      priority INTEGER NOT NULL,             -- 0 alarm, 1 normal, 2 bulk
      device TEXT,
      session TEXT,
      about INTEGER,                         -- for a report: the message it reports on
      sender TEXT,                           -- From of the header
      subject TEXT NOT NULL,
      header_message_id TEXT NOT NULL,
      reverse_path TEXT NOT NULL,
      body_type TEXT NOT NULL,
      smtputf8 INTEGER NOT NULL,
      dsn_ret TEXT,
      dsn_envid TEXT,
      route TEXT,
      size INTEGER NOT NULL,
      route_facts TEXT NOT NULL,
      part_index TEXT NOT NULL,
      content_sha256 TEXT NOT NULL,
      envelope_sha256 TEXT NOT NULL,
      is_identifiable INTEGER NOT NULL,
      reply_followed INTEGER NOT NULL DEFAULT 1,
      accepted_wall INTEGER NOT NULL,
      accepted_monotonic REAL NOT NULL,
      boot_id TEXT NOT NULL,
      clock_believable INTEGER NOT NULL,
      partial_key TEXT,
      partial_number INTEGER,
      partial_total INTEGER,
      recipient_count INTEGER NOT NULL,
      finished INTEGER NOT NULL DEFAULT 0,   -- no delivery is open
      finished_wall INTEGER,                 -- when tidying saw that first
      has_body INTEGER NOT NULL DEFAULT 1,
      body_until INTEGER                     -- finished, but a part may still be asked for until then
    );
    CREATE INDEX message_open ON message (accepted_wall, size) WHERE finished = 0;
    CREATE INDEX message_unstamped ON message (id) WHERE finished = 1 AND finished_wall IS NULL;
    CREATE INDEX message_finished ON message (finished_wall) WHERE finished_wall IS NOT NULL;
    CREATE INDEX message_body_until ON message (body_until) WHERE body_until IS NOT NULL;
    CREATE INDEX message_reply_lost ON message (content_sha256) WHERE reply_followed = 0;
    CREATE INDEX message_partial ON message (partial_key) WHERE partial_key IS NOT NULL;

    CREATE TABLE delivery (
      message INTEGER NOT NULL,
      number INTEGER NOT NULL,               -- of the recipient, from 1
      priority INTEGER NOT NULL,             -- the message's
      address TEXT NOT NULL,
      said TEXT,
      notify TEXT,
      orcpt TEXT,
      state TEXT NOT NULL,
      due_at INTEGER,
      waiting_for TEXT,
      code TEXT NOT NULL,
      reason TEXT NOT NULL,
      status TEXT,
      attempts INTEGER NOT NULL,
      counted_ms INTEGER NOT NULL,
      counting_since INTEGER,
      upstream TEXT,
      refused_by TEXT NOT NULL,
      PRIMARY KEY (message, number)
    ) WITHOUT ROWID;
    CREATE INDEX delivery_due ON delivery (priority, due_at) WHERE due_at IS NOT NULL;
    CREATE INDEX delivery_waiting ON delivery (waiting_for) WHERE waiting_for IS NOT NULL;
    CREATE INDEX delivery_open ON delivery (message, state)
      WHERE state NOT IN ('accepted', 'confirmed', 'bounced', 'expired', 'dropped');

    CREATE TABLE part (
      message INTEGER NOT NULL,
      upstream TEXT NOT NULL,
      number INTEGER NOT NULL,
      generation INTEGER NOT NULL,
      operation_id TEXT NOT NULL,
      body_sha256 TEXT NOT NULL,
      state TEXT NOT NULL,
      sends INTEGER NOT NULL,
      asks INTEGER NOT NULL,
      next_ask_at INTEGER,
      started_at INTEGER NOT NULL,
      PRIMARY KEY (message, upstream, number, generation)
    ) WITHOUT ROWID;
    CREATE INDEX part_ask ON part (state, next_ask_at) WHERE next_ask_at IS NOT NULL;

    CREATE TABLE part_recipient (
      message INTEGER NOT NULL,
      upstream TEXT NOT NULL,
      number INTEGER NOT NULL,
      generation INTEGER NOT NULL,
      recipient INTEGER NOT NULL,
      PRIMARY KEY (message, upstream, number, generation, recipient)
    ) WITHOUT ROWID;

    CREATE TABLE attempt (
      message INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      part INTEGER NOT NULL,                 -- its number, 0 without one
      recipients TEXT NOT NULL,
      at INTEGER NOT NULL,
      upstream TEXT NOT NULL,
      number INTEGER NOT NULL,
      outcome TEXT NOT NULL,
      detail TEXT NOT NULL,
      took_ms INTEGER NOT NULL,
      PRIMARY KEY (message, sequence)
    ) WITHOUT ROWID;

    CREATE TABLE chunk (
      id INTEGER PRIMARY KEY,                -- message * 65536 + number: one tree, ranges by message
      octets BLOB NOT NULL
    );
    CREATE TABLE reception (                 -- whose chunks belong to no body: not yet, or no more
      message INTEGER PRIMARY KEY,
      state TEXT NOT NULL                    -- arriving, gone
    );

    CREATE TABLE quota_use (
      at INTEGER NOT NULL,
      upstream TEXT NOT NULL,
      what TEXT NOT NULL,
      messages INTEGER NOT NULL,
      recipients INTEGER NOT NULL,
      external INTEGER NOT NULL,
      PRIMARY KEY (at, upstream, what)
    ) WITHOUT ROWID;

    CREATE TABLE pause (
      upstream TEXT NOT NULL,
      sender TEXT NOT NULL,                  -- empty: the whole upstream
      code TEXT NOT NULL,
      reason TEXT NOT NULL,
      remedy TEXT NOT NULL,
      may_probe INTEGER NOT NULL,
      since INTEGER NOT NULL,
      by_operator INTEGER NOT NULL,
      next_probe_at INTEGER,
      probes INTEGER NOT NULL,
      PRIMARY KEY (upstream, sender)
    ) WITHOUT ROWID;

    CREATE TABLE outbox (
      message INTEGER NOT NULL,
      upstream TEXT NOT NULL,
      at INTEGER NOT NULL,
      header BLOB NOT NULL,
      body_start INTEGER NOT NULL,
      sender TEXT NOT NULL,
      recipients TEXT NOT NULL,
      PRIMARY KEY (message, upstream)
    ) WITHOUT ROWID;

    CREATE TABLE session (
      id TEXT PRIMARY KEY,
      started_at INTEGER NOT NULL,
      ended_at INTEGER NOT NULL,
      address TEXT NOT NULL,
      listener TEXT NOT NULL,
      device TEXT,
      helo TEXT NOT NULL,
      tls TEXT NOT NULL,
      messages TEXT NOT NULL,
      result TEXT NOT NULL,
      lines TEXT NOT NULL
    );
    CREATE INDEX session_ended ON session (ended_at);

    CREATE TABLE client (
      address TEXT PRIMARY KEY,
      speaks_first TEXT NOT NULL,
      device TEXT,
      seen_at INTEGER NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE alert (
      key TEXT PRIMARY KEY,
      severity TEXT NOT NULL,
      sentence TEXT NOT NULL,
      remedy TEXT NOT NULL,
      since INTEGER NOT NULL
    ) WITHOUT ROWID;
  `,
}
