import { isReported, type ReportSettlement, type ReportWriting } from '../core/delivery-report.ts'
import type { DeliveryState } from '../core/outcome.ts'
import type { Settlement } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'
import { numberOf } from './message-number.ts'
import type { Settlements } from './settlements.ts'
import type { Leftover } from './thread-protocol.ts'

/** A report, what it changes and the mail that tells of it: together, and once. */
export function reportSettlements(database: Database, settlements: Pick<Settlements, 'settle'>) {
  const delivery = database.prepare<[number, number], { state: DeliveryState; code: string }>(
    'SELECT state, code FROM delivery WHERE message = ? AND number = ?',
  )
  const isKnown = database
    .prepare<[number, number, string], number>(
      'SELECT EXISTS (SELECT 1 FROM delivery_report WHERE message = ? AND recipient = ? AND status = ?)',
    )
    .pluck()
  const nextAskAt = database
    .prepare<[string], WallMs | null>('SELECT next_ask_at FROM part WHERE operation_id = ?')
    .pluck()
  const keep = database.prepare('INSERT INTO delivery_report VALUES (?, ?, ?, ?, ?, ?)')

  const write = ({ part, recipient, report, receivedAt }: ReportSettlement): void => {
    const { status, at, detail } = report
    keep.run(numberOf(part.message), recipient, status, at, receivedAt, detail)
  }

  const writingOf = ({ part, recipient, report, from }: ReportSettlement): ReportWriting => {
    const message = numberOf(part.message)
    if (isKnown.get(message, recipient, report.status) === 1) return 'known'
    const now = delivery.get(message, recipient)
    return now?.state === from.state && now.code === from.code ? 'written' : 'overtaken'
  }

  return {
    settle(settlement: ReportSettlement): Leftover & { writing: ReportWriting } {
      const writing = writingOf(settlement)
      if (writing !== 'written') return { writing, hasGarbage: false }
      const { part, report, receivedAt, change, note, reports } = settlement
      if (change && !isReported(change.code)) throw new Error(`${change.code} is no code of a report`)
      write(settlement)
      const { hasGarbage } = settlements.settle({
        part,
        ...partAfter(settlement, nextAskAt.get(part.operationId) ?? undefined),
        asked: false,
        changes: change ? [change] : [],
        attempt: {
          at: receivedAt,
          upstream: part.upstream,
          number: part.sends,
          outcome: `reported: ${report.status}`,
          detail: note,
          tookMs: 0,
        },
        reports,
      })
      return { writing, hasGarbage }
    },
  }
}

/** A part with no other recipient need not be asked for any more. */
function partAfter(
  { part, change }: ReportSettlement,
  nextAskAt: WallMs | undefined,
): Pick<Settlement, 'partState' | 'nextAskAt'> {
  if (!change || part.recipients.length > 1) return { partState: undefined, nextAskAt }
  return { partState: change.state === 'confirmed' ? 'confirmed' : 'failed', nextAskAt: undefined }
}
