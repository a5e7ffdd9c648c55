import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { MailCounts } from '../core/delivery-report.ts'
import type { Spool } from '../core/spool.ts'
import { day, wallMs } from '../core/time.ts'

export interface FailureRateParts {
  readonly spool: Pick<Spool, 'mailCounts'>
  readonly clock: Clock
  readonly alerts: Alerts
}

const prefix = 'device-failures/'
/** Above this share of a day's mail somebody has to look: services restrict who sends to addresses that do not exist. */
const worstShare = 0.05
/** Fewer mails say nothing. */
const fewestMails = 20

export const isFailing = ({ sent, failed }: MailCounts): boolean =>
  sent >= fewestMails && failed / sent > worstShare

/** Tells of devices too much of whose mail of the last day failed, and that it is over. */
export async function checkFailureRates({ spool, clock, alerts }: FailureRateParts): Promise<void> {
  const failing = (await spool.mailCounts(wallMs(clock.wall() - day))).filter(isFailing)
  for (const { key } of alerts.active()) {
    if (key.startsWith(prefix) && !failing.some(({ device }) => key === prefix + device)) alerts.clear(key)
  }
  for (const { device, sent, failed, suppressed } of failing) {
    alerts.raise({
      key: prefix + device,
      severity: 'warning',
      sentence: `${failed} of the last ${sent} mails of ${device} failed within a day${suppressed > 0 ? `, ${suppressed} of them to recipients that the service holds back` : ''}.`,
      remedy: `Correct the address book of the device: \`inkpost device show "${device}"\` names the recipients.`,
    })
  }
}
