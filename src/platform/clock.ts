import { performance } from 'node:perf_hooks'
import type { Clock } from '../core/clock.ts'
import { monotonicMs, type WallMs, wallMs } from '../core/time.ts'

/** setTimeout takes at most 2^31 - 1 ms; longer waits are cut into days. */
const longestTimerMs = 24 * 3600 * 1000

/**
 * The machine's clocks. The wall clock is believable once it is not before `buildDate`: most small boxes start in 1970
 * or at their last shutdown until the network tells them the time.
 */
export function systemClock(buildDate: WallMs): Clock {
  const after = (ms: number, callback: () => void): (() => void) => {
    let timer: NodeJS.Timeout
    const arm = (left: number): void => {
      const slice = Math.min(left, longestTimerMs)
      timer = setTimeout(() => (left > slice ? arm(left - slice) : callback()), Math.max(0, slice))
      timer.unref()
    }
    arm(ms)
    return () => clearTimeout(timer)
  }
  return {
    wall: () => wallMs(Date.now()),
    monotonic: () => monotonicMs(performance.now()),
    isBelievable: () => Date.now() >= buildDate,
    after,
    limit: after,
    sleep: (ms, signal) => sleepBy(after, ms, signal),
  }
}

/** A sleep made of `after`: ends early, without rejecting, when the signal aborts. */
export function sleepBy(after: Clock['after'], ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const wake = (): void => {
      cancel()
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const cancel = after(ms, wake)
    signal?.addEventListener('abort', wake, { once: true })
  })
}
