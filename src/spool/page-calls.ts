import type { Database } from '../platform/database.ts'
import { deviceQueries } from './device-queries.ts'
import { deviceRenaming } from './device-renaming.ts'
import { mailSearch } from './mail-search.ts'
import { onFirstUse } from './on-first-use.ts'
import type { PageReaderCalls, PageWriterCalls } from './page-protocol.ts'
import type { Settlements } from './settlements.ts'
import type { Handlers } from './thread-protocol.ts'
import { undoableDrops } from './undoable-drops.ts'

/** The reader's part of what pages ask. */
export function pageReaderCalls(database: Database): Handlers<PageReaderCalls> {
  const devices = onFirstUse(() => deviceQueries(database))
  const search = onFirstUse(() => mailSearch(database))
  return {
    'device-marks': (ask) => devices().marks(ask.devices),
    'device-present': (ask) => devices().present(ask),
    'device-past': (ask) => devices().past(ask),
    'sent-lately': ({ since }) => devices().sentLately(since),
    'sent-since': (ask) => devices().sentSince(ask),
    'usual-size': () => devices().usualSize(),
    'find-mails': (filter) => search().mails(filter),
    'find-mail': ({ id }) => search().mail(id),
    'find-sessions': ({ code, before, limit }) => search().sessions(code, before, limit),
    trail: ({ id }) => search().trail(id),
  }
}

/** The writer's part. */
export function pageWriterCalls(database: Database, settlements: Settlements): Handlers<PageWriterCalls> {
  const drops = onFirstUse(() => undoableDrops(database, settlements))
  const renaming = onFirstUse(() => deviceRenaming(database))
  return {
    'drop-until': ({ selector, until }) => drops().drop(selector, until),
    'undo-drop': ({ selector, now }) => drops().undo(selector, now),
    'end-drops': ({ now }) => drops().end(now),
    'rename-device': (names) => renaming().rename(names),
    'forget-device'({ device }) {
      renaming().forget(device)
      return undefined
    },
  }
}
