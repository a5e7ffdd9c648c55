import { day, hour, minute, second, type WallMs } from '../core/time.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const two = (n: number): string => String(n).padStart(2, '0')

/** `21 Nov 22:14` in the machine's time zone; with the year where it is another one. */
export function localTime(at: WallMs, now: WallMs): string {
  const date = new Date(at)
  const year = date.getFullYear() === new Date(now).getFullYear() ? '' : ` ${date.getFullYear()}`
  return `${date.getDate()} ${months[date.getMonth()]}${year} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** `40 s`, `2 min`, `3 h`, `5 d`: the largest unit that leaves a whole number. */
export function span(ms: number): string {
  for (const [unit, name] of [
    [day, 'd'],
    [hour, 'h'],
    [minute, 'min'],
  ] as const) {
    if (ms >= unit) return `${Math.floor(ms / unit)} ${name}`
  }
  return `${Math.max(0, Math.floor(ms / second))} s`
}

/** `2 min ago`, `in 5 min`, `now`. */
export function age(at: WallMs, now: WallMs): string {
  const passed = now - at
  if (Math.abs(passed) < second) return 'now'
  return passed > 0 ? `${span(passed)} ago` : `in ${span(-passed)}`
}

export const timeAndAge = (at: WallMs, now: WallMs): string => `${localTime(at, now)} (${age(at, now)})`
