import type { CollectedFragment, FragmentSet } from '../core/fragment.ts'
import { type MessageId, messageIdOf } from '../core/message-id.ts'
import type { DueMessage } from '../core/spool.ts'
import { type WallMs, wallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'
import { isCollectingSql } from './fragment-sql.ts'
import { numberOf } from './message-number.ts'
import { type DeliveryRow, messageRows } from './message-rows.ts'

interface FragmentRow {
  readonly id: number
  readonly device: string | null
  readonly setName: string
  readonly number: number
  readonly total: number | null
  readonly since: WallMs
}

/** The SQL whose query plan a test holds to the partial index. */
export const collectingSql = `SELECT id, device, partial_key || ' ' || envelope_sha256 AS setName, partial_number AS number,
    partial_total AS total, since
  FROM (SELECT message, max(counting_since) AS since FROM delivery WHERE ${isCollectingSql} GROUP BY message)
  JOIN message ON id = message ORDER BY id`

/** Scans that wait for fragments. */
export function fragmentQueries(database: Database) {
  const messages = messageRows(database)
  const collecting = database.prepare<[], FragmentRow>(collectingSql)
  const deliveries = database.prepare<[number], DeliveryRow>(
    `SELECT * FROM delivery WHERE message = ? AND ${isCollectingSql} ORDER BY number`,
  )

  return {
    sets(): readonly FragmentSet[] {
      const sets = Map.groupBy(collecting.all(), ({ device, setName }) => JSON.stringify([device, setName]))
      return [...sets.values()].map((rows) => ({
        device: rows[0]?.device ?? undefined,
        fragments: rows.map(fragmentOf),
      }))
    },
    fragment(id: MessageId): DueMessage | undefined {
      const number = numberOf(id)
      // None of them has a time at which it is due.
      return messages.dueMessage(number, deliveries.all(number), wallMs(0))
    },
  }
}

const fragmentOf = ({ id, number, total, since }: FragmentRow): CollectedFragment => ({
  message: messageIdOf(id),
  number,
  total: total ?? undefined,
  since,
})
