import type { Migration } from '../../platform/database.ts'

/** From where, before and after, and the chain; an older release adds rows without a hash, which are chained later. */
export const auditChain: Migration = {
  version: 3,
  readableFrom: 1,
  sql: `
    ALTER TABLE audit ADD COLUMN place TEXT NOT NULL DEFAULT '';
    ALTER TABLE audit ADD COLUMN changes TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE audit ADD COLUMN weakens INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT '';
  `,
}
