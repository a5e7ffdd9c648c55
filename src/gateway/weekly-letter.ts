import type { Alert, Alerts } from '../core/alerts.ts'
import type { CalendarEntry } from '../core/calendar.ts'
import { nearnessOf } from '../core/calendar.ts'
import type { Clock } from '../core/clock.ts'
import { type DeviceTrait, weaknessOf } from '../core/learning.ts'
import { latestMonday } from '../core/local-time.ts'
import { costsOf, costText, monthOf } from '../core/month-use.ts'
import type { UpstreamView } from '../core/operations.ts'
import type { DeliveryState } from '../core/outcome.ts'
import { openStates } from '../core/outcome.ts'
import type { Setup } from '../core/setup.ts'
import type { QueueCounts, Spool } from '../core/spool.ts'
import type { FinishedMail } from '../core/telling-spool.ts'
import { day, type WallMs, wallMs } from '../core/time.ts'
import type { Delivery } from '../delivery/delivery.ts'
import { plainOwnMail } from '../delivery/own-letter.ts'
import { ownSender } from '../delivery/own-sender.ts'
import { type WeekFacts, weeklyLetter } from '../papers/weekly-letter.ts'

export interface WeeklyLetterParts {
  readonly spool: Pick<
    Spool,
    'takeId' | 'tell' | 'lastLetter' | 'finishedMail' | 'pastAlerts' | 'counts' | 'isWritable' | 'monthUse'
  >
  readonly clock: Clock
  readonly setup: () => Setup
  readonly bootId: string
  readonly alerts: Pick<Alerts, 'active'>
  readonly delivery: Pick<Delivery, 'status' | 'poke'>
  readonly traits: () => Promise<readonly DeviceTrait[]>
  readonly calendar: () => readonly CalendarEntry[]
}

const atHour = 7
/** A box that was off for longer tells of this much. */
const longestSpanMs = 31 * day
/** Weeks before, in which a device that usually sends was heard at least twice. */
const weeksBefore = 3
const usualWeeks = 2

/**
 * Writes the letter if a Monday morning has come since the last one: a box that was off at the hour writes it when it is
 * on again. A box that has never written one begins with the next Monday. True: it was written.
 */
export async function writeLetterIfDue(parts: WeeklyLetterParts): Promise<boolean> {
  const { spool, clock, setup } = parts
  const { gateway, alerts } = setup()
  // With a wrong clock it is no Monday.
  if (!clock.isBelievable()) return false
  const now = clock.wall()
  const before = await spool.lastLetter()
  // The last one was written by a clock that was ahead: its Monday is unknown.
  const monday = latestMonday(now, gateway.timezone, atHour)
  if (before === undefined || before > now) {
    await remember(parts, monday)
    return false
  }
  if (before >= monday) return false
  if (!alerts.weeklyLetter || gateway.postmaster === undefined) {
    await remember(parts, now)
    return false
  }
  const since = wallMs(Math.max(before, now - longestSpanMs))
  const { subject, text } = weeklyLetter(await weekFacts(parts, since, now))
  const from = ownSender(setup(), gateway.postmaster)
  const mail = await plainOwnMail(parts, { to: gateway.postmaster, from, subject, text, mark: 'week' })
  await spool.tell({ save: [], forget: [], mail, letterAt: now, ration: undefined })
  parts.delivery.poke()
  return true
}

const remember = ({ spool }: WeeklyLetterParts, letterAt: WallMs): Promise<void> =>
  spool.tell({ save: [], forget: [], mail: undefined, letterAt, ration: undefined })

/** The bill is one of months, so is this; undefined where the setup document names no price. */
async function costSoFar({ spool, setup }: WeeklyLetterParts, now: WallMs): Promise<string | undefined> {
  const month = monthOf(now)
  const costs = costsOf(await spool.monthUse(month), setup().upstreams)
  return costs.length === 0 ? undefined : `${costs.map(costText).join(', ')} in ${month} so far`
}

async function weekFacts(parts: WeeklyLetterParts, since: WallMs, until: WallMs): Promise<WeekFacts> {
  const { spool, setup, delivery } = parts
  const { gateway } = setup()
  const [finished, counts, disk, past, traits, cost] = await Promise.all([
    spool.finishedMail(since, until),
    spool.counts(),
    spool.isWritable(),
    spool.pastAlerts(since),
    parts.traits(),
    costSoFar(parts, until),
  ])
  return {
    box: gateway.name,
    zone: gateway.timezone,
    since,
    until,
    sent: sumOf(finished, isSent),
    failed: sumOf(finished, isFailed),
    waiting: waitingOf(counts),
    oldestWaiting: counts.oldestOpen,
    ways: waysOf(finished, delivery.status(counts)),
    ends: endsOf(parts.calendar(), until),
    weak: weakOf(traits),
    silent: await silentDevices(parts, since, traits),
    diskFreeBytes: disk.freeBytes,
    spoolBytes: counts.bytes,
    cost,
    alerts: [
      ...parts.alerts.active().map((alert) => ({ ...alert, until: undefined })),
      ...past.toSorted((a, b) => order[a.severity] - order[b.severity]),
    ],
  }
}

const order: Readonly<Record<Alert['severity'], number>> = { alarm: 0, warning: 1, notice: 2 }

const isSent = (state: DeliveryState): boolean => state === 'accepted' || state === 'confirmed'
const isFailed = (state: DeliveryState): boolean => state === 'bounced' || state === 'expired'

const sumOf = ({ deliveries }: FinishedMail, isMeant: (state: DeliveryState) => boolean): number =>
  deliveries.reduce((sum, { state, count }) => sum + (isMeant(state) ? count : 0), 0)

const waitingOf = ({ byState }: QueueCounts): number =>
  [...openStates].reduce((sum, state) => sum + (byState[state] ?? 0), 0)

function waysOf(
  finished: FinishedMail,
  lanes: readonly Pick<UpstreamView, 'name' | 'state' | 'reason'>[],
): WeekFacts['ways'] {
  const names = new Set([
    ...lanes.map(({ name }) => name),
    ...finished.deliveries.map((each) => each.upstream),
  ])
  names.delete('')
  return [...names].map((name) => {
    const own = { ...finished, deliveries: finished.deliveries.filter(({ upstream }) => upstream === name) }
    const lane = lanes.find((each) => each.name === name)
    const trouble = lane && lane.reason !== '' ? `${lane.state}: ${lane.reason}` : ''
    return { name, sent: sumOf(own, isSent), failed: sumOf(own, isFailed), trouble }
  })
}

/** What ends within the time of the first warning, and what nobody knows the end of. */
const endsOf = (entries: readonly CalendarEntry[], now: WallMs): WeekFacts['ends'] =>
  entries
    .filter((entry) => entry.certainty === 'unknown' || nearnessOf(entry, now) !== undefined)
    .map(({ what, when }) => ({ what, when }))

const weakOf = (traits: readonly DeviceTrait[]): WeekFacts['weak'] =>
  traits.flatMap((trait) => {
    const how = weaknessOf(trait)
    return how === '' ? [] : [{ device: trait.device, how, last: trait.lastSeen }]
  })

/** Devices that were heard in most of the weeks before and were not here in this one. */
async function silentDevices(
  { spool, setup }: WeeklyLetterParts,
  since: WallMs,
  traits: readonly DeviceTrait[],
): Promise<WeekFacts['silent']> {
  const weeks = new Map<string, number>()
  for (let back = 1; back <= weeksBefore; back++) {
    const [from, until] = [wallMs(since - back * 7 * day), wallMs(since - (back - 1) * 7 * day)]
    for (const { device } of (await spool.finishedMail(from, until)).devices)
      weeks.set(device, (weeks.get(device) ?? 0) + 1)
  }
  const seen = new Map(traits.map(({ device, lastSeen }) => [device, lastSeen]))
  return setup()
    .devices.filter(({ name, enabled }) => enabled && (weeks.get(name) ?? 0) >= usualWeeks)
    .filter(({ name }) => (seen.get(name) ?? 0) < since)
    .map(({ name }) => ({ device: name, last: seen.get(name) }))
}
