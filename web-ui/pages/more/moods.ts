import type { Alert } from '../../../src/core/alerts.ts'
import type { FindingState } from '../../../src/core/diagnosis.ts'
import type { HealthState } from '../../../src/core/machine-health.ts'
import type { Mood } from '../../parts/state-word.tsx'

type ToldMood = Extract<Mood, 'good' | 'warn' | 'bad' | 'unknown'>

export const moodOfHealth = { ok: 'good', attention: 'warn', trouble: 'bad' } as const satisfies Readonly<
  Record<HealthState, ToldMood>
>

export const moodOfFinding = {
  ok: 'good',
  attention: 'warn',
  trouble: 'bad',
  'not-checked': 'unknown',
} as const satisfies Readonly<Record<FindingState, ToldMood>>

export const moodOfAlert = { notice: 'unknown', warning: 'warn', alarm: 'bad' } as const satisfies Readonly<
  Record<Alert['severity'], ToldMood>
>

/** Of a way out. */
export const moodOfUpstream = (state: string): Mood => {
  switch (state) {
    case 'ready':
      return 'good'
    case 'paused':
      return 'bad'
    case 'throttled':
    case 'trying':
      return 'warn'
    case 'retired':
      return 'idle'
    default:
      return 'unknown'
  }
}
