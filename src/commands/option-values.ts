import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../core/time.ts'

/** Rows to print: 1 to 10000. */
export function readLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > 10_000) throw new InvalidArgumentError('it has to be a number from 1 to 10000.')
  return limit
}

/** Days: 1 to 3650. */
export function readDays(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (days < 1 || days > 3650) throw new InvalidArgumentError('it has to be a number from 1 to 3650.')
  return days
}

/** The number of an entry. */
export function readId(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('it has to be the number of an entry.')
}

/** Milliseconds of a duration as the setup document writes them. */
export function readDuration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError('it has to be a duration such as 90s or 15m.')
  return ms
}

/** Milliseconds of a time with its zone, as ISO 8601 and RFC 3339 write it; undefined: it is none. */
export function readTime(text: string): number | undefined {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

/** Collects an option that may be given several times. */
export const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text]

/** `yes,no,pdf`: words between commas. */
export const readWords = (text: string): readonly string[] =>
  text
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== '')
