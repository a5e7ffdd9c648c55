import { randomUUID } from 'node:crypto'
import { awaitsAdoption } from '../core/learning.ts'
import { mayAlreadyBeSent } from '../core/restored-mail.ts'
import type { ClockShift, QueueAction, QueueSelector, RecoveryReport } from '../core/spool.ts'
import { reachOfClock, type WallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'
import type { Bodies } from './bodies.ts'
import { isChosenSql, isCollectingSql, leaveSetSql } from './fragment-sql.ts'
import { numberOf } from './message-number.ts'
import { isOpenSql } from './schema.ts'
import type { Settlements } from './settlements.ts'
import type { Leftover } from './thread-protocol.ts'

/** What an operator drops, and to what that makes it. */
export const droppableSql = `state <> 'sending' AND ${isOpenSql}`
export const dropped = `state = 'dropped', due_at = NULL, waiting_for = NULL, code = 'dropped-by-operator',
  reason = 'dropped by an operator'`

const waiting = `state IN ('queued', 'deferred')`
const held = `state = 'held', due_at = NULL, waiting_for = NULL,
  counted_ms = counted_ms + max(0, @now - coalesce(counting_since, @now)), counting_since = NULL`
const heldAsOlder = `${held}, code = '${mayAlreadyBeSent.code}',
  reason = '${mayAlreadyBeSent.reason} by the other box with this identity'`

interface ActionSql {
  readonly set: string
  readonly where: string
  readonly whereNamed?: string
}

/**
 * What an operator's action does to a delivery, and to which it applies; to which others where the mail is named.
 * `@now` is the time.
 */
const actions: Readonly<Record<QueueAction, ActionSql>> = {
  // An uncertain one with a time is to be sent again (or waits for a way out); without one it waits for an answer.
  retry: {
    set: `due_at = @now, waiting_for = NULL, counting_since = coalesce(counting_since, @now)`,
    where: `(state = 'deferred' OR (state = 'indeterminate' AND due_at IS NOT NULL))`,
  },
  // What waits for a person uses up no lifetime.
  hold: {
    set: `${held}, code = 'held-by-operator', reason = 'held by an operator'`,
    where: waiting,
    whereNamed: isCollectingSql,
  },
  release: {
    set: `state = 'queued', due_at = @now, code = 'released', reason = 'released by an operator', counting_since = @now`,
    where: `state = 'held' AND code <> '${awaitsAdoption}'`,
    // Fragments go as they are: nobody means that by `all`.
    whereNamed: isCollectingSql,
  },
  drop: { set: dropped, where: droppableSql },
}

const shift = (table: string, column: string): string =>
  `UPDATE ${table} SET ${column} = ${column} + @byMs WHERE ${column} BETWEEN @least AND @most`

/** Changes of the queue that come from no attempt: start of the process, pauses that end, operators, the clock. */
export function queueChanges(database: Database, rooms: { bodies: Bodies; settlements: Settlements }) {
  const wake = database.prepare<[{ upstream: string; limit: number; now: number }]>(
    `UPDATE delivery SET due_at = @now, waiting_for = NULL, counting_since = coalesce(counting_since, @now)
     WHERE waiting_for = @upstream AND message IN
       (SELECT DISTINCT message FROM delivery WHERE waiting_for = @upstream ORDER BY message LIMIT @limit)`,
  )
  // Each column for itself: the beginning of a wait and its end may belong to different clocks.
  const shifts = [
    shift('delivery', 'due_at'),
    `${shift('delivery', 'counting_since')} AND ${isOpenSql}`,
    shift('part', 'next_ask_at'),
    shift('message', 'body_until'),
    // Known to be wrong when it was written: else a mail that is minutes old would count as waiting since 1970.
    // What was sent has this time as its Date: a repeat has to be the same octets.
    `${shift('message', 'accepted_wall')} AND clock_believable = 0
       AND NOT EXISTS (SELECT 1 FROM part WHERE part.message = message.id)`,
    shift('pause', 'since'),
    shift('pause', 'next_probe_at'),
    shift('take_over', 'opened_at'),
    shift('take_over', 'until'),
    shift('dropped_delivery', 'until'),
    shift('dropped_delivery', 'due_at'),
  ].map((sql) => database.prepare<[{ byMs: number; least: number; most: number }]>(sql))
  const interruptParts = database.prepare<[number]>(
    // By way of its deliveries: an index of its own would cost every message two more pages.
    `UPDATE part SET state = 'indeterminate', next_ask_at = ? WHERE state = 'sending' AND message IN
       (SELECT message FROM delivery WHERE ${isOpenSql} AND state = 'sending')`,
  )
  // An earlier release knows nothing of reports, and tidies their messages away.
  const sweepReports = database.prepare(
    'DELETE FROM delivery_report WHERE message NOT IN (SELECT id FROM message)',
  )
  const sweepDrops = database.prepare(
    'DELETE FROM dropped_delivery WHERE message NOT IN (SELECT id FROM message)',
  )
  const interruptDeliveries = database.prepare<[number]>(
    `UPDATE delivery SET state = 'indeterminate', due_at = ?, waiting_for = NULL, code = 'interrupted',
       reason = 'the box stopped while it was being sent' WHERE ${isOpenSql} AND state = 'sending'`,
  )
  const countOpen = database.prepare<[], number>(`SELECT count(*) FROM delivery WHERE ${isOpenSql}`).pluck()
  const all = byAction(
    ({ set, where }) => `UPDATE delivery SET ${set} WHERE ${isOpenSql} AND ${where} RETURNING message`,
  )
  // A scan that comes in fragments is acted on as a whole, by any of them.
  const one = byAction(
    ({ set, where, whereNamed }) =>
      `UPDATE delivery SET ${set} WHERE ${isOpenSql} AND ${eitherSql(where, whereNamed)} AND ${isChosenSql}
       RETURNING message`,
  )
  const leaveSet = database.prepare<[number]>(leaveSetSql)

  const makeNamespace = database.prepare<[string]>(`INSERT OR IGNORE INTO meta VALUES ('namespace', ?)`)
  const namespace = database.prepare<[], string>(`SELECT value FROM meta WHERE key = 'namespace'`).pluck()

  return {
    wake: (upstream: string, limit: number, now: WallMs): number =>
      wake.run({ upstream, limit, now }).changes,
    shiftTimes({ byMs, from }: ClockShift): void {
      for (const shift of shifts) shift.run({ byMs, ...reachOfClock(from) })
    },
    operate(action: QueueAction, selector: QueueSelector, now: WallMs): Leftover & { changed: number } {
      const messages =
        selector === 'all'
          ? all[action].all({ now })
          : one[action].all({
              now,
              message: numberOf(selector.message),
              recipient: selector.recipient,
            })
      if (action === 'drop' || action === 'release') for (const message of messages) leaveSet.run(message)
      if (action !== 'drop') return { changed: messages.length, hasGarbage: false }
      const leftovers = [...new Set(messages)].map(rooms.settlements.conclude)
      return { changed: messages.length, hasGarbage: leftovers.some(({ hasGarbage }) => hasGarbage) }
    },
    /** Asked for once in the life of a box. */
    holdOlder: (acceptedBefore: WallMs, now: WallMs): number =>
      database
        .prepare<[{ acceptedBefore: number; now: number }]>(
          `UPDATE delivery SET ${heldAsOlder} WHERE ${isOpenSql} AND ${waiting}
             AND message IN (SELECT id FROM message WHERE accepted_wall < @acceptedBefore)`,
        )
        .run({ acceptedBefore, now }).changes,
    /** Sweeping goes on after it, in slices. */
    recover(now: WallMs): RecoveryReport {
      makeNamespace.run(randomUUID())
      const uncertainParts = interruptParts.run(now).changes
      interruptDeliveries.run(now)
      sweepReports.run()
      sweepDrops.run()
      return {
        namespace: namespace.get() ?? '',
        sweptReceptions: rooms.bodies.abandonArrivals(),
        uncertainParts,
        openDeliveries: countOpen.get() ?? 0,
      }
    },
  }

  function byAction(sql: (action: ActionSql) => string) {
    const prepare = (action: QueueAction) => {
      return database.prepare<[Record<string, number | undefined>], number>(sql(actions[action])).pluck()
    }
    return {
      retry: prepare('retry'),
      hold: prepare('hold'),
      release: prepare('release'),
      drop: prepare('drop'),
    }
  }
}

const eitherSql = (where: string, named: string | undefined): string =>
  named === undefined ? where : `(${where} OR ${named})`
