import type { Alerts } from '../core/alerts.ts'
import type { CalendarEntry } from '../core/calendar.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Setup } from '../core/setup.ts'
import type { Spool } from '../core/spool.ts'
import { hour, minute } from '../core/time.ts'
import { untilAborted } from '../core/until-aborted.ts'
import type { Delivery } from '../delivery/delivery.ts'
import { checkFailureRates } from '../delivery/failure-rate.ts'
import { endPassingAlerts } from '../delivery/passing-alerts.ts'
import { tellStranded } from '../delivery/stranding.ts'
import { DeviceWatch } from '../health/device-watch.ts'
import type { PhysicalReset } from '../settings/physical-reset.ts'
import type { Settings } from '../settings/settings.ts'
import type { Submission } from '../submission/parts.ts'
import { dailyAuditHead } from './audit-head-log.ts'
import { tellExpiries } from './expiry-watch.ts'
import { showReset } from './physical-reset.ts'
import { releaseRetired } from './retirement.ts'
import { writeLetterIfDue } from './weekly-letter.ts'

export interface HousekeepingParts {
  readonly spool: Spool
  readonly settings: Settings
  readonly physicalReset: Pick<PhysicalReset, 'last'>
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  readonly delivery: Pick<Delivery, 'end' | 'status' | 'poke'>
  readonly bootId: string
  readonly submission: Pick<Submission, 'traits'>
  readonly calendar: () => readonly CalendarEntry[]
  readonly unread: () => ReadonlySet<string>
  readonly setup: () => Setup
}

/** What has to be done once in a while, in small slices: history, audit, what expires, mail that waits for long, the letter. */
export async function keepHouse(parts: HousekeepingParts, signal: AbortSignal): Promise<void> {
  const logHead = dailyAuditHead(parts)
  const devices = new DeviceWatch(parts)
  await parts.clock.sleep(1 * minute, signal)
  while (!signal.aborted) {
    try {
      // A disk that takes nothing holds it until it does: a stop does not wait for that.
      await untilAborted(tidyOnce(parts, logHead, devices), signal)
    } catch (error) {
      if (!signal.aborted) parts.log.write('warn', 'housekeeping-failed', { detail: String(error) })
    }
    await parts.clock.sleep(1 * hour, signal)
  }
}

async function tidyOnce(parts: HousekeepingParts, logHead: () => void, devices: DeviceWatch): Promise<void> {
  const { spool, settings, clock, setup, alerts } = parts
  await releaseRetired(parts)
  tellExpiries(parts)
  endPassingAlerts(parts)
  const mark = parts.physicalReset.last()
  if (mark) showReset(parts, mark)
  // With a wrong clock everything would look too old, or too young.
  if (!clock.isBelievable()) return
  const { history } = setup()
  await spool.tidy(clock.wall(), history.keepMs, history.keepTranscriptsMs)
  settings.tidyAudit()
  logHead()
  await checkFailureRates(parts)
  await devices.look()
  const counts = await spool.counts()
  tellStranded(counts, alerts)
  const { oldestOpen } = counts
  if (oldestOpen !== undefined && clock.wall() - oldestOpen > 24 * hour) {
    alerts.raise({
      key: 'mail-waits',
      severity: 'alarm',
      sentence: 'The oldest mail has been waiting for more than a day.',
      remedy: 'See `inkpost status` for the upstream that is paused and why. Mail waits for 30 days at most.',
    })
  } else {
    alerts.clear('mail-waits')
  }
  const traits = async () => parts.submission.traits()
  if (await writeLetterIfDue({ ...parts, traits })) parts.log.write('info', 'weekly-letter-written')
}
