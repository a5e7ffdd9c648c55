import { type MonthUse, monthOf } from '../core/month-use.ts'
import type { DeliveryState } from '../core/outcome.ts'
import type { DeliveryChange } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'
import { numberOf } from './message-number.ts'

/** A delivery as it was and as it becomes. */
export interface Turn {
  readonly to: DeliveryChange
  readonly was: DeliveryState | undefined
}

const taken: ReadonlySet<DeliveryState | undefined> = new Set<DeliveryState>(['accepted', 'confirmed'])
const failed: ReadonlySet<DeliveryState | undefined> = new Set<DeliveryState>(['bounced', 'expired'])
/** Two years and the present month: enough to compare a year with the one before. */
const monthsKept = 25

/** Counts what leaves, in the transaction that says so. */
export function countingMonths(database: Database) {
  const mail = database.prepare<[number], { device: string | null; size: number; accepted: WallMs }>(
    'SELECT device, size, accepted_wall AS accepted FROM message WHERE id = ?',
  )
  const add = database.prepare<MonthUse>(
    `INSERT INTO month_use VALUES (@month, @upstream, @device, @mails, @recipients, @octets, @failed)
     ON CONFLICT (month, upstream, device) DO UPDATE SET mails = mails + excluded.mails,
       recipients = recipients + excluded.recipients, octets = octets + excluded.octets,
       failed = failed + excluded.failed`,
  )

  /** `at`: when the attempt was; undefined for what expired without one, which counts in the month it came in. */
  return (turns: readonly Turn[], at: WallMs | undefined): void => {
    const news = turns.filter(({ to, was }) => isNews(to.state, was, taken) || isNews(to.state, was, failed))
    const groups = Map.groupBy(news, ({ to }) => `${to.message} ${to.upstream ?? ''}`)
    for (const group of groups.values()) countGroup(group, at)
  }

  function countGroup(group: readonly Turn[], at: WallMs | undefined): void {
    const [first] = group
    const found = first && mail.get(numberOf(first.to.message))
    if (!found) return
    const recipients = group.filter(({ to, was }) => isNews(to.state, was, taken)).length
    add.run({
      month: monthOf(at ?? found.accepted),
      upstream: first.to.upstream ?? '',
      device: found.device ?? '',
      mails: recipients > 0 ? 1 : 0,
      recipients,
      octets: recipients * found.size,
      failed: group.length - recipients,
    })
  }
}

const isNews = (
  state: DeliveryState,
  was: DeliveryState | undefined,
  kind: ReadonlySet<DeliveryState | undefined>,
): boolean => kind.has(state) && !kind.has(was)

function oldestKept(now: WallMs): string {
  const date = new Date(now)
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - monthsKept + 1))
    .toISOString()
    .slice(0, 7)
}

/** Sums from a month on. */
export function monthQueries(database: Database) {
  const all = database.prepare<[string], MonthUse>(
    'SELECT * FROM month_use WHERE month >= ? ORDER BY month, upstream, device',
  )
  return (month: string): readonly MonthUse[] => all.all(month)
}

/** Drops months that are too old; how many rows. */
export function tidyingMonths(database: Database) {
  const drop = database.prepare<[string]>('DELETE FROM month_use WHERE month < ?')
  return (now: WallMs): number => drop.run(oldestKept(now)).changes
}
