import { day, hour, minute, second } from '../../src/core/time.ts'
import { language } from './language.ts'

const steps = [
  ['day', day],
  ['hour', hour],
  ['minute', minute],
  ['second', second],
] as const

/** `3 minutes ago`, `in 2 hours`, `now`: `ms` is from now, negative what is past. */
export function formatRelative(ms: number): string {
  const [unit, size] = steps.find(([, length]) => Math.abs(ms) >= length) ?? ['second', second]
  // Seconds are counted by nobody: they are told in tens.
  const count = unit === 'second' ? Math.trunc(ms / size / 10) * 10 : Math.trunc(ms / size)
  return new Intl.RelativeTimeFormat(language.value, { numeric: 'auto' }).format(
    count === 0 ? 0 : count,
    unit,
  )
}

/** `3 hours`, `40 seconds`. */
export function formatSpan(ms: number): string {
  const [unit, size] = steps.find(([, length]) => ms >= length) ?? ['second', second]
  return new Intl.NumberFormat(language.value, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.round(ms / size),
  )
}

/** Date and time to the second, in the phone's time zone. */
export const formatTime = (wall: number): string =>
  new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeStyle: 'medium' }).format(wall)

/** `16:40`, and the day beside it where it is another one than today's. */
export function formatClock(wall: number, now: number): string {
  const isToday = new Date(wall).toDateString() === new Date(now).toDateString()
  return new Intl.DateTimeFormat(language.value, {
    ...(!isToday && { weekday: 'short', day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
  }).format(wall)
}

/** A day: `29 Nov 2026`. */
/** A day as the box names it, `2028-05-01`, in no zone. */
export const formatDate = (date: string): string =>
  new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeZone: 'UTC' }).format(Date.parse(date))

export const formatDay = (wall: number): string =>
  new Intl.DateTimeFormat(language.value, { dateStyle: 'medium' }).format(wall)

const sizes = [
  ['gigabyte', 1e9],
  ['megabyte', 1e6],
  ['kilobyte', 1e3],
] as const

/** `1.8 MB`. */
export function formatSize(octets: number): string {
  const [unit, size] = sizes.find(([, length]) => octets >= length) ?? ['byte', 1]
  return new Intl.NumberFormat(language.value, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: octets / size < 10 ? 1 : 0,
  }).format(octets / size)
}

/** `62 %`. */
export const formatShare = (share: number): string =>
  new Intl.NumberFormat(language.value, { style: 'percent', maximumFractionDigits: 0 }).format(share)

/** `a, b and c`. */
export const formatList = (items: readonly string[]): string =>
  new Intl.ListFormat(language.value, { type: 'conjunction' }).format(items)
