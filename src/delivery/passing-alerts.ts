import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Setup } from '../core/setup.ts'
import { day } from '../core/time.ts'

export const alertKeys = {
  ownMail: 'own-mail-bounced',
  ownerMail: 'owner-mail-bounced/',
  manyBounces: 'many-bounces/',
  nobodyReads: 'nobody-reads-bounces/',
  unreadable: 'reports-unreadable/',
  replacementOver: 'replacement-over/',
  cureOvertaken: 'cure-overtaken/',
  restoreGivenUp: 'restore-given-up',
  networkUndone: 'network-undone',
  updateUndone: 'update-undone',
  updateFailed: 'update-failed',
} as const

/** They tell of what happened: nothing shows its end, and should it happen again they are raised again. */
const events = [
  alertKeys.ownMail,
  alertKeys.ownerMail,
  alertKeys.manyBounces,
  alertKeys.unreadable,
  alertKeys.replacementOver,
  alertKeys.cureOvertaken,
  alertKeys.restoreGivenUp,
  alertKeys.networkUndone,
  alertKeys.updateUndone,
  alertKeys.updateFailed,
]
const eventMs = 1 * day

export interface PassingAlertParts {
  readonly alerts: Alerts
  readonly clock: Clock
  readonly setup: () => Setup
}

/** Ends alerts of what is a day ago, and that nobody reads bounces where now somebody does. */
export function endPassingAlerts({ alerts, clock, setup }: PassingAlertParts): void {
  // In 1970 everything was written in the future.
  if (!clock.isBelievable()) return
  const now = clock.wall()
  for (const { key, since } of alerts.active()) {
    // A start in the future was written by a wrong clock.
    const isPast = since > now || now - since >= eventMs
    const isEvent = events.some((prefix) => key.startsWith(prefix))
    const isRead = key.startsWith(alertKeys.nobodyReads) && hasReader(key, setup())
    if ((isEvent && isPast) || isRead) alerts.clear(key)
  }
}

/** A device that is gone has no bounces. */
function hasReader(key: string, { gateway, devices }: Setup): boolean {
  const name = key.slice(alertKeys.nobodyReads.length)
  const device = devices.find((each) => each.name === name)
  if (gateway.postmaster !== undefined || device?.owner !== undefined) return true
  return name !== '' && device === undefined
}
