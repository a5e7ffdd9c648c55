import type { Database } from '../platform/database.ts'
import { messageColumns, type PublicationRows } from './publication-rows.ts'

/** Messages with their queue rows, as one transaction publishes them; the body is written beside it. */
export function publications(database: Database) {
  const insertMessage = database.prepare(
    `INSERT INTO message (${messageColumns.join(', ')}) VALUES (${messageColumns.map(() => '?').join(', ')})`,
  )
  const insertDelivery = database.prepare(
    `INSERT INTO delivery (message, number, priority, address, said, notify, orcpt, state, due_at, code, reason,
       waiting_for, attempts, counted_ms, counting_since, refused_by)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, '[]')`,
  )
  const counter = database.prepare<[], number>("SELECT value FROM counter WHERE name = 'message'").pluck()
  const raise = database.prepare<[number, number]>(
    "UPDATE counter SET value = ? WHERE name = 'message' AND value < ?",
  )
  const markReply = database.prepare<[number, number]>('UPDATE message SET reply_followed = ? WHERE id = ?')

  return {
    /** Every recipient is due at once and its lifetime begins, unless the message is paced, or parked. */
    publish({ number, message, deliveries }: PublicationRows): void {
      insertMessage.run(...message)
      for (const delivery of deliveries) insertDelivery.run(number, ...delivery)
      // An id that was handed out while the mark could not be written must still never be used twice.
      raise.run(number, number)
    },
    /** Takes a block of numbers; the mark on disk is above them before one is used. */
    takeNumbers(count: number): { first: number } {
      const value = counter.get() ?? 0
      raise.run(value + count, value + count)
      return { first: value + 1 }
    },
    markReply(id: number, isFollowed: boolean): void {
      markReply.run(isFollowed ? 1 : 0, id)
    },
  }
}

export type Publications = ReturnType<typeof publications>
