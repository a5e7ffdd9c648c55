import { type Database, databaseTrouble } from '../platform/database.ts'

/** 16 MB: from here the reader copies pages back while the writer goes on. */
const askAtPages = 4096
/** 32 MB: from here the writer does it itself, because only then does the WAL begin again at its start. */
const actAtPages = 8192

/** 1 MB: from here on it is worth looking how large the log has become. */
const lookAfterPages = 256
const pageOctets = 4096
/** What one request writes beside counted rows: large texts on pages of their own, the ends of the tree. */
const pagesPerRequest = 8
/** A row and its places in the indexes, generously: one request may change thousands. */
const pagesPerRow = 4

interface WalState {
  readonly busy: number
  readonly log: number
  readonly checkpointed: number
}

/** Keeps the write-ahead log between few checkpoints (each page is then written back once) and a bounded file. */
export function walSize(database: Database) {
  const noop = database.prepare<[], WalState>('PRAGMA wal_checkpoint(NOOP)')
  const passive = database.prepare<[], WalState>('PRAGMA wal_checkpoint(PASSIVE)')
  // A counter in memory, so that it can be looked at after every group.
  const changedRows = database.prepare<[], number>('SELECT total_changes()').pluck()
  const truncate = database.prepare<[], WalState>('PRAGMA wal_checkpoint(TRUNCATE)')

  let unseenPages = 0
  let countedRows = changedRows.get() ?? 0

  return {
    /** After a group: pages for the reader to copy back; 0 while they are too few to bother. `octets` of bodies were written. */
    backlog(requests: number, octets: number): number {
      unseenPages += requests * pagesPerRequest + rowsSinceThen() * pagesPerRow + octets / pageOctets
      if (unseenPages < lookAfterPages) return 0
      unseenPages = 0
      const { log, checkpointed } = stateAfter(noop)
      const pages = log - checkpointed
      if (log >= actAtPages && pages > 0) return backlogAfter(stateAfter(passive))
      return pages >= askAtPages ? pages : 0
    },
    /** At the end: leaves a database of one file. Bounded by the size that the WAL can have. */
    truncate(): void {
      stateAfter(truncate)
    },
  }

  function rowsSinceThen(): number {
    const before = countedRows
    countedRows = changedRows.get() ?? 0
    return countedRows - before
  }

  function backlogAfter({ log, checkpointed }: WalState): number {
    return log - checkpointed >= askAtPages ? log - checkpointed : 0
  }

  /** A checkpoint that the disk does not allow now is tried again after the next commit. */
  function stateAfter(checkpoint: typeof noop): WalState {
    try {
      return checkpoint.get() ?? { busy: 0, log: 0, checkpointed: 0 }
    } catch (error) {
      if (databaseTrouble(error) === undefined) throw error
      return { busy: 1, log: 0, checkpointed: 0 }
    }
  }
}
