import type { Database } from '../platform/database.ts'
import { chunkId } from './chunk-layout.ts'
import { dueQueries } from './due-queries.ts'
import { factQueries } from './fact-queries.ts'
import { fragmentQueries } from './fragment-queries.ts'
import { historyQueries } from './history-queries.ts'
import { learningReaderCalls } from './learning-calls.ts'
import { numberOf } from './message-number.ts'
import { messageViews } from './message-views.ts'
import { monthQueries } from './month-uses.ts'
import { onFirstUse } from './on-first-use.ts'
import { pageReaderCalls } from './page-calls.ts'
import { reportQueries } from './report-queries.ts'
import { tellingReaderCalls } from './telling-calls.ts'
import type { Handlers, ReaderCalls } from './thread-protocol.ts'

/** Answers every call of the reader. No call leaves a transaction open, so that checkpoints are never held up. */
export function readerCalls(database: Database): Handlers<ReaderCalls> {
  const due = dueQueries(database)
  const views = messageViews(database)
  const facts = factQueries(database)
  const fragments = onFirstUse(() => fragmentQueries(database))
  const reports = onFirstUse(() => reportQueries(database))
  const history = onFirstUse(() => historyQueries(database))
  const months = onFirstUse(() => monthQueries(database))
  const size = database
    .prepare<[number], number>('SELECT size FROM message WHERE id = ? AND has_body = 1')
    .pluck()
  const chunk = database.prepare<[number], Uint8Array>('SELECT octets FROM chunk WHERE id = ?').pluck()
  const lastNumber = database.prepare<[], number>("SELECT value FROM counter WHERE name = 'message'").pluck()
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')

  return {
    size: ({ id }) => size.get(numberOf(id)),
    chunk: ({ number, chunk: index }) => chunk.get(chunkId(number, index)),
    'last-number': () => lastNumber.get() ?? 0,
    'lost-replies': ({ since }) => facts.lostReplies(since),
    due: ({ now, limit }) => due.due(now, limit),
    'due-asks': ({ now, limit }) => due.dueAsks(now, limit),
    collecting: () => fragments().sets(),
    fragment: ({ id }) => fragments().fragment(id),
    'next-due-at': () => due.nextDueAt(),
    reported: ({ operationId }) => reports().reported(operationId),
    'awaits-report': ({ upstream, since }) => reports().awaitsReport(upstream, since),
    'mail-counts': ({ since }) => reports().mailCounts(since),
    suppressions: ({ since, limit }) => reports().suppressions(since, limit),
    pauses: () => facts.pauses(),
    'quota-use': ({ since }) => facts.quotaUse(since),
    'accepted-since': ({ since }) => facts.acceptedSince(since),
    queue: ({ all, limit }) => views.queue(all, limit),
    message: ({ id }) => views.message(id),
    counts: () => views.counts(),
    history: ({ after, since }) => history()(after, since),
    'month-use': ({ since }) => months()(since),
    sessions: ({ limit }) => facts.sessions(limit),
    session: ({ id }) => facts.session(id),
    clients: ({ since }) => facts.clients(since),
    alerts: () => facts.alerts(),
    ...learningReaderCalls(database),
    ...tellingReaderCalls(database),
    ...pageReaderCalls(database),
    checkpoint: () => {
      checkpoint.all()
      return undefined
    },
  }
}
