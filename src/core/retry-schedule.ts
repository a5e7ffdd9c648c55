import { hour, minute } from './time.ts'

/**
 * Waits between attempts after temporary failures. Short at first (most trouble passes in minutes and someone stands at
 * the printer), then sparing the service. RFC 5321 section 4.5.4.1 asks for at least 30 minutes after the first hour
 * or so; the last row repeats until the queue lifetime ends.
 */
export const retryWaits: readonly number[] = [
  1 * minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  1 * hour,
  2 * hour,
  4 * hour,
]

const jitterShare = 0.2

/**
 * Milliseconds to wait after the `attempts`-th failed attempt (from 1), spread evenly over ±20 % so that a hundred
 * mails that failed together do not come back together. `random` is in [0, 1).
 */
export function retryWait(attempts: number, random: number): number {
  const row = Math.min(Math.max(attempts, 1), retryWaits.length) - 1
  const wait = retryWaits[row] ?? 4 * hour
  return Math.round(wait * (1 - jitterShare + 2 * jitterShare * random))
}

/** Waits before a paused upstream is tried with a token and one mail; the last repeats. */
export const probeWaits: readonly number[] = [5 * minute, 15 * minute, 30 * minute, 1 * hour]

export const probeWait = (probes: number): number =>
  probeWaits[Math.min(probes, probeWaits.length - 1)] ?? 1 * hour
