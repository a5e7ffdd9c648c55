import type { GivingUp, Joining } from '../core/collecting-spool.ts'
import { collectingMs, mostOpenSets } from '../core/fragment.ts'
import { messageIdOf } from '../core/message-id.ts'
import type { Publication } from '../core/spool.ts'
import type { Database } from '../platform/database.ts'
import { isCollectingSql, isSameSetSql } from './fragment-sql.ts'
import { numberOf } from './message-number.ts'
import type { CollectedRow } from './publication-rows.ts'
import type { Settlements } from './settlements.ts'

const isInSet = 'partial_key = @key AND device IS @device AND envelope_sha256 = @envelope'
const waits = `joined_into IS NULL AND EXISTS
  (SELECT 1 FROM delivery WHERE delivery.message = message.id AND state IN ('collecting', 'held'))`

/** Fragments as they come and as they end; each inside the transaction of what they belong to. */
export function fragments(database: Database, settlements: Pick<Settlements, 'conclude' | 'publishOwn'>) {
  const repeat = database
    .prepare<[CollectedRow & { since: number }], number>(
      `SELECT id FROM message WHERE ${isInSet} AND partial_number = @number AND content_sha256 = @content
         AND (joined_into IS NOT NULL AND accepted_wall > @since OR ${waits}) ORDER BY id LIMIT 1`,
    )
    .pluck()
  const others = database.prepare<[CollectedRow], { octets: number; count: number }>(
    `SELECT total(size) AS octets, count(*) AS count FROM
       (SELECT max(size) AS size FROM message WHERE ${isInSet} AND partial_number <> @number AND ${waits}
        GROUP BY partial_number)`,
  )
  const otherSets = database
    .prepare<[CollectedRow], number>(
      `SELECT count(*) FROM (SELECT DISTINCT partial_key, envelope_sha256
         FROM (SELECT DISTINCT message FROM delivery WHERE ${isCollectingSql}) JOIN message ON id = message
         WHERE device IS @device AND NOT (${isInSet}))`,
    )
    .pluck()
  const waitingFor = database
    .prepare<[number], number>(`SELECT count(*) FROM delivery WHERE message = ? AND ${isCollectingSql}`)
    .pluck()
  const inSetOf = database
    .prepare<[number], number>(
      `SELECT count(*) FROM message AS own JOIN message AS other ON ${isSameSetSql} WHERE own.id = ? AND EXISTS
         (SELECT 1 FROM delivery WHERE delivery.message = other.id AND ${isCollectingSql})`,
    )
    .pluck()
  const endDeliveries = database.prepare<[number]>(
    `DELETE FROM delivery WHERE message = ? AND ${isCollectingSql}`,
  )
  const endMessage = database.prepare<[number, number]>('UPDATE message SET joined_into = ? WHERE id = ?')
  const letGo = database.prepare<
    [{ message: number; state: string; dueAt: number | null; reason: string; now: number }]
  >(
    `UPDATE delivery SET state = @state, due_at = @dueAt, code = 'incomplete', reason = @reason,
       counting_since = CASE WHEN @dueAt IS NULL THEN NULL ELSE @now END
     WHERE message = @message AND ${isCollectingSql}`,
  )
  const leaveSet = database.prepare<[number]>('UPDATE message SET partial_key = NULL WHERE id = ?')

  const wait = (message: number): boolean => (waitingFor.get(message) ?? 0) > 0

  return {
    /** Why a fragment is not taken; undefined if it is. */
    refusal(row: CollectedRow): Publication | undefined {
      const of = repeat.get({ ...row, since: row.at - collectingMs })
      if (of !== undefined) return { kind: 'repeat', of: messageIdOf(of) }
      const { octets, count } = others.get(row) ?? { octets: 0, count: 0 }
      if (octets + row.octets > row.mostOctets) return { kind: 'too-large' }
      if (count === 0 && (otherSets.get(row) ?? 0) >= mostOpenSets) return { kind: 'too-many-sets' }
      return undefined
    },
    /** Whether they are the whole set, and wait for so many recipients still. */
    mayJoin({ fragments }: Joining, recipients: number): boolean {
      const numbers = fragments.map(numberOf)
      const [first = 0] = numbers
      return (
        waitingFor.get(first) === recipients && inSetOf.get(first) === numbers.length && numbers.every(wait)
      )
    },
    join(into: number, { fragments, letters }: Joining): void {
      for (const message of fragments.map(numberOf)) {
        endDeliveries.run(message)
        endMessage.run(into, message)
        settlements.conclude(message)
      }
      letters.forEach(settlements.publishOwn)
    },
    giveUp({ fragments, reason, letters, now }: GivingUp): boolean {
      if (!fragments.every(({ message }) => wait(numberOf(message)))) return false
      for (const { message, isHeld } of fragments) {
        const state = isHeld ? 'held' : 'queued'
        letGo.run({ message: numberOf(message), state, dueAt: isHeld ? null : now, reason, now })
        leaveSet.run(numberOf(message))
      }
      letters.forEach(settlements.publishOwn)
      return true
    },
  }
}
