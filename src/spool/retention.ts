import { learnedLastsMs } from '../core/learning.ts'
import { day, type WallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'
import type { Bodies } from './bodies.ts'
import { tidyingMonths } from './month-uses.ts'
import type { Leftover } from './thread-protocol.ts'

/** The contract: the outbox keeps 7 days and 200 MB. */
const outboxMs = 7 * day
const outboxOctets = 200e6
/** Quota windows are a day at most; the address from which a device last signed in counts for 30 days. */
const shortestUseMs = 2 * day
const shortestClientMs = 30 * day
/** The weekly letter tells those of a week, and of the weeks that it missed. */
const shortestAlertMs = 30 * day
/** Rows per kind and slice: a few milliseconds, also on a small machine. */
const sliceRows = 200
const sliceBodies = 20
const sliceRecipients = 1000

/** History is bounded: one slice of what is too old at a time. */
export function retention(database: Database, bodies: Bodies) {
  const tidyMonths = tidyingMonths(database)
  const numbers = (sql: string) => database.prepare<[Record<string, number>], number>(sql).pluck()
  const rows = (sql: string) => database.prepare<[Record<string, number>]>(sql)

  const stamp = rows(
    `UPDATE message SET finished_wall = @now WHERE id IN
       (SELECT id FROM message WHERE finished = 1 AND finished_wall IS NULL LIMIT ${sliceRows})`,
  )
  const bodiesDue = numbers(
    `SELECT id FROM message WHERE body_until <= @now ORDER BY body_until LIMIT ${sliceBodies}`,
  )
  const outboxAged = numbers(`SELECT DISTINCT message FROM outbox WHERE at < @before LIMIT ${sliceBodies}`)
  const outboxByAge = database.prepare<[], { message: number; octets: number }>(
    `SELECT outbox.message, max(message.size) AS octets FROM outbox JOIN message ON message.id = outbox.message
     GROUP BY outbox.message ORDER BY outbox.message DESC`,
  )
  const forgetKept = rows('DELETE FROM outbox WHERE message = @message')
  const isFinished = numbers('SELECT finished FROM message WHERE id = @message')
  const old = database.prepare<[{ before: number }], { id: number; recipients: number }>(
    `SELECT id, recipient_count AS recipients FROM message WHERE finished_wall < @before AND has_body = 0
     ORDER BY finished_wall LIMIT ${sliceRows}`,
  )
  const removals = [
    'DELETE FROM attempt WHERE message = @message',
    'DELETE FROM part_recipient WHERE message = @message',
    'DELETE FROM part WHERE message = @message',
    'DELETE FROM delivery_report WHERE message = @message',
    'DELETE FROM dropped_delivery WHERE message = @message',
    'DELETE FROM delivery WHERE message = @message',
    'DELETE FROM message WHERE id = @message',
  ].map(rows)
  const cutTranscripts = rows(
    `UPDATE session SET lines = '[]' WHERE id IN
       (SELECT id FROM session WHERE ended_at < @before AND lines <> '[]' LIMIT ${sliceRows})`,
  )
  const oldSessions = rows(
    `DELETE FROM session WHERE id IN (SELECT id FROM session WHERE ended_at < @before LIMIT ${sliceRows})`,
  )
  const oldUse = rows(
    `DELETE FROM quota_use WHERE (at, upstream, what) IN
       (SELECT at, upstream, what FROM quota_use WHERE at < @before LIMIT ${sliceRows})`,
  )
  const oldClients = rows(
    `DELETE FROM client WHERE address IN (SELECT address FROM client WHERE seen_at < @before LIMIT ${sliceRows})`,
  )
  const oldSightings = rows(
    `DELETE FROM sighting WHERE address IN (SELECT address FROM sighting WHERE last_seen < @before LIMIT ${sliceRows})`,
  )
  const oldTraits = rows(
    `DELETE FROM device_trait WHERE device IN
       (SELECT device FROM device_trait WHERE last_seen < @before LIMIT ${sliceRows})`,
  )
  const oldAlerts = rows(
    `DELETE FROM alert_past WHERE (key, since) IN
       (SELECT key, since FROM alert_past WHERE until < @before LIMIT ${sliceRows})`,
  )

  const removeKept = (message: number): boolean => {
    forgetKept.run({ message })
    return isFinished.get({ message }) === 1 && bodies.release(message).hasGarbage
  }

  /** Messages of the outbox, oldest first, above what it may hold in all. */
  const outboxSurplus = (): readonly number[] => {
    let octets = 0
    const surplus: number[] = []
    for (const row of outboxByAge.all()) {
      octets += row.octets
      if (octets > outboxOctets) surplus.push(row.message)
    }
    return surplus.slice(-sliceBodies)
  }

  /** Messages too old to be kept, so many that their rows make one slice. */
  const oldMessages = (before: number): readonly number[] => {
    let recipients = 0
    const some = old.all({ before }).filter((message, index) => {
      const isFirst = index === 0
      recipients += message.recipients
      return isFirst || recipients <= sliceRecipients
    })
    return some.map(({ id }) => id)
  }

  const removeMessage = (message: number): void => {
    for (const removal of removals) removal.run({ message })
  }

  return {
    removeKept,
    /** One slice; `more` while another may find something. */
    tidy(now: WallMs, keepMs: number, keepTranscriptsMs: number): Leftover & { more: boolean } {
      const before = now - keepMs
      let changes = stamp.run({ now }).changes
      const kept = new Set([...outboxAged.all({ before: now - outboxMs }), ...outboxSurplus()])
      const due = bodiesDue.all({ now })
      const garbage = [...[...kept].map(removeKept), ...due.map((id) => bodies.release(id).hasGarbage)]
      const messages = oldMessages(before)
      messages.forEach(removeMessage)
      changes += kept.size + due.length + messages.length
      changes += cutTranscripts.run({ before: now - keepTranscriptsMs }).changes
      changes += oldSessions.run({ before }).changes
      changes += oldUse.run({ before: now - Math.max(keepMs, shortestUseMs) }).changes
      changes += oldClients.run({ before: now - Math.max(keepMs, shortestClientMs) }).changes
      changes += oldSightings.run({ before: now - learnedLastsMs }).changes
      changes += tidyMonths(now)
      changes += oldTraits.run({ before: now - learnedLastsMs }).changes
      changes += oldAlerts.run({ before: now - Math.max(keepMs, shortestAlertMs) }).changes
      return { more: changes > 0, hasGarbage: garbage.includes(true) }
    },
  }
}

export type Retention = ReturnType<typeof retention>
