import type { UpstreamView } from '../core/operations.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import type { Pause, QueueCounts, Spool } from '../core/spool.ts'
import { waitingOn } from '../core/step-delivery.ts'
import type { WallMs } from '../core/time.ts'
import { byHand, pauseAlert, pauseAlertKey } from '../delivery/pauses.ts'

/**
 * Pauses the whole upstream by hand, as a running gateway would; one by hand stays as it is (false), others keep their
 * beginning.
 */
export async function pauseOffline(spool: Spool, upstream: string, now: WallMs): Promise<boolean> {
  const before = wholePause(await spool.pauses(), upstream)
  if (before?.byOperator) return false
  const pause: Pause = {
    ...byHand,
    upstream,
    sender: undefined,
    since: before?.since ?? now,
    byOperator: true,
    nextProbeAt: undefined,
    probes: (before?.probes ?? 0) + 1,
  }
  await spool.setPause(pause)
  await spool.saveAlert(pauseAlert(pause), pause.since)
  return true
}

/**
 * Lifts every pause of it, those of single senders too; the alert of one that was no wish stays until a mail got through.
 * False: there was none.
 */
export async function resumeOffline(spool: Spool, upstream: string, now: WallMs): Promise<boolean> {
  const own = (await spool.pauses()).filter((pause) => pause.upstream === upstream)
  for (const pause of own) {
    await spool.clearPause(upstream, pause.sender)
    if (pause.byOperator) await spool.clearAlert(pauseAlertKey(upstream, pause.sender), now)
  }
  return own.length > 0
}

/** An upstream while no gateway runs: paused as a whole, or for a sender, or at rest. */
export function offlineUpstream(
  setup: UpstreamSetup,
  pauses: readonly Pause[],
  queue: QueueCounts,
): UpstreamView {
  const { name, kind } = setup
  const pause = wholePause(pauses, name) ?? pauses.find(({ upstream }) => upstream === name)
  const waiting = waitingFor(name, queue)
  const why = { reason: pause?.reason ?? '', remedy: pause?.remedy ?? '' }
  return {
    name,
    kind,
    state: pause ? 'paused' : 'not running',
    reason: pause?.sender === undefined ? why.reason : `${pause.sender}: ${why.reason}`,
    remedy: why.remedy,
    inFlight: 0,
    waiting,
    nextTryInMs: undefined,
    byOperator: pause?.byOperator ?? false,
    quota: [],
    forecast: waiting === 0 ? { kind: 'nothing-waits' } : { kind: 'paused', waiting },
  }
}

const wholePause = (pauses: readonly Pause[], name: string): Pause | undefined =>
  pauses.find(({ upstream, sender }) => upstream === name && sender === undefined)

const waitingFor = (name: string, { waitingByUpstream }: QueueCounts): number =>
  Object.entries(waitingByUpstream)
    .filter(([key]) => waitingOn(key).upstream === name)
    .reduce((sum, [, count]) => sum + count, 0)
