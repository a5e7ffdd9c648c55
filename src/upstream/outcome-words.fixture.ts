import type { Outcome } from '../core/outcome.ts'

/** An outcome in a few words for a table: its kind, and what tells it from others of its kind. No test of its own. */
export function outcomeWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'transient':
      return `transient ${outcome.code}${outcome.afterMs === undefined ? '' : ` after ${outcome.afterMs}`}`
    case 'permanent':
      return `permanent ${outcome.scope} ${outcome.code} ${outcome.status}${outcome.elsewhere ? ' elsewhere' : ''}`
    case 'paused':
      return `paused ${outcome.scope} ${outcome.pause.code}`
    case 'throttled':
      return `throttled ${outcome.afterMs}`
    default:
      return outcome.kind
  }
}
