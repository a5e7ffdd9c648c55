import type { Clock } from '../core/clock.ts'
import { second } from '../core/time.ts'

export interface Deadline extends Disposable {
  /** Aborts when the time is up, or with the caller's signal. */
  readonly signal: AbortSignal
}

/** A limit on waiting, by the given clock. Dispose it when the wait is over. */
export function deadline(clock: Clock, ms: number, signal: AbortSignal): Deadline {
  const controller = new AbortController()
  const cancel = clock.limit(ms, () =>
    controller.abort(new DOMException(`no end within ${Math.round(ms / second)} s`, 'TimeoutError')),
  )
  return { signal: AbortSignal.any([signal, controller.signal]), [Symbol.dispose]: cancel }
}

/** How long an upload may take: a minute and the time that a slow branch line (64 KiB/s) needs for the octets. */
export const uploadLimitMs = (octets: number): number => 60 * second + (octets / 65_536) * second
