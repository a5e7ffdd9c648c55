import type { QueueSelector } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'
import { isChosenSql, isJoinedByOthersSql, isJoinedSql, leaveSetSql } from './fragment-sql.ts'
import { numberOf } from './message-number.ts'
import { droppableSql, dropped } from './queue-changes.ts'
import type { Settlements } from './settlements.ts'
import type { Leftover } from './thread-protocol.ts'

/** Messages of one slice. */
const sliceMails = 200

/**
 * Drops that can be undone for a while (docs/decisions/0025): the delivery is dropped at once, so that nothing is sent, and
 * what it was stays beside it, so that its message is not finished and keeps its body until the time is over.
 */
export function undoableDrops(database: Database, settlements: Settlements) {
  const keep = database.prepare<[Bindings & { until: number }]>(
    `INSERT OR REPLACE INTO dropped_delivery
       SELECT message, number, @until, state, due_at, waiting_for, code, reason FROM delivery
       WHERE ${selected} AND ${droppableSql}`,
  )
  const drop = database.prepare<[Bindings]>(
    `UPDATE delivery SET ${dropped} WHERE ${selected} AND ${droppableSql}`,
  )
  // What waited for a way out looks for one anew: that may have come back meanwhile.
  const restore = database.prepare<[Bindings & { now: number }]>(
    `UPDATE delivery SET state = kept.state, code = kept.code, reason = kept.reason,
       due_at = iif(kept.waiting_for IS NULL, kept.due_at, @now),
       counting_since = iif(kept.waiting_for IS NULL, counting_since, coalesce(counting_since, @now))
     FROM dropped_delivery AS kept
     WHERE kept.message = delivery.message AND kept.recipient = delivery.number AND kept.until > @now
       AND delivery.state = 'dropped'
       AND (delivery.message, delivery.number) IN (SELECT message, number FROM delivery WHERE ${selected})
       AND NOT (kept.state = 'collecting' AND (${isJoinedSql} OR ${isJoinedByOthersSql}))`,
  )
  const forget = database.prepare<[{ now: number }]>(
    `DELETE FROM dropped_delivery WHERE until > @now AND EXISTS
       (SELECT 1 FROM delivery WHERE message = dropped_delivery.message AND number = recipient AND state <> 'dropped')`,
  )
  const leaveSet = database.prepare<[number]>(leaveSetSql)
  // A clock that was put back must not keep it for years.
  const over = database
    .prepare<[{ now: number; longest: number }], number>(
      `SELECT DISTINCT message FROM dropped_delivery WHERE until <= @now OR until > @now + @longest LIMIT ${sliceMails}`,
    )
    .pluck()
  const release = database.prepare<[{ message: number; now: number; longest: number }]>(
    `DELETE FROM dropped_delivery WHERE message = @message AND (until <= @now OR until > @now + @longest)`,
  )
  const next = database.prepare<[], WallMs | null>('SELECT min(until) FROM dropped_delivery').pluck()

  return {
    drop(selector: QueueSelector, until: WallMs): number {
      const bindings = bindingsOf(selector)
      keep.run({ ...bindings, until })
      return drop.run(bindings).changes
    },
    undo(selector: QueueSelector, now: WallMs): number {
      const bindings = { ...bindingsOf(selector), now }
      const { changes } = restore.run(bindings)
      forget.run({ now })
      return changes
    },
    end(now: WallMs): Leftover & { next: WallMs | undefined; more: boolean } {
      const messages = over.all({ now, longest: longestUndoMs })
      const leftovers = messages.map((message) => {
        release.run({ message, now, longest: longestUndoMs })
        leaveSet.run(message)
        return settlements.conclude(message)
      })
      return {
        hasGarbage: leftovers.some(({ hasGarbage }) => hasGarbage),
        next: next.get() ?? undefined,
        more: messages.length === sliceMails,
      }
    },
  }
}

const longestUndoMs = 3_600_000

interface Bindings {
  readonly message: number | null
  readonly recipient: number | null
}

const bindingsOf = (selector: QueueSelector): Bindings =>
  selector === 'all'
    ? { message: null, recipient: null }
    : { message: numberOf(selector.message), recipient: selector.recipient ?? null }

const selected = `(@message IS NULL OR ${isChosenSql})`
