import type { MonotonicMs, WallMs } from './time.ts'

/** Time as an argument: the machine's, or a test's. */
export interface Clock {
  wall(): WallMs
  monotonic(): MonotonicMs
  /** Not before the build date: a box without a battery starts in 1970 and sends nothing until it knows better. */
  isBelievable(): boolean
  /** Resolves after `ms` of monotonic time, or at once when the signal aborts (it does not reject). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls back after `ms` of monotonic time; the result cancels it. Does not keep the process alive. */
  after(ms: number, callback: () => void): () => void
  /** The same for a limit on waiting for others: a clock that skips time gives them some all the same. */
  limit(ms: number, callback: () => void): () => void
}
