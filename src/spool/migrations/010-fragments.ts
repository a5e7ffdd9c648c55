import type { Migration } from '../../platform/database.ts'

/** Scans that come in fragments (`message/partial`): what each was joined into, and which ones wait. */
export const fragments: Migration = {
  version: 10,
  readableFrom: 1,
  sql: `
    ALTER TABLE message ADD COLUMN joined_into INTEGER; -- the message that took its place
    CREATE INDEX delivery_collecting ON delivery (message) WHERE state = 'collecting';
  `,
}
