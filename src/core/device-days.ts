/** Complete days that are looked back at: four of each weekday. */
export const pastDays = 28

/** Days with mail below which nobody knows what is usual for a device. */
export const leastBusyDays = 7
/** A usual day that is as small as this one says nothing: three mails after a quiet month are no news. */
const leastMore = 20
const unusualTimes = 5

/** Of these days on which a device sent at all, as many are busier as are calmer; undefined: too few are known. */
export function usualDay(past: readonly number[]): number | undefined {
  const busy = past.filter((mails) => mails > 0).toSorted((a, b) => a - b)
  return busy.length < leastBusyDays ? undefined : busy[Math.floor(busy.length / 2)]
}

/** Whether a device sent five times its usual day, and at least 20 mails more. */
export function isUnusuallyBusy(past: readonly number[], today: number): boolean {
  const usual = usualDay(past)
  return usual !== undefined && today >= usual * unusualTimes && today - usual >= leastMore
}

/** Weekdays of four on which a device that is used on that day may have been silent: a feast, a day off. */
const mostMissed = 1
/** Fewer weekdays are no daily use: what comes every Monday may come on a Tuesday. */
const leastWeekdays = 5

/**
 * On which days of the week a device sends by habit: on three of the last four at least. `past`: 28 days, rising; index 0 has
 * the weekday of the day after them, that is asked for.
 */
function habits(past: readonly number[]): readonly boolean[] {
  return Array.from({ length: 7 }, (_, weekday) => {
    const missed = past.filter((mails, index) => index % 7 === weekday && mails === 0).length
    return missed <= mostMissed
  })
}

/**
 * Whether a day without mail would be news: the device sends on at least five days of the week, and on this one. Working days are
 * those that its history shows. `past`: the 28 days before that day, rising; fewer are too little history.
 */
export function isExpected(past: readonly number[]): boolean {
  if (past.length < pastDays) return false
  const weekdays = habits(past)
  return weekdays[0] === true && weekdays.filter(Boolean).length >= leastWeekdays
}
