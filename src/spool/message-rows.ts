import type { Address } from '../core/address.ts'
import type { Envelope } from '../core/envelope.ts'
import type { MessageKind, Priority, RouteFacts } from '../core/message.ts'
import { type MessageId, messageIdOf } from '../core/message-id.ts'
import type { DeliveryState } from '../core/outcome.ts'
import type { PartIndex } from '../core/part-index.ts'
import type { DueMessage, DueRecipient, Part, PartState } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'

/** Columns of `message` that the queue needs; typed as they were written, by this room alone. */
interface MessageRow {
  readonly id: number
  readonly kind: MessageKind
  readonly priority: number
  readonly device: string | null
  readonly about: number | null
  readonly sender: string | null
  readonly subject: string
  readonly header_message_id: string
  readonly reverse_path: Address | ''
  readonly body_type: Envelope['bodyType']
  readonly smtputf8: number
  readonly dsn_ret: 'FULL' | 'HDRS' | null
  readonly dsn_envid: string | null
  readonly route: string | null
  readonly route_facts: string
  readonly part_index: string
  readonly accepted_wall: WallMs
  readonly recipient_count: number
}

export interface DeliveryRow {
  readonly number: number
  readonly address: Address
  readonly said: string | null
  readonly notify: string | null
  readonly orcpt: string | null
  readonly state: DeliveryState
  readonly code: string
  readonly due_at: WallMs | null
  readonly attempts: number
  readonly counted_ms: number
  readonly counting_since: WallMs | null
  readonly refused_by: string
}

interface PartRow {
  readonly upstream: string
  readonly number: number
  readonly generation: number
  readonly operation_id: string
  readonly body_sha256: string
  readonly state: PartState
  readonly sends: number
  readonly asks: number
  readonly next_ask_at: WallMs | null
  readonly started_at: WallMs
  readonly recipients: string
}

const priorities: readonly Priority[] = ['alarm', 'normal', 'bulk']
/** Parts whose recipients are not free for another. */
const unsettled: ReadonlySet<PartState> = new Set(['sending', 'indeterminate', 'open'])

export const idOrNone = (number: number | null): MessageId | undefined =>
  number === null ? undefined : messageIdOf(number)

/** Messages as delivery sees them. */
export function messageRows(database: Database) {
  const message = database.prepare<[number], MessageRow>('SELECT * FROM message WHERE id = ?')
  const parts = database.prepare<[number], PartRow>(
    `SELECT part.*, (SELECT json_group_array(recipient) FROM part_recipient
       WHERE message = part.message AND upstream = part.upstream AND number = part.number
         AND generation = part.generation) AS recipients
     FROM part WHERE message = ? ORDER BY started_at, upstream, number, generation`,
  )

  const partsOf = (number: number): readonly Part[] => {
    const id = messageIdOf(number)
    return parts.all(number).map((row) => partOf(id, row))
  }

  return {
    partsOf,
    /** The message with those of its recipients that `deliveries` are; undefined if it is gone. */
    dueMessage(number: number, deliveries: readonly DeliveryRow[], dueAt: WallMs): DueMessage | undefined {
      const row = message.get(number)
      if (!row) return undefined
      const all = partsOf(number)
      const open = all.filter((part) => unsettled.has(part.state))
      const recipients = deliveries.map((delivery) => recipientOf(delivery, open, dueAt))
      return { ...factsOf(row), recipients, parts: all }
    },
  }
}

function factsOf(row: MessageRow): Omit<DueMessage, 'recipients' | 'parts'> {
  const facts: RouteFacts = JSON.parse(row.route_facts)
  const index: PartIndex = JSON.parse(row.part_index)
  const route: readonly string[] | undefined = row.route === null ? undefined : JSON.parse(row.route)
  return {
    id: messageIdOf(row.id),
    kind: row.kind,
    priority: priorities[row.priority] ?? 'normal',
    device: row.device ?? undefined,
    from: row.sender ?? undefined,
    subject: row.subject,
    headerMessageId: row.header_message_id,
    envelope: {
      reversePath: row.reverse_path,
      bodyType: row.body_type,
      smtputf8: row.smtputf8 === 1,
      dsn: {
        ...(row.dsn_ret !== null && { ret: row.dsn_ret }),
        ...(row.dsn_envid !== null && { envid: row.dsn_envid }),
      },
    },
    route,
    facts,
    index,
    acceptedWall: row.accepted_wall,
    recipientCount: row.recipient_count,
    about: idOrNone(row.about),
  }
}

function recipientOf(row: DeliveryRow, open: readonly Part[], dueAt: WallMs): DueRecipient {
  const refusedBy: readonly string[] = JSON.parse(row.refused_by)
  return {
    number: row.number,
    address: row.address,
    ...(row.said !== null && { said: row.said }),
    ...(row.notify !== null && { notify: row.notify }),
    ...(row.orcpt !== null && { orcpt: row.orcpt }),
    state: row.state,
    attempts: row.attempts,
    part: open.findLast((part) => part.recipients.includes(row.number)),
    lifetime: { countedMs: row.counted_ms, since: row.counting_since ?? undefined },
    dueAt: row.due_at ?? dueAt,
    refusedBy,
  }
}

function partOf(message: MessageId, row: PartRow): Part {
  const recipients: readonly number[] = JSON.parse(row.recipients)
  return {
    message,
    upstream: row.upstream,
    number: row.number,
    generation: row.generation,
    operationId: row.operation_id,
    bodySha256: row.body_sha256,
    state: row.state,
    recipients: recipients.toSorted((a, b) => a - b),
    sends: row.sends,
    asks: row.asks,
    nextAskAt: row.next_ask_at ?? undefined,
    startedAt: row.started_at,
  }
}
