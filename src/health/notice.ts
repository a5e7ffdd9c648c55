import type { Alert, AlertChannel, Telling } from '../core/alerts.ts'
import type { WallMs } from '../core/time.ts'
import { comesAndGoes, type TellingEvent } from './telling-plan.ts'

/** One thing that people are told. */
export interface Notice {
  readonly event: TellingEvent | 'summary' | 'test'
  /** The alert's; of the others their own name. */
  readonly key: string
  readonly severity: Alert['severity']
  readonly sentence: string
  readonly remedy: string
  readonly since: WallMs
  readonly at: WallMs
  /** Raised so often within the hour that it is one that comes and goes; else 1. */
  readonly times: number
}

export const noticeOf = (telling: Telling, event: TellingEvent, now: WallMs): Notice => ({
  event,
  key: telling.key,
  severity: telling.severity,
  sentence: telling.sentence,
  remedy: event === 'over' ? '' : telling.remedy,
  since: telling.since,
  at: event === 'over' ? (telling.clearedAt ?? now) : now,
  times: comesAndGoes(telling) ? telling.raises : 1,
})

/** A notice is nothing to open a mail for: it stands in the weekly letter. */
export function channelsFor(
  telling: Telling,
  event: TellingEvent,
  open: readonly AlertChannel[],
): readonly AlertChannel[] {
  const fitting = open.filter(
    (channel) => channel !== telling.notBy && (channel !== 'mail' || telling.severity !== 'notice'),
  )
  return event === 'over' ? fitting.filter((channel) => telling.toldBy.includes(channel)) : fitting
}

/** As one line: `alarm: Mail can't be stored. (over)`. */
export function noticeLine({ event, severity, sentence, times }: Notice): string {
  const often = times > 1 ? ` (came and went ${times} times)` : ''
  switch (event) {
    case 'raised':
      return `${severity}: ${sentence}${often}`
    case 'still':
      return `${severity}, still: ${sentence}${often}`
    case 'over':
      return `over: ${sentence}`
    case 'summary':
    case 'test':
      return sentence
  }
}
