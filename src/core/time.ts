import type { Brand } from './brand.ts'

/** Milliseconds since 1970-01-01T00:00Z as the wall clock says, right or wrong. Kept on disk. */
export type WallMs = Brand<number, 'WallMs'>
/** Milliseconds of a clock that never jumps and starts anywhere. Means nothing after a restart. */
export type MonotonicMs = Brand<number, 'MonotonicMs'>

export const wallMs = (ms: number): WallMs => ms as WallMs
export const monotonicMs = (ms: number): MonotonicMs => ms as MonotonicMs

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

const unitMs: Readonly<Record<string, number>> = { s: second, m: minute, h: hour, d: day }

/** Times within this of a clock that was set were written by that clock: the longest wait there is. */
const clockReachMs = 31 * day

/** Whether a time belongs to a clock that says `now`. */
export const isOfClock = (time: number, now: WallMs): boolean => Math.abs(time - now) <= clockReachMs

/** The bounds of `isOfClock`. */
export const reachOfClock = (now: WallMs): { readonly least: number; readonly most: number } => ({
  least: now - clockReachMs,
  most: now + clockReachMs,
})

/** Reads the setup document's durations (`"90s"`, `"15m"`, `"4h"`, `"5d"`) into milliseconds; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,6})([smhd])$/.exec(text)
  const unit = unitMs[match?.[2] ?? '']
  return match && unit !== undefined ? Number(match[1]) * unit : undefined
}

/** Writes milliseconds in the largest whole unit, as the setup document does. */
export function formatDuration(ms: number): string {
  for (const [name, size] of [
    ['d', day],
    ['h', hour],
    ['m', minute],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size}${name}`
  }
  return `${Math.round(ms / second)}s`
}
