import type { Alert, Alerts } from '../core/alerts.ts'
import type { Log } from '../core/log.ts'
import type { PauseReason } from '../core/outcome.ts'
import type { Pause, Spool } from '../core/spool.ts'
import { waitingKey, waitingOn } from '../core/step-delivery.ts'
import type { WallMs } from '../core/time.ts'
import type { Lane } from './lane.ts'

export interface PauseParts {
  readonly spool: Pick<Spool, 'setPause' | 'clearPause'>
  readonly alerts: Alerts
  readonly log: Log
}

export const outage = (detail: string): PauseReason => ({
  code: 'unreachable',
  reason: `does not answer: ${detail}`,
  remedy:
    'Nothing to do if the line or the service is down: sending goes on by itself. `inkpost status` says when it tries next.',
  mayProbe: true,
})

export const byHand: PauseReason = {
  code: 'paused-by-hand',
  reason: 'paused by hand',
  remedy: 'Resume it when it may send again.',
  mayProbe: false,
}

/** What this box lacks itself, by the drivers' codes; nothing of it is the service's. */
export const ownTroubles: ReadonlySet<string> = new Set([
  'key-missing',
  'certificate-missing',
  'certificate-not-signed',
  'ca-file-unreadable',
])

/** Pauses in memory, on disk and as an alert, always the three together. */
export async function pauseLane(
  lane: Lane,
  reason: PauseReason,
  sender: string | undefined,
  byOperator: boolean,
  now: WallMs,
  parts: PauseParts,
): Promise<void> {
  const pause = lane.setPause(reason, sender, byOperator, now)
  parts.log.write('warn', 'upstream-paused', {
    upstream: lane.name,
    sender,
    code: pause.code,
    reason: pause.reason,
  })
  parts.alerts.raise(pauseAlert(pause))
  await parts.spool.setPause(pause)
}

/** Nothing ends these but a person who speaks to the service. */
const alarming: ReadonlySet<string> = new Set(['sending-banned', 'mailbox-blocked', 'address-blocked'])

/** How a person is told of a pause. */
export const pauseAlert = ({ upstream, sender, byOperator, code, reason, remedy }: Pause): Alert => ({
  key: pauseAlertKey(upstream, sender),
  severity: byOperator ? 'notice' : alarming.has(code) ? 'alarm' : 'warning',
  sentence: sender
    ? `${upstream} does not send for ${sender}: ${reason}`
    : `${upstream} is paused: ${reason}`,
  remedy,
})

/** Lifts a pause; the alert stays until a mail has got through (`clearPauseAlerts`). */
export async function liftPause(lane: Lane, sender: string | undefined, parts: PauseParts): Promise<boolean> {
  const pause = lane.lift(sender)
  if (!pause) return false
  parts.log.write('info', 'upstream-tried-again', { upstream: lane.name, sender, probes: pause.probes })
  await parts.spool.clearPause(lane.name, sender)
  return true
}

export function clearPauseAlerts(lane: Lane, sender: string | undefined, alerts: Alerts): void {
  if (!lane.pause) alerts.clear(pauseAlertKey(lane.name, undefined))
  if (sender !== undefined) alerts.clear(pauseAlertKey(lane.name, sender))
}

/** Nothing goes by this upstream any more: its pauses on disk and its alerts end, those of senders too. */
export async function forgetPauses(
  upstream: string,
  { spool, alerts }: { readonly spool: Pick<Spool, 'pauses' | 'clearPause'>; readonly alerts: Alerts },
): Promise<void> {
  const prefix = pauseAlertKey('', undefined)
  const isOfIt = (key: string): boolean => waitingOn(key).upstream === upstream
  for (const { key } of alerts.active())
    if (key.startsWith(prefix) && isOfIt(key.slice(prefix.length))) alerts.clear(key)
  for (const pause of await spool.pauses())
    if (pause.upstream === upstream) await spool.clearPause(upstream, pause.sender)
}

export const pauseAlertKey = (upstream: string, sender: string | undefined): string =>
  `upstream-paused/${waitingKey(upstream, sender)}`
