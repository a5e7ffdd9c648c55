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

/** Calls `rest` once after the start and after each stretch of work, when nothing was done between two looks and nothing is under way. */
export async function restWhenQuiet(
  { clock, work, isBusy, rest }: RestParts,
  signal: AbortSignal,
): Promise<void> {
  let seen = -1
  let rested = -1
  while (!signal.aborted) {
    const done = work()
    if (done === seen && done !== rested && !isBusy()) {
      rested = done
      rest()
    }
    seen = done
    await clock.sleep(lookEveryMs, signal)
  }
}
