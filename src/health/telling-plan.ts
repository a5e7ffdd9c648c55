import { type Alert, type RaisedAlert, type Telling, untold } from '../core/alerts.ts'
import { day, hour, minute, type WallMs, wallMs } from '../core/time.ts'

type Severity = Alert['severity']

/** How long an alert lasts before anybody is told. */
export const holdMs: Readonly<Record<Severity, number>> = {
  alarm: 1 * minute,
  warning: 5 * minute,
  notice: 15 * minute,
}
/** After that it is told again while it lasts; a notice never is. */
export const repeatMs: Readonly<Record<Severity, number>> = {
  alarm: 1 * day,
  warning: 7 * day,
  notice: Number.POSITIVE_INFINITY,
}
/** One that comes back is not told again within this time. */
export const gapMs: Readonly<Record<Severity, number>> = {
  alarm: 15 * minute,
  warning: 1 * hour,
  notice: 1 * day,
}
/** That it is over is told after so much calm; of one that comes and goes after an hour. */
export const calmMs = 5 * minute
const flapCalmMs = 1 * hour
/** Raised so often within an hour it comes and goes: that is one message. */
export const flapRaises = 5
const flapWindowMs = 1 * hour

const order: Readonly<Record<Severity, number>> = { alarm: 0, warning: 1, notice: 2 }

/** `raised`: new, or graver; `still`: it lasts; `over`: it is gone. */
export type TellingEvent = 'raised' | 'still' | 'over'

/** What is to be done with an alert next, and when. */
export type NextStep =
  | { readonly kind: 'tell'; readonly event: TellingEvent; readonly at: WallMs }
  | { readonly kind: 'forget'; readonly at: WallMs }
  | { readonly kind: 'nothing' }

/** An alert that is active, in the light of what was known of it. */
export function seen(before: Telling | undefined, alert: RaisedAlert, now: WallMs): Telling {
  if (!before) return { ...alert, ...untold, raises: 1, countedFrom: now }
  const known = { ...before, ...alert }
  return before.clearedAt === undefined ? known : { ...known, ...counted(before, now), clearedAt: undefined }
}

/** It was raised again after it had been over. */
const counted = ({ raises, countedFrom }: Telling, now: WallMs): Pick<Telling, 'raises' | 'countedFrom'> =>
  now - countedFrom > flapWindowMs ? { raises: 1, countedFrom: now } : { raises: raises + 1, countedFrom }

/** An alert that is not active any more. */
export const gone = (telling: Telling, now: WallMs): Telling =>
  telling.clearedAt === undefined ? { ...telling, clearedAt: now } : telling

export const comesAndGoes = ({ raises }: Telling): boolean => raises >= flapRaises

/** Times of the future were written by a clock that was wrong: they count from now on. */
export function byTheClock(telling: Telling, now: WallMs): Telling {
  const past = (at: WallMs): WallMs => wallMs(Math.min(at, now))
  const { since, toldAt, clearedAt, countedFrom } = telling
  if ([since, toldAt, clearedAt, countedFrom].every((at) => at === undefined || at <= now)) return telling
  return {
    ...telling,
    since: past(since),
    countedFrom: past(countedFrom),
    toldAt: toldAt === undefined ? undefined : past(toldAt),
    clearedAt: clearedAt === undefined ? undefined : past(clearedAt),
  }
}

export function nextStep(telling: Telling): NextStep {
  if (telling.clearedAt !== undefined) return afterItsEnd(telling, telling.clearedAt)
  const { severity, since, toldSeverity, toldAt, chapter, toldChapter } = telling
  if (toldSeverity === undefined || toldAt === undefined)
    return {
      kind: 'tell',
      event: 'raised',
      at: later(comesAndGoes(telling) ? since : plus(since, holdMs[severity]), afterGap(telling)),
    }
  const isGraver = order[severity] < order[toldSeverity]
  const isNextChapter = chapter !== undefined && chapter !== toldChapter
  if (isGraver || isNextChapter)
    return { kind: 'tell', event: 'raised', at: later(plus(since, holdMs[severity]), toldAt) }
  const repeatAfter = repeatMs[severity]
  return Number.isFinite(repeatAfter)
    ? { kind: 'tell', event: 'still', at: plus(toldAt, repeatAfter) }
    : { kind: 'nothing' }
}

function afterItsEnd(telling: Telling, clearedAt: WallMs): NextStep {
  const isFlapping = comesAndGoes(telling)
  if (telling.toldSeverity !== undefined)
    return { kind: 'tell', event: 'over', at: plus(clearedAt, isFlapping ? flapCalmMs : calmMs) }
  // Each time it was shorter than anything worth a message; so often it is worth one.
  if (isFlapping && (telling.toldAt === undefined || afterGap(telling) <= clearedAt))
    return { kind: 'tell', event: 'raised', at: clearedAt }
  return { kind: 'forget', at: later(plus(telling.countedFrom, flapWindowMs), afterGap(telling)) }
}

const afterGap = ({ toldAt, severity }: Telling): WallMs =>
  toldAt === undefined ? wallMs(0) : plus(toldAt, gapMs[severity])

const plus = (at: WallMs, ms: number): WallMs => wallMs(at + ms)
const later = (a: WallMs, b: WallMs): WallMs => wallMs(Math.max(a, b))
