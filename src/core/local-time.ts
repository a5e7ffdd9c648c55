import { day, hour, minute, type WallMs, wallMs } from './time.ts'

/** A time as a clock on the wall of that time zone says it. */
export interface LocalTime {
  readonly year: number
  /** From 1. */
  readonly month: number
  readonly day: number
  /** 0 is Monday. */
  readonly weekday: number
  readonly hour: number
  readonly minute: number
}

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `zone`: `UTC` or an IANA name. Other zones bring 5 MB of ICU into memory: boxes that name none do without. */
export function localTime(at: WallMs, zone: string): LocalTime {
  const date = zone === 'UTC' ? new Date(at) : new Date(at + offsetMs(at, zone))
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: (date.getUTCDay() + 6) % 7,
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  }
}

/** How far the zone is east of UTC at that time. */
function offsetMs(at: WallMs, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(at)
  const part = (name: string): number => Number(parts.find(({ type }) => type === name)?.value)
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'))
  return local - Math.floor(at / minute) * minute
}

/** The latest Monday at `atHour` o'clock of the zone that is not after `now`. */
export function latestMonday(now: WallMs, zone: string, atHour: number): WallMs {
  const local = localTime(now, zone)
  const sinceMonday = local.weekday * day + (local.hour - atHour) * hour + local.minute * minute
  const guess = wallMs(Math.floor(now / minute) * minute - sinceMonday - (sinceMonday < 0 ? 7 * day : 0))
  return straightened(guess, zone, atHour)
}

/** Between the guess and now summer time may have begun or ended. */
function straightened(guess: WallMs, zone: string, atHour: number): WallMs {
  const { weekday, hour: hourThere, minute: minuteThere } = localTime(guess, zone)
  const offDays = weekday === 6 ? -1 : weekday
  return wallMs(guess - offDays * day - (hourThere - atHour) * hour - minuteThere * minute)
}

const two = (n: number): string => String(n).padStart(2, '0')

/** `21 Nov 22:14`. */
export function timeWords(at: WallMs, zone: string): string {
  const local = localTime(at, zone)
  return `${local.day} ${monthNames[local.month - 1]} ${two(local.hour)}:${two(local.minute)}`
}

/** `21 Nov`. */
export function dayWords(at: WallMs, zone: string): string {
  const local = localTime(at, zone)
  return `${local.day} ${monthNames[local.month - 1]}`
}

/** `2028-05-01` as `1 May 2028`. */
export function dateWords(date: string): string {
  const [year, month, dayOfMonth] = date.split('-')
  return `${Number(dayOfMonth)} ${monthNames[Number(month) - 1]} ${year}`
}

/** The day of the zone as `2028-05-01`. */
export function localDate(at: WallMs, zone: string): string {
  const local = localTime(at, zone)
  return `${local.year}-${two(local.month)}-${two(local.day)}`
}

/** The first moments of so many days of the zone, rising; the last is the day of `now`. */
export function daysUpTo(now: WallMs, zone: string, count: number): readonly WallMs[] {
  const today = midnight(now, zone)
  // From the middle of each day: summer time makes one an hour longer or shorter.
  return Array.from({ length: count }, (_, index) =>
    index === count - 1 ? today : midnight(wallMs(today - (count - 1 - index) * day + 12 * hour), zone),
  )
}

function midnight(at: WallMs, zone: string): WallMs {
  const local = localTime(at, zone)
  const guess = wallMs(Math.floor(at / minute) * minute - local.hour * hour - local.minute * minute)
  const there = localTime(guess, zone)
  if (there.hour === 0 && there.minute === 0) return guess
  const off = there.day === local.day ? 0 : day
  return wallMs(guess + off - there.hour * hour - there.minute * minute)
}

/** The first moment of a day of the calendar, in UTC; undefined if it is none. */
export function startOf(date: string): WallMs | undefined {
  const at = Date.parse(`${date}T00:00:00Z`)
  return Number.isNaN(at) ? undefined : wallMs(at)
}

/** The day of UTC as `2028-05-01`. */
export const dateOf = (at: WallMs): string => new Date(at).toISOString().slice(0, 10)
