import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import { lampWordOf } from '../core/lamp.ts'
import { second } from '../core/time.ts'
import type { StatusLamp } from '../platform/status-lamp.ts'

export interface LampCareParts {
  readonly lamp: Pick<StatusLamp, 'show' | 'isAbsent'>
  readonly clock: Clock
  readonly alerts: Pick<Alerts, 'active'>
  readonly isClaimed: () => boolean
}

const lookEveryMs = 10 * second

/** Shows how the box is until the signal aborts, where there is a lamp. Looks, rather than being told: nobody sees ten seconds on a lamp. */
export async function watchLamp(
  { lamp, clock, alerts, isClaimed }: LampCareParts,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && !lamp.isAbsent) {
    void lamp.show(lampWordOf(isClaimed(), alerts.active()))
    await clock.sleep(lookEveryMs, signal)
  }
}
