import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import { isExpected, isUnusuallyBusy, pastDays, usualDay } from '../core/device-days.ts'
import { daysUpTo, dayWords } from '../core/local-time.ts'
import type { PageSpool } from '../core/page-spool.ts'
import type { Setup } from '../core/setup.ts'
import type { WallMs } from '../core/time.ts'

export interface DeviceWatchParts {
  readonly spool: Pick<PageSpool, 'deviceDays'>
  readonly clock: Clock
  readonly alerts: Alerts
  readonly setup: () => Setup
}

const busyPrefix = 'device-busy/'
const silentPrefix = 'device-silent/'
const allSilentKey = 'devices-silent'

/** Mails of a device: of 29 complete days, rising, and of today. */
interface Counted {
  readonly device: string
  readonly past: readonly number[]
  readonly today: number
}

/**
 * Tells of a device that sends five times what it usually does, and of one that is silent though it sends daily. Complete days
 * are counted once: an hour later only today is asked for.
 */
export class DeviceWatch {
  readonly #parts: DeviceWatchParts
  readonly #known = new Map<string, ReadonlyMap<WallMs, number>>()

  constructor(parts: DeviceWatchParts) {
    this.#parts = parts
  }

  /** One device after the other, each in slices of the spool's own. */
  async look(): Promise<void> {
    const { clock, alerts, setup } = this.#parts
    const { devices, gateway } = setup()
    const days = daysUpTo(clock.wall(), gateway.timezone, pastDays + 2)
    const names = devices.filter(({ enabled }) => enabled).map(({ name }) => name)
    const counted: Counted[] = []
    for (const device of names) counted.push(...(await this.#count(device, days)))
    for (const known of this.#known.keys()) if (!names.includes(known)) this.#known.delete(known)
    tellBusy(alerts, counted)
    tellSilent(alerts, counted, (index) => dayWords(days[index] ?? clock.wall(), gateway.timezone))
    endOfOthers(alerts, names)
  }

  /** Nothing where the spool has more than it can count: a part is no history. */
  async #count(device: string, days: readonly WallMs[]): Promise<readonly Counted[]> {
    const known = this.#known.get(device) ?? new Map<WallMs, number>()
    const from = days.slice(days.findIndex((day) => !known.has(day)))
    const { days: tallies, isCut } = await this.#parts.spool.deviceDays(device, from)
    if (isCut) return []
    const counts = new Map([...known, ...tallies.map((tally) => [tally.from, tally.mails] as const)])
    const all = days.map((day) => counts.get(day) ?? 0)
    // Today is not complete.
    this.#known.set(device, new Map(days.slice(0, -1).map((day, index) => [day, all[index] ?? 0])))
    return [{ device, past: all.slice(0, -1), today: all.at(-1) ?? 0 }]
  }
}

function tellBusy(alerts: Alerts, counted: readonly Counted[]): void {
  for (const { device, past, today } of counted) {
    const lately = past.slice(-pastDays)
    if (!isUnusuallyBusy(lately, today)) {
      alerts.clear(busyPrefix + device)
      continue
    }
    const usual = usualDay(lately) ?? 0
    alerts.raise({
      key: busyPrefix + device,
      severity: 'warning',
      // The limit, not the count: that would be another sentence with each look.
      sentence: `${device} has sent more than ${usual * 5 - 1} mails today: usually it is ${usual}.`,
      remedy: `Look at what it sends: \`inkpost device show "${device}"\`, and at the panel for a job that repeats. \`max_per_hour\` holds it back.`,
    })
  }
}

function tellSilent(alerts: Alerts, counted: readonly Counted[], dayAt: (index: number) => string): void {
  const heard = counted.filter(({ past, today }) => today > 0 || (past.at(-1) ?? 0) > 0)
  for (const { device } of heard) alerts.clear(silentPrefix + device)
  if (heard.length > 0) alerts.clear(allSilentKey)
  const daily = counted.filter(({ past }) => isExpected(past.slice(0, pastDays)))
  const silent = daily.filter((each) => !heard.includes(each))
  // One sentence for a feast, or for what they have in common.
  if (silent.length > 1 && silent.length === daily.length) tellAllSilent(alerts)
  else for (const each of silent) tellOneSilent(alerts, each, dayAt)
}

function tellOneSilent(alerts: Alerts, { device, past }: Counted, dayAt: (index: number) => string): void {
  alerts.raise({
    key: silentPrefix + device,
    severity: 'warning',
    sentence: `${device} has sent nothing since ${dayAt(past.findLastIndex((mails) => mails > 0))}, though it sends daily.`,
    remedy: `\`inkpost device find "${device}"\` says whether it is on. If it is gone, switch it off or remove it.`,
  })
}

function tellAllSilent(alerts: Alerts): void {
  alerts.raise({
    key: allSilentKey,
    severity: 'notice',
    sentence: 'Nothing came yesterday from any of the devices that send daily.',
    remedy: 'A feast? Else look at what they have in common: a switch, a cable, the address of this box.',
  })
}

/** A device that is gone or switched off is neither busy nor silent. */
function endOfOthers(alerts: Alerts, names: readonly string[]): void {
  for (const { key } of alerts.active()) {
    const prefix = [busyPrefix, silentPrefix].find((each) => key.startsWith(each))
    if (prefix !== undefined && !names.includes(key.slice(prefix.length))) alerts.clear(key)
  }
}
