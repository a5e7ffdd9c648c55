import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import { minute } from '../../core/time.ts'

const leastBetweenMs = 1 * minute

/** Whoever sends what we can't deal with may send it a thousand times: a line at once, then one a minute for all since. */
export function faultLog({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
  let toldAt = Number.NEGATIVE_INFINITY
  let count = 0
  return (error: unknown): void => {
    count += 1
    if (clock.monotonic() - toldAt < leastBetweenMs) return
    log.write('error', 'name-datagram-failed', { detail: String(error), count })
    toldAt = clock.monotonic()
    count = 0
  }
}
