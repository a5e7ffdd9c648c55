import type { Alerts } from '../core/alerts.ts'
import type { QueueCounts } from '../core/spool.ts'

/** Mail without any way out waits for a change of the settings, or for a way that comes back. */
export const stranded = 'a-way-out'

const alertKey = 'no-way-out'

/** Nothing is tried that could pause or fail, so that nothing else would tell of it before a day has passed. */
export function tellStranded({ waitingByUpstream }: QueueCounts, alerts: Alerts): void {
  const count = waitingByUpstream[stranded] ?? 0
  if (count === 0) {
    alerts.clear(alertKey)
    return
  }
  alerts.raise({
    key: alertKey,
    severity: 'warning',
    sentence: `Waiting mail has no way out for ${count === 1 ? 'one recipient' : `${count} recipients`}: the settings changed after it was accepted.`,
    remedy:
      '`inkpost queue` says why no way out takes it. Add or enable one that does, also in the `route` of its device; then it leaves by itself. It waits for 30 days at most.',
  })
}
