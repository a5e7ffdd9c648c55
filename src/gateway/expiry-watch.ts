import type { Alerts } from '../core/alerts.ts'
import { type CalendarEntry, expiryAlertPrefix, expiryAlerts } from '../core/calendar.ts'
import type { Clock } from '../core/clock.ts'

export interface ExpiryParts {
  readonly alerts: Alerts
  readonly clock: Clock
  readonly calendar: () => readonly CalendarEntry[]
  /** Keys of entries that cannot be read now. */
  readonly unread: () => ReadonlySet<string>
}

/** Raises what the calendar says today and clears what it says no more: at the start, after a change, every hour. */
export function tellExpiries({ alerts, clock, calendar, unread }: ExpiryParts): void {
  // A clock in 1970 sees no end near, and would clear what a right one raised.
  if (!clock.isBelievable()) return
  const due = expiryAlerts(calendar(), clock.wall())
  const keys = new Set(due.map(({ key }) => key))
  // What cannot be read is not over.
  const unknown = unread()
  for (const { key } of alerts.active()) {
    if (!key.startsWith(expiryAlertPrefix) || keys.has(key)) continue
    if (!unknown.has(key.slice(expiryAlertPrefix.length))) alerts.clear(key)
  }
  for (const alert of due) alerts.raise(alert)
}
