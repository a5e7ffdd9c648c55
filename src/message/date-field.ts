import type { WallMs } from '../core/time.ts'
import { wallMs } from '../core/time.ts'

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const two = (n: number): string => String(n).padStart(2, '0')

/** A time as RFC 5322 section 3.3 writes it, in UTC. */
export function formatDate(time: WallMs): string {
  const date = new Date(time)
  const day = `${days[date.getUTCDay()]}, ${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`
}

/** Minutes east of Greenwich of the obsolete zones (RFC 5322 section 4.3). */
const zones: Readonly<Record<string, number>> = {
  UT: 0,
  UTC: 0,
  GMT: 0,
  Z: 0,
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
}

/** No date is longer; what is, is not looked at. */
const maxLength = 200

const pattern =
  /^(?:[A-Za-z]+\s*,?\s*)?(\d{1,2})[\s-]+([A-Za-z]{3})[a-z]*[\s-]+(\d{4}|\d{2})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s+([+-]\d{4}|[A-Z]{1,3})(?:\s*\(.*\))?\s*$/

/**
 * Reads a Date field's value: RFC 5322 with its obsolete forms, and dashes or full names of months as devices write them.
 * Undefined if it is none; without a zone it is none.
 */
export function parseDate(value: string): WallMs | undefined {
  const match = value.length > maxLength ? null : pattern.exec(value.trim())
  if (match === null) return undefined
  const [, day, monthName, year, hour, minute, second = '0', zone = ''] = match
  const month = months.findIndex((name) => name.toLowerCase() === monthName?.toLowerCase())
  const offset = zoneMinutes(zone)
  if (month < 0 || offset === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined
  const utc = Date.UTC(
    fullYear(Number(year)),
    month,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  )
  const isReal = new Date(utc).getUTCMonth() === month || Number(second) === 60
  return isReal && Number(second) <= 60 ? wallMs(utc - offset * 60_000) : undefined
}

function zoneMinutes(zone: string): number | undefined {
  const numeric = /^([+-])(\d{2})(\d{2})$/.exec(zone)
  if (numeric === null) return zones[zone]
  const minutes = Number(numeric[2]) * 60 + Number(numeric[3])
  return numeric[1] === '-' ? -minutes : minutes
}

/** RFC 5322 section 4.3: two digits below 50 are of this century. */
const fullYear = (year: number): number => (year >= 100 ? year : year < 50 ? 2000 + year : 1900 + year)
