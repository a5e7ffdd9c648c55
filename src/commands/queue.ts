import { describeSize } from '../core/size.ts'
import type { QueueRow } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import { colourOf, type Paint } from './paint.ts'
import { type Column, tableLines } from './table.ts'
import { age } from './times.ts'
import { done, type Verdict } from './verdict.ts'

/** `queue`: open deliveries, oldest first; with `all` the finished ones that history still knows. */
export function queue(
  call: Call,
  options: { readonly all: boolean; readonly limit: number },
): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const rows = await operations.queue(options)
    await show(call, rows, (paint) => queueLines(rows, options, call.world.clock.wall(), paint))
    return done
  })
}

const columns: readonly Column[] = [
  { title: 'ID' },
  { title: 'STATE', colour: colourOf },
  { title: 'ACCEPTED' },
  { title: 'DEVICE', isFlexible: true },
  { title: 'TO', isFlexible: true },
  { title: 'SIZE', align: 'right' },
  { title: 'SUBJECT', isFlexible: true },
  { title: 'WHY', isFlexible: true },
]

function queueLines(
  rows: readonly QueueRow[],
  { all, limit }: { readonly all: boolean; readonly limit: number },
  now: WallMs,
  paint: Paint,
): readonly string[] {
  if (rows.length === 0)
    return [all ? 'No mail yet.' : 'No mail is waiting. (--all shows finished mail too.)']
  const cells = rows.map((row) => [
    `${row.message}/${row.recipient}`,
    row.state,
    age(row.acceptedWall, now),
    row.device ?? row.kind,
    row.address,
    describeSize(row.size),
    row.subject,
    whyOf(row, now),
  ])
  const more = rows.length === limit ? [`Only the first ${limit}: --limit shows more.`] : []
  return [...tableLines(columns, cells, paint), ...more]
}

/** Why it is where it is and when it goes on. */
export function whyOf(row: QueueRow, now: WallMs): string {
  const next = row.waitingFor
    ? `waits for ${row.waitingFor}`
    : row.dueAt !== undefined && row.dueAt > now
      ? `again ${age(row.dueAt, now)}`
      : ''
  return [next, row.reason].filter((text) => text !== '').join(': ')
}
