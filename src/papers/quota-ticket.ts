import type { Rehearsal } from '../core/rehearsal.ts'
import type { Quota } from '../core/setup.ts'

export interface QuotaFacts {
  readonly box: string
  readonly upstream: string
  /** https://NAME.communication.azure.com, or the server of its SMTP. */
  readonly service: string
  readonly senders: readonly string[]
  readonly contact: string
  readonly devices: number
  readonly quota: Quota
  readonly days: number
  /** The mail of those days, as this way out would have taken it. */
  readonly rehearsal: Rehearsal
}

/** Room for a busier day than the busiest so far. */
const headroom = 1.5

/** Round numbers are what the form offers, and never less than there is now. */
function wished(most: number, now: number | undefined): number {
  const needed = Math.ceil((most * headroom) / 10) * 10
  return Math.max(needed, now ?? 0)
}

/**
 * The text of a support request for a higher sending limit (learn.microsoft.com, "Quota increase for email domains"): what
 * the form asks, from what the box saw. What the box cannot know stands in square brackets.
 */
export function quotaTicket(facts: QuotaFacts): string {
  const { rehearsal, quota, days } = facts
  const { pace, mails, deliveries } = rehearsal
  return [
    'Title: Increase the sending limit of Azure Communication Services Email',
    'Problem type: Email > Sending limit / quota increase',
    '',
    'Subscription: [subscription id]',
    `Communication Services resource: ${facts.service}`,
    `Sender addresses: ${facts.senders.length === 0 ? '[MailFrom addresses]' : facts.senders.join(', ')}`,
    `Contact: ${facts.contact === '' ? '[name and telephone number]' : facts.contact}`,
    '',
    'What we send',
    `Transactional mail of our own office devices: scans and status messages of ${facts.devices} devices of one site, to`,
    'our own staff and to business partners who asked for them. No marketing, no bulk mail, no bought addresses.',
    '',
    `Volume of the last ${days} days`,
    `Mails: ${mails}, to ${deliveries} recipients`,
    `Busiest minute, hour, day: ${pace.mostPerMinute}, ${pace.mostPerHour}, ${pace.mostPerDay} mails`,
    pace.waited === 0
      ? 'No mail had to wait for the present limit.'
      : `With the present limit ${pace.waited} mails waited, the longest ${waitText(pace.longestWaitMs)}.`,
    '',
    'Limit',
    `Now: ${amount(quota.perMinute)} a minute, ${amount(quota.perHour)} an hour`,
    wantedLine(quota, pace),
    '',
    'How we keep the reputation clean',
    'One gateway sends all mail and keeps to the limit by itself. Each device may send to allowed recipients only; bounces',
    'go to the owner of the device, who corrects the address book. SPF, DKIM and DMARC are set up for the domain.',
    '',
    `Written by the mail gateway "${facts.box}" for its way out "${facts.upstream}".`,
    '',
  ].join('\n')
}

/** Where the present limit was enough, only a person knows what for more is wanted. */
function wantedLine(quota: Quota, pace: Rehearsal['pace']): string {
  const perMinute = wished(pace.mostPerMinute, quota.perMinute)
  const perHour = wished(pace.mostPerHour, quota.perHour)
  return perMinute === quota.perMinute && perHour === quota.perHour
    ? 'Wanted: [the present limit was enough: how much more, from when, and what for]'
    : `Wanted: ${perMinute} a minute, ${perHour} an hour`
}

const amount = (limit: number | undefined): string => (limit === undefined ? 'no limit' : String(limit))

function waitText(ms: number): string {
  const minutes = Math.ceil(ms / 60_000)
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`
}
