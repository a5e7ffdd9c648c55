import type {
  MailCounts,
  ReportedDelivery,
  ReportedPart,
  ReportStatus,
  Suppression,
} from '../core/delivery-report.ts'
import { type WallMs, wallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'
import { type DeliveryRow, messageRows } from './message-rows.ts'

/** Ids are taken when a mail begins and times when it ends: so many older ones in a row mean that none is left. */
const outOfOrder = 100
/** Deliveries that are looked at for one that is not reported on: bounded, and no index for every mail to write. */
const latestDeliveries = 500

/** The SQL whose query plans a test holds to indexes. */
export const reportSql = {
  part: 'SELECT message, upstream, number, generation FROM part WHERE operation_id = ?',
  awaits: `SELECT EXISTS (SELECT 1 FROM
      (SELECT message, number, state, code, upstream FROM delivery ORDER BY message DESC, number DESC
       LIMIT ${latestDeliveries}) AS latest
      JOIN message ON message.id = latest.message
    WHERE latest.upstream = ? AND state IN ('sending', 'indeterminate', 'accepted', 'confirmed') AND accepted_wall >= ? AND NOT EXISTS
      (SELECT 1 FROM delivery_report AS own WHERE own.message = latest.message AND own.recipient = latest.number))`,
}

interface PartName {
  readonly message: number
  readonly upstream: string
  readonly number: number
  readonly generation: number
}

/** What reports belong to, and what they come to. */
export function reportQueries(database: Database) {
  const messages = messageRows(database)
  const part = database.prepare<[string], PartName>(reportSql.part)
  const deliveries = database.prepare<[number, string, number, number], DeliveryRow>(
    `SELECT delivery.* FROM delivery JOIN part_recipient AS own
       ON own.message = delivery.message AND own.recipient = delivery.number
     WHERE own.message = ? AND own.upstream = ? AND own.number = ? AND own.generation = ?
     ORDER BY delivery.number`,
  )
  const reports = database.prepare<[number, number], { status: ReportStatus; at: WallMs }>(
    'SELECT status, at FROM delivery_report WHERE message = ? AND recipient = ? ORDER BY received_at',
  )
  const awaits = database.prepare<[string, number], number>(reportSql.awaits).pluck()
  const times = database.prepare<[], { id: number; at: number }>(
    'SELECT id, accepted_wall AS at FROM message ORDER BY id DESC',
  )
  const counts = database.prepare<[{ first: number; since: number }], MailCounts>(
    `SELECT message.device, count(*) AS sent, sum(delivery.code = 'delivered') AS delivered,
       sum(delivery.state IN ('bounced', 'expired')) AS failed,
       sum(delivery.code = 'reported-suppressed') AS suppressed
     FROM message JOIN delivery ON delivery.message = message.id
     WHERE message.id >= @first AND accepted_wall >= @since AND kind = 'mail' AND device IS NOT NULL
       AND delivery.state IN ('accepted', 'confirmed', 'bounced', 'expired')
     GROUP BY message.device ORDER BY message.device`,
  )
  const suppressed = database.prepare<[{ first: number; since: number; limit: number }], Suppression>(
    `SELECT coalesce(message.device, '') AS device, delivery.address, max(accepted_wall) AS at, count(*) AS mails
     FROM message JOIN delivery ON delivery.message = message.id
     WHERE message.id >= @first AND accepted_wall >= @since AND delivery.code = 'reported-suppressed'
     GROUP BY device, delivery.address ORDER BY at DESC, delivery.address LIMIT @limit`,
  )

  /** The lowest number that a message accepted since then may have. */
  const firstSince = (since: WallMs): number => {
    let first = Number.MAX_SAFE_INTEGER
    let older = 0
    for (const { id, at } of times.iterate()) {
      older = at < since ? older + 1 : 0
      if (older > outOfOrder) break
      if (older === 0) first = id
    }
    return first
  }

  return {
    reported(operationId: string): ReportedPart | undefined {
      const name = part.get(operationId)
      if (!name) return undefined
      const { message: number, upstream } = name
      const rows = deliveries.all(number, upstream, name.number, name.generation)
      const message = messages.dueMessage(number, rows, wallMs(0))
      const found = message?.parts.find((one) => one.operationId === operationId)
      if (!message || !found) return undefined
      return { message, part: found, deliveries: rows.map((row) => reportedDelivery(number, row)) }
    },
    awaitsReport: (upstream: string, since: WallMs): boolean => awaits.get(upstream, since) === 1,
    mailCounts: (since: WallMs): readonly MailCounts[] => counts.all({ first: firstSince(since), since }),
    suppressions: (since: WallMs, limit: number): readonly Suppression[] =>
      suppressed.all({ first: firstSince(since), since, limit }),
  }

  function reportedDelivery(message: number, row: DeliveryRow): ReportedDelivery {
    const { number: recipient, state, code } = row
    return { recipient, state, code, reports: reports.all(message, recipient) }
  }
}
