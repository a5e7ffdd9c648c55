import { messageIdOf } from '../core/message-id.ts'
import type { DueMessage, Part, PartState } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'
import { AnswerBudget, type Weight } from './answer-budget.ts'
import { type DeliveryRow, messageRows } from './message-rows.ts'

/** An unknown fate is asked for before one that is only to be confirmed. */
const askOrder: readonly PartState[] = ['indeterminate', 'accepted']
const priorityRanks = [0, 1, 2]

/** The SQL whose query plans a test holds to the partial indexes. */
export const dueSql = {
  due: 'SELECT message FROM delivery WHERE priority = ? AND due_at <= ? ORDER BY due_at, message, number',
  nextDue: 'SELECT min(due_at) FROM delivery WHERE priority = ? AND due_at IS NOT NULL',
  asks: `SELECT message, upstream, number, generation, next_ask_at AS nextAskAt FROM part
    WHERE state = ? AND next_ask_at <= ? ORDER BY next_ask_at, message, upstream, number LIMIT ?`,
  nextAsk: 'SELECT min(next_ask_at) FROM part WHERE state = ? AND next_ask_at IS NOT NULL',
}

interface AskRow {
  readonly message: number
  readonly upstream: string
  readonly number: number
  readonly generation: number
  readonly nextAskAt: WallMs
}

interface WeightRow {
  readonly octets: number
  readonly partRows: number
  readonly dueRows: number
}

/** What delivery has to do now, and when next. */
export function dueQueries(database: Database) {
  const messages = messageRows(database)
  const due = database.prepare<[number, number], number>(dueSql.due).pluck()
  const nextDue = database.prepare<[number], WallMs | null>(dueSql.nextDue).pluck()
  const asks = database.prepare<[string, number, number], AskRow>(dueSql.asks)
  const nextAsk = database.prepare<[string], WallMs | null>(dueSql.nextAsk).pluck()
  const dueDeliveries = database.prepare<[number, number], DeliveryRow>(
    'SELECT * FROM delivery WHERE message = ? AND due_at <= ? ORDER BY number',
  )
  // Without reading the JSON itself, which lies on pages of its own when it is large.
  const weight = database.prepare<[{ message: number; now: number }], WeightRow>(
    `SELECT octet_length(part_index) + octet_length(route_facts) AS octets,
       (SELECT count(*) FROM part_recipient AS own WHERE own.message = mail.id) AS partRows,
       (SELECT count(*) FROM delivery WHERE message = mail.id AND due_at <= @now) AS dueRows
     FROM message AS mail WHERE id = @message`,
  )
  const partDeliveries = database.prepare<[number, string, number, number], DeliveryRow>(
    `SELECT delivery.* FROM delivery JOIN part_recipient AS own
       ON own.message = delivery.message AND own.recipient = delivery.number
     WHERE own.message = ? AND own.upstream = ? AND own.number = ? AND own.generation = ?
     ORDER BY delivery.number`,
  )

  const weightOf = (message: number, now: WallMs, rows?: number): Weight => {
    const { octets, partRows, dueRows } = weight.get({ message, now }) ?? {
      octets: 0,
      partRows: 0,
      dueRows: 0,
    }
    return { octets, rows: (rows ?? dueRows) + partRows }
  }

  /** Numbers of messages in the order of sending, as far as somebody reads on. */
  function* dueNumbers(now: WallMs): Generator<number> {
    const found = new Set<number>()
    for (const rank of priorityRanks) {
      for (const message of due.iterate(rank, now)) {
        if (found.has(message)) continue
        found.add(message)
        yield message
      }
    }
  }

  const asked = (row: AskRow, deliveries: readonly DeliveryRow[]): { part: Part; message: DueMessage } => {
    const message = messages.dueMessage(row.message, deliveries, row.nextAskAt)
    const part = message?.parts.find(
      ({ upstream, number, generation }) =>
        upstream === row.upstream && number === row.number && generation === row.generation,
    )
    if (!message || !part) throw new Error(`part ${messageIdOf(row.message)}/${row.number} has no message`)
    return { part, message }
  }

  return {
    due(now: WallMs, limit: number): readonly DueMessage[] {
      const budget = new AnswerBudget()
      const found: DueMessage[] = []
      for (const number of dueNumbers(now)) {
        // What is passed over does not count: an answer below its limit has to mean that nothing small is left.
        if (found.length >= limit) break
        const taken = budget.take(weightOf(number, now))
        if (taken === 'full') break
        if (taken === 'passed') continue
        const message = messages.dueMessage(number, dueDeliveries.all(number, now), now)
        if (message) found.push(message)
      }
      return found
    },
    dueAsks(now: WallMs, limit: number): readonly { part: Part; message: DueMessage }[] {
      const rows: AskRow[] = []
      for (const state of askOrder) rows.push(...asks.all(state, now, limit - rows.length))
      const budget = new AnswerBudget()
      const found: { part: Part; message: DueMessage }[] = []
      for (const row of rows) {
        const deliveries = partDeliveries.all(row.message, row.upstream, row.number, row.generation)
        const taken = budget.take(weightOf(row.message, now, deliveries.length))
        if (taken === 'full') break
        if (taken === 'taken') found.push(asked(row, deliveries))
      }
      return found
    },
    nextDueAt(): WallMs | undefined {
      const times = [
        ...priorityRanks.map((rank) => nextDue.get(rank)),
        ...askOrder.map((state) => nextAsk.get(state)),
      ]
      return times.reduce<WallMs | undefined>(earliest, undefined)
    },
  }
}

function earliest(a: WallMs | undefined, b: WallMs | null | undefined): WallMs | undefined {
  if (b === null || b === undefined) return a
  return a === undefined || b < a ? b : a
}
