import { localTime } from './local-time.ts'
import { minute, type WallMs, wallMs } from './time.ts'

/** Of every day: minutes since midnight. `from` belongs to it, `to` does not, and may be of the next day. */
export interface TimeWindow {
  readonly from: number
  readonly to: number
}

const pattern = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/

/** Reads `02:00-04:00`; undefined if it is none, or without end. */
export function parseTimeWindow(text: string): TimeWindow | undefined {
  const [, ...numbers] = pattern.exec(text) ?? []
  if (numbers.length === 0) return undefined
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = numbers.map(Number)
  const window = { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute }
  return window.from === window.to ? undefined : window
}

const minutesOfDay = 24 * 60

/** `zone`: as of `localTime`. */
export function isWithin(window: TimeWindow, at: WallMs, zone: string): boolean {
  const local = localTime(at, zone)
  const now = local.hour * 60 + local.minute
  return (now - window.from + minutesOfDay) % minutesOfDay < lengthOf(window)
}

const lengthOf = ({ from, to }: TimeWindow): number => (to - from + minutesOfDay) % minutesOfDay

/** When it opens next, or now where it is open; an hour off on the days on which summer time begins or ends. */
export function nextOpening(window: TimeWindow, at: WallMs, zone: string): WallMs {
  if (isWithin(window, at, zone)) return at
  const local = localTime(at, zone)
  const wait = (window.from - local.hour * 60 - local.minute + minutesOfDay) % minutesOfDay
  return wallMs(Math.floor(at / minute) * minute + wait * minute)
}
