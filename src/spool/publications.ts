import type { NewMessage, Priority } from '../core/message.ts'
import { reviewMs } from '../core/step-delivery.ts'
import type { Database } from '../platform/database.ts'
import { envelopeHash } from './envelope-hash.ts'
import { numberOf } from './message-number.ts'

export const priorityRanks: Readonly<Record<Priority, number>> = { alarm: 0, normal: 1, bulk: 2 }

const columns = [
  'id',
  'kind',
  'priority',
  'device',
  'session',
  'about',
  'sender',
  'subject',
  'header_message_id',
  'reverse_path',
  'body_type',
  'smtputf8',
  'dsn_ret',
  'dsn_envid',
  'route',
  'size',
  'route_facts',
  'part_index',
  'content_sha256',
  'envelope_sha256',
  'is_identifiable',
  'accepted_wall',
  'accepted_monotonic',
  'boot_id',
  'clock_believable',
  'recipient_count',
] as const

type MessageRow = Readonly<Record<(typeof columns)[number], string | number | undefined>>

function rowOf(message: NewMessage, size: number): MessageRow {
  const { envelope } = message
  return {
    id: numberOf(message.id),
    kind: message.kind,
    priority: priorityRanks[message.priority],
    device: message.device,
    session: message.session,
    about: message.about === undefined ? undefined : numberOf(message.about),
    sender: message.from,
    subject: message.subject,
    header_message_id: message.headerMessageId,
    reverse_path: envelope.reversePath,
    body_type: envelope.bodyType,
    smtputf8: envelope.smtputf8 ? 1 : 0,
    dsn_ret: envelope.dsn.ret,
    dsn_envid: envelope.dsn.envid,
    route: message.route === undefined ? undefined : JSON.stringify(message.route),
    size,
    route_facts: JSON.stringify(message.facts),
    part_index: JSON.stringify(message.index),
    content_sha256: message.contentSha256,
    envelope_sha256: envelopeHash(envelope),
    is_identifiable: message.isIdentifiable ? 1 : 0,
    accepted_wall: message.acceptedWall,
    accepted_monotonic: message.acceptedMonotonic,
    boot_id: message.bootId,
    clock_believable: message.clockBelievable ? 1 : 0,
    recipient_count: envelope.recipients.length,
  }
}

/** State, due time, code, reason, what it waits for, and since when its lifetime counts. */
function startOf({ acceptedWall, notBefore, parked }: NewMessage): readonly (string | number | null)[] {
  if (parked) {
    const { waitingFor, code, reason } = parked
    return ['deferred', acceptedWall + reviewMs, code, reason, waitingFor, null]
  }
  const dueAt = Math.max(acceptedWall, notBefore ?? acceptedWall)
  if (dueAt > acceptedWall)
    return ['deferred', dueAt, 'paced', 'its device is above its own rate', null, acceptedWall]
  return ['queued', dueAt, 'queued', 'waiting for its first attempt', null, acceptedWall]
}

/** Messages with their queue rows, as one transaction publishes them; the body is written beside it. */
export function publications(database: Database) {
  const insertMessage = database.prepare<[MessageRow]>(
    `INSERT INTO message (${columns.join(', ')}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`,
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
  const markReplyLost = database.prepare<[number]>('UPDATE message SET reply_followed = 0 WHERE id = ?')

  return {
    /** Every recipient is due at once and its lifetime begins, unless the message is paced, or parked. */
    publish(message: NewMessage, size: number): void {
      const row = rowOf(message, size)
      const id = numberOf(message.id)
      insertMessage.run(row)
      for (const [index, recipient] of message.envelope.recipients.entries()) {
        const { address, said, notify, orcpt } = recipient
        const start = startOf(message)
        insertDelivery.run(id, index + 1, row.priority, address, said, notify, orcpt, ...start)
      }
      // An id that was handed out while the mark could not be written must still never be used twice.
      raise.run(id, id)
    },
    /** Takes a block of numbers; the mark on disk is above them before one is used. */
    takeNumbers(count: number): { first: number } {
      const value = counter.get() ?? 0
      raise.run(value + count, value + count)
      return { first: value + 1 }
    },
    markReplyLost(id: number): void {
      markReplyLost.run(id)
    },
  }
}

export type Publications = ReturnType<typeof publications>
