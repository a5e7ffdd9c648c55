import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import { second } from '../core/time.ts'

export interface ClockWatch {
  readonly clock: Clock
  readonly alerts: Alerts
  readonly log: Log
  /** The wall clock moved by `byMs` (backwards: negative) while no such time passed: schedules kept by it are off. */
  onJump(byMs: number): void
}

/** What a time server corrects without anybody noticing. */
const smallestJumpMs = 5 * second
const lookEveryMs = 5 * second
const alertKey = 'clock-not-believable'

/** Watches the wall clock against the monotonic one until the signal aborts (promise 9). */
export async function watchClock(
  { clock, alerts, log, onJump }: ClockWatch,
  signal: AbortSignal,
): Promise<void> {
  let offset = offsetOf(clock)
  while (!signal.aborted) {
    const now = offsetOf(clock)
    const byMs = now - offset
    // Slow slewing is taken along with each look, so that it never adds up to a jump.
    offset = now
    if (Math.abs(byMs) > smallestJumpMs) {
      log.write('warn', 'clock-jumped', { byMs: Math.round(byMs) })
      onJump(byMs)
    }
    tellBelievable(clock, alerts)
    await clock.sleep(lookEveryMs, signal)
  }
}

const offsetOf = (clock: Clock): number => clock.wall() - clock.monotonic()

function tellBelievable(clock: Clock, alerts: Alerts): void {
  if (clock.isBelievable()) {
    alerts.clear(alertKey)
    return
  }
  alerts.raise({
    key: alertKey,
    severity: 'warning',
    sentence: 'The clock of this box is wrong: mail is accepted, sending waits.',
    remedy: 'Let the box reach a time server (NTP, UDP port 123), or set its clock.',
  })
}
