import type { Publication } from '../core/spool.ts'
import type { Database } from '../platform/database.ts'
import { bodies as openBodies } from './bodies.ts'
import { forgetting } from './forgetting.ts'
import { fragments as openFragments } from './fragments.ts'
import type { FreeSpace } from './free-space.ts'
import { learningWriterCalls } from './learning-calls.ts'
import { numberOf } from './message-number.ts'
import { onFirstUse } from './on-first-use.ts'
import { pageWriterCalls } from './page-calls.ts'
import { publications as openPublications } from './publications.ts'
import { queueChanges } from './queue-changes.ts'
import { recordedFacts } from './recorded-facts.ts'
import { reportSettlements } from './report-settlements.ts'
import { retention as openRetention } from './retention.ts'
import { settlements as openSettlements } from './settlements.ts'
import { tellingWriterCalls } from './telling-calls.ts'
import type { Handlers, WriterCalls } from './thread-protocol.ts'

/** Answers every call of the writer; each runs inside a transaction that somebody else opened. */
export function writerCalls(
  database: Database,
  space: FreeSpace,
  reserveOctets: number,
): Handlers<WriterCalls> {
  const bodies = openBodies(database)
  const publications = openPublications(database)
  const settlements = openSettlements(database, { bodies, publications })
  const fragments = onFirstUse(() => openFragments(database, settlements))
  const reports = onFirstUse(() => reportSettlements(database, settlements))
  const queue = queueChanges(database, { bodies, settlements })
  const facts = recordedFacts(database)
  const retention = openRetention(database, bodies)
  const history = onFirstUse(() => forgetting(database, retention))

  /** What is under way goes on when space is short; only new mail is sent away. */
  const unlessFull = (chunks: readonly Uint8Array[], write: () => void): Publication => {
    if (space.spare() < reserveOctets) return { kind: 'full' }
    write()
    space.use(chunks.reduce((sum, { length }) => sum + length, 0))
    return { kind: 'stored' }
  }

  return {
    'take-numbers': ({ count }) => publications.takeNumbers(count),
    'write-chunks': ({ number, firstChunk, chunks }) =>
      unlessFull(chunks, () => bodies.writeAhead(number, firstChunk, chunks)),
    publish({ rows, number, firstChunk, chunks, joining }) {
      const refusal = rows.collected && fragments().refusal(rows.collected)
      if (refusal) return refusal
      if (joining && !fragments().mayJoin(joining, rows.deliveries.length)) return { kind: 'changed' }
      return unlessFull(chunks, () => {
        publications.publish(rows)
        if (firstChunk > 0) bodies.adopt(number)
        bodies.write(number, firstChunk, chunks)
        if (joining) fragments().join(number, joining)
      })
    },
    'give-up': (givingUp) => fragments().giveUp(givingUp),
    discard: ({ number }) => bodies.discard(number),
    sweep: () => bodies.sweep(),
    recover: ({ now }) => queue.recover(now),
    'mark-reply': ({ id, isFollowed }) => done(publications.markReply(numberOf(id), isFollowed)),
    start: (start) => settlements.start(start),
    settle: (settlement) => settlements.settle(settlement),
    'settle-report': (settlement) => reports().settle(settlement),
    wake: ({ upstream, limit, now }) => queue.wake(upstream, limit, now),
    'shift-times': (shift) => done(queue.shiftTimes(shift)),
    operate: ({ action, selector, now }) => queue.operate(action, selector, now),
    'hold-older': ({ acceptedBefore, now }) => queue.holdOlder(acceptedBefore, now),
    'set-pause': (pause) => done(facts.setPause(pause)),
    'clear-pause': ({ upstream, sender }) => done(facts.clearPause(upstream, sender)),
    'record-use': (use) => done(settlements.use(use)),
    'save-sessions': (sessions) => done(facts.saveSessions(sessions)),
    'remember-clients': (clients) => done(facts.rememberClients(clients)),
    'save-alert': ({ alert, since }) => done(facts.saveAlert(alert, since)),
    'clear-alert': ({ key, until }) => done(facts.clearAlert(key, until)),
    keep: (entry) => done(facts.keep(entry)),
    tidy: ({ now, keepMs, keepTranscriptsMs }) => retention.tidy(now, keepMs, keepTranscriptsMs),
    forget: ({ address, after }) => history().forget(address, after),
    ...learningWriterCalls(database, settlements),
    ...tellingWriterCalls(database, settlements),
    ...pageWriterCalls(database, settlements),
    probe: () => {
      facts.probe()
      return { spareOctets: space.spare(), reserveOctets }
    },
  }
}

const done = (_written: unknown): undefined => undefined
