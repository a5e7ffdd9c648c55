/** Where the data of an inkpost lies on a card or in a folder that a person names; the first that has settings counts. */
export const oldBoxPlaces = ['', 'inkpost', 'var/lib/inkpost', 'lib/inkpost'] as const

/**
 * What of a data directory makes another box this one. A database that was not closed has its last changes beside it: SQLite
 * needs them, and makes what else it needs anew.
 */
export const oldBoxFiles = [
  'settings.db',
  'settings.db-wal',
  'settings.db-journal',
  'vault.key',
  'spool.db',
  'spool.db-wal',
  'spool.db-journal',
] as const

export type OldBoxFile = (typeof oldBoxFiles)[number]

export interface OldBoxFacts {
  readonly files: readonly { readonly name: OldBoxFile; readonly octets: number }[]
  /** ISO 8601, UTC: when anything of it was last written. */
  readonly written: string
}

export const isOldBoxFile = (name: string): name is OldBoxFile => oldBoxFiles.some((known) => known === name)
