import type { Clock } from '../core/clock.ts'
import { second } from '../core/time.ts'

export interface RestParts {
  readonly clock: Clock
  /** Messages taken or refused, and attempts made so far: grows with the work. */
  readonly work: () => number
  readonly isBusy: () => boolean
  readonly rest: () => void
}

const lookEveryMs = 2 * second
/**
 * Without work. Whoever rests is cold: code and what the compilers knew of it are gone, and the first ten thousand mails
 * after it cost a third to a half more. So the time between two scans, or between two stretches of a busy morning, is none.
 */
const quietMs = 30 * second

/** Calls `rest` soon after the start, and after each stretch of work once nothing was done for 30 s and nothing is being sent. */
export async function restWhenQuiet(
  { clock, work, isBusy, rest }: RestParts,
  signal: AbortSignal,
): Promise<void> {
  let seen = work()
  let quietSince = clock.monotonic() - quietMs
  let hasRested = false
  await clock.sleep(lookEveryMs, signal)
  while (!signal.aborted) {
    const now = clock.monotonic()
    const done = work()
    if (done !== seen || isBusy()) {
      quietSince = now
      hasRested = false
    } else if (!hasRested && now - quietSince >= quietMs) {
      hasRested = true
      rest()
    }
    seen = done
    await clock.sleep(lookEveryMs, signal)
  }
}
