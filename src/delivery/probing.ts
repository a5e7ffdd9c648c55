import type { Clock } from '../core/clock.ts'
import type { Pause, Spool } from '../core/spool.ts'
import { waitingOn } from '../core/step-delivery.ts'
import { hour } from '../core/time.ts'
import type { Lane } from './lane.ts'
import { clearPauseAlerts, liftPause, type PauseParts, pauseLane } from './pauses.ts'

export interface ProbeParts extends PauseParts {
  readonly spool: PauseParts['spool'] & Pick<Spool, 'counts'>
  readonly clock: Clock
}

/** No probe is planned further ahead: one that seems so was planned by a clock that was wrong. */
const furthestProbeMs = 2 * hour

export function isProbeDue(pause: Pause, now: number): boolean {
  const { nextProbeAt } = pause
  return nextProbeAt !== undefined && (nextProbeAt <= now || nextProbeAt > now + furthestProbeMs)
}

/** A paused lane tries itself: what needs no mail first, then one waiting mail. A sender is tried by its mail alone. */
export async function probeLane(
  lane: Lane,
  sender: string | undefined,
  parts: ProbeParts,
  signal: AbortSignal,
): Promise<void> {
  if (sender !== undefined) {
    await liftPause(lane, sender, parts)
    return clearIfIdle(lane, sender, parts)
  }
  const found = await lane.upstream.probe(signal)
  const { pause } = lane
  if (!pause || pause.byOperator || signal.aborted) return
  switch (found.kind) {
    case 'usable':
      await liftPause(lane, undefined, parts)
      return clearIfIdle(lane, undefined, parts)
    case 'paused':
      return pauseLane(lane, found.pause, undefined, false, parts.clock.wall(), parts)
    case 'throttled':
    case 'transient':
      return pauseLane(lane, pause, undefined, false, parts.clock.wall(), parts)
  }
}

/** Without waiting mail nothing will prove the lane: the probe has to do. */
async function clearIfIdle(lane: Lane, sender: string | undefined, parts: ProbeParts): Promise<void> {
  const { waitingByUpstream } = await parts.spool.counts()
  const isAwaited = Object.keys(waitingByUpstream).some((key) => {
    const awaited = waitingOn(key)
    return awaited.upstream === lane.name && awaited.sender === sender
  })
  if (isAwaited) return
  lane.succeed()
  clearPauseAlerts(lane, sender, parts.alerts)
}
