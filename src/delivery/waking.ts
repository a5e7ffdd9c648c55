import type { Clock } from '../core/clock.ts'
import type { Spool } from '../core/spool.ts'
import { waitingOn } from '../core/step-delivery.ts'
import type { MonotonicMs } from '../core/time.ts'
import type { Lane } from './lane.ts'

export interface WakingParts {
  readonly spool: Pick<Spool, 'counts' | 'wake'>
  readonly clock: Clock
  readonly lanes: ReadonlyMap<string, Lane>
}

const everything = 1_000_000
const single = { messages: 1, recipients: 1, external: 0 } as const

/**
 * Makes due what waits for a lane that is usable again, no more than fits. What changed for everybody is told once, when it
 * changes: a lane that closed sends its mail to look for another, one that came back takes what waits for closed ones. Mail
 * that finds nothing better is parked again, so nothing here may happen in every round (promise 8).
 */
export async function wakeWaiting(parts: WakingParts, hasNewSettings: boolean): Promise<void> {
  const lanes = [...parts.lanes.values()]
  const now = parts.clock.monotonic()
  const isNews = hasNewSettings || lanes.some((lane) => lane.isReopened || lane.isClosedAnew)
  if (!isNews && !lanes.some((lane) => isReady(lane, now))) return
  const { waitingByUpstream } = await parts.spool.counts()
  const waiting = Object.entries(waitingByUpstream)
  if (isNews) await wakeForNews(waiting, hasNewSettings, parts)
  for (const lane of lanes) {
    if (isReady(lane, now)) await wakeOwn(lane, waiting, now, parts)
  }
}

/** When a lane that others wait for will be worth a look, in monotonic ms. */
export function nextWakeAt(lane: Lane, now: MonotonicMs): number | undefined {
  if (!lane.mayHaveWaiting || lane.pause) return undefined
  return Math.max(lane.restsUntil, lane.throttledUntil(now) ?? 0, lane.sends.freeAt(now, single))
}

const isReady = (lane: Lane, now: MonotonicMs): boolean =>
  lane.mayHaveWaiting && lane.restsUntil <= now && lane.availability(undefined, single, now).kind === 'ready'

async function wakeForNews(
  waiting: readonly (readonly [string, number])[],
  hasNewSettings: boolean,
  { lanes, spool, clock }: WakingParts,
): Promise<void> {
  const all = [...lanes.values()]
  const reopened = all.filter((lane) => lane.isReopened)
  const closed = new Set(all.filter((lane) => lane.isClosedAnew).map((lane) => lane.name))
  for (const lane of all) {
    lane.isReopened = false
    lane.isClosedAnew = false
  }
  for (const [key] of waiting) {
    const { upstream } = waitingOn(key)
    const isForOther = reopened.some((lane) => lane.name !== upstream)
    if (hasNewSettings || closed.has(upstream) || isForOther) await spool.wake(key, everything, clock.wall())
  }
}

async function wakeOwn(
  lane: Lane,
  waiting: readonly (readonly [string, number])[],
  now: MonotonicMs,
  { spool, clock }: WakingParts,
): Promise<void> {
  const room = lane.room(now)
  let hasMore = lane.isOnProbation
  for (const [key, count] of waiting) {
    const { upstream, sender } = waitingOn(key)
    if (upstream !== lane.name || lane.isPausedFor(sender)) continue
    const woken = await spool.wake(key, room, clock.wall())
    if (woken < count) hasMore = true
  }
  lane.mayHaveWaiting = hasMore
}
