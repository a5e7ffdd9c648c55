import type { Alert } from '../core/alerts.ts'
import type { TrialFailure } from '../core/machine-update.ts'
import type { UpdateState } from '../core/update-operations.ts'

/** `undone` and `failed` tell of what happened, and pass (`delivery/passing-alerts.ts`). */
export const updateAlertKeys = {
  undone: 'update-undone',
  failed: 'update-failed',
  available: 'update-available',
  notFound: 'updates-not-found',
} as const

const reasons: Readonly<Record<TrialFailure, string>> = {
  'did-not-start': 'it did not start',
  'not-healthy': 'it started, and was not healthy within 15 minutes',
  'taken-back': 'somebody took it back',
}

type RolledBack = Extract<UpdateState, { kind: 'rolled-back' }>

export const undoneSentence = ({ version, reason, trouble }: RolledBack, running: string): string =>
  `The update to ${version} did not work: ${reasons[reason]}${trouble === '' ? '' : ` (${trouble})`}; this box runs ${running} again, nothing was lost.`

export const undoneAlert = (state: RolledBack, running: string): Alert => ({
  key: updateAlertKeys.undone,
  severity: 'warning',
  sentence: undoneSentence(state, running),
  remedy: 'Ask whoever gave you the update; the same version is not tried again by itself.',
})

export const failedAlert = (sentence: string): Alert => ({
  key: updateAlertKeys.failed,
  severity: 'warning',
  sentence: `An update was not installed: ${sentence}. Nothing was changed.`,
  remedy: 'See More, Update.',
})

export const availableAlert = (newest: string, running: string): Alert => ({
  key: updateAlertKeys.available,
  severity: 'notice',
  sentence: `Version ${newest} is there; this box runs ${running}.`,
  remedy: 'Install it under More, Update.',
})

export const notFoundAlert = (detail: string): Alert => ({
  key: updateAlertKeys.notFound,
  severity: 'warning',
  sentence: `This box could not look for updates for a week: ${detail}.`,
  remedy: 'Put update.url right, or open the way there; empty it to look no more.',
})
