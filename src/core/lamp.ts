import type { Alert } from './alerts.ts'
import type { LampBeats } from './machine.ts'

/** What the lamp of a box says to who stands before it; `off` is without power, or halted. */
export const lampWords = [
  'off',
  'starting',
  'unclaimed',
  'working',
  'attention',
  'trouble',
  'no-storage',
  'stopped',
] as const
export type LampWord = (typeof lampWords)[number]

/**
 * Told apart by eye from across a room, and by the first two beats alone where a kernel can blink evenly only
 * (milliseconds on, off, …).
 */
export const lampBeats: Readonly<Record<LampWord, LampBeats>> = {
  off: 'off',
  starting: [250, 250],
  unclaimed: [100, 200, 100, 1600],
  working: 'on',
  attention: [2700, 300],
  trouble: [1000, 1000],
  'no-storage': [100, 100, 100, 100, 100, 1500],
  stopped: [50, 4950],
}

/** How a running gateway is, in the same word on its lamp and on its screen. */
export type RunningWord = Exclude<LampWord, 'off' | 'starting' | 'stopped'>

/** Of a running gateway. That nobody took the box over yet is what its first technician has to see, unless it can't work. */
export function lampWordOf(
  isClaimed: boolean,
  alerts: readonly Pick<Alert, 'key' | 'severity'>[],
): RunningWord {
  if (alerts.some(({ key }) => key === 'card-read-only' || key === 'spool-not-writable')) return 'no-storage'
  if (alerts.some(({ severity }) => severity === 'alarm')) return 'trouble'
  if (!isClaimed) return 'unclaimed'
  return alerts.some(({ severity }) => severity === 'warning') ? 'attention' : 'working'
}
