import type { Alert } from '../core/alerts.ts'
import type { Ration } from '../core/telling-spool.ts'
import { day, type WallMs } from '../core/time.ts'

/** Messages within 24 hours; alarms have a third more, so that chatter never uses up theirs. */
export const mostADay: Readonly<Record<Alert['severity'], number>> = { alarm: 30, warning: 20, notice: 20 }
/** Sentences that the sum quotes. */
const mostHeld = 50

export const freshRation = (now: WallMs): Ration => ({ since: now, count: 0, held: [], more: 0 })

export const mayTell = ({ count }: Ration, severity: Alert['severity']): boolean => count < mostADay[severity]

export const spent = (ration: Ration): Ration => ({ ...ration, count: ration.count + 1 })

/** It comes in the sum of the day. */
export const held = (ration: Ration, sentence: string): Ration =>
  ration.held.length < mostHeld
    ? { ...ration, held: [...ration.held, sentence] }
    : { ...ration, more: ration.more + 1 }

/** When the day ends, and with it the sum is told; undefined: nothing was used of it. */
export const endOf = (ration: Ration): number | undefined =>
  ration.count === 0 && ration.held.length === 0 ? undefined : ration.since + day

/** A day that is over, or that a wrong clock began in the future. */
export const isOver = (ration: Ration, now: WallMs): boolean =>
  now >= ration.since + day || ration.since > now
