import type { Alerts } from '../core/alerts.ts'
import type { Log } from '../core/log.ts'
import type { Submission } from '../submission/parts.ts'

interface RelayCheckParts {
  readonly submission: Pick<Submission, 'openings'>
  readonly alerts: Alerts
  readonly log: Log
}

const key = 'open-relay'
const told = 3

/** Promise 7, asked of the box itself: whether anything is open that should not be. Does not reject. */
export async function checkRelay({ submission, alerts, log }: RelayCheckParts): Promise<void> {
  try {
    const openings = await submission.openings()
    for (const { sentence } of openings) log.write('error', 'open-relay', { sentence })
    if (openings.length === 0) {
      alerts.clear(key)
      return
    }
    const more = openings.length > told ? `; and ${openings.length - told} more, in the log` : ''
    alerts.raise({
      key,
      severity: 'alarm',
      sentence: `Mail can be sent through this box by those who should not: ${openings
        .slice(0, told)
        .map(({ sentence }) => sentence)
        .join('; ')}${more}.`,
      remedy:
        'Narrow the addresses, trusted_networks or allowed_recipients named there, or give the device a password, and apply again; the box looks again by itself. Until then: enabled = false for the device.',
    })
  } catch (error) {
    log.write('error', 'relay-check-failed', { detail: String(error) })
  }
}
