import { headText } from '../core/audit.ts'
import type { Clock } from '../core/clock.ts'
import { dateOf } from '../core/local-time.ts'
import type { Log } from '../core/log.ts'
import type { Settings } from '../settings/settings.ts'

interface AuditHeadParts {
  readonly settings: Pick<Settings, 'auditHead'>
  readonly clock: Clock
  readonly log: Log
}

/** Writes the head into the log, once a day: whoever keeps the log has a witness that the box cannot change. */
export function dailyAuditHead({ settings, clock, log }: AuditHeadParts): () => void {
  let loggedOn = ''
  return () => {
    const today = dateOf(clock.wall())
    if (loggedOn === today) return
    loggedOn = today
    log.write('info', 'audit-head', { head: headText(settings.auditHead()) })
  }
}
