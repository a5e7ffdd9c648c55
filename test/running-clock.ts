import { performance } from 'node:perf_hooks'
import type { Clock } from '../src/core/clock.ts'
import { monotonicMs, type WallMs, wallMs } from '../src/core/time.ts'
import { sleepBy } from '../src/platform/clock.ts'

/** Real milliseconds that others have at least, also when hours are skipped meanwhile. */
const leastForOthers = 1000

interface Timer {
  readonly at: number
  /** No jump calls it back before that, in real milliseconds. */
  readonly notBefore: number
  readonly callback: () => void
  readonly real: NodeJS.Timeout
}

/**
 * A clock for whole gateways: time passes as it does outside, and `jump` skips hours and weeks of it; every timer that
 * came due on the way is called in order. A limit on others' answers is passed over while they had no real time to give
 * one, and stays for the next jump. Both clocks move alike; `setWall` moves the wall clock alone.
 */
export class RunningClock implements Clock {
  #skipped = 0
  #wallOffset: number
  readonly #timers = new Set<Timer>()
  believable: () => boolean = () => true

  constructor(start: WallMs) {
    this.#wallOffset = start - performance.now()
  }

  wall(): WallMs {
    return wallMs(Math.round(performance.now() + this.#skipped + this.#wallOffset))
  }

  monotonic(): ReturnType<Clock['monotonic']> {
    return monotonicMs(performance.now() + this.#skipped)
  }

  isBelievable(): boolean {
    return this.believable()
  }

  after(ms: number, callback: () => void): () => void {
    return this.#set(ms, callback, 0)
  }

  limit(ms: number, callback: () => void): () => void {
    return this.#set(ms, callback, leastForOthers)
  }

  #set(ms: number, callback: () => void, leastRealMs: number): () => void {
    const fire = (): void => {
      clearTimeout(timer.real)
      if (this.#timers.delete(timer)) callback()
    }
    const timer: Timer = {
      at: this.monotonic() + Math.max(0, ms),
      notBefore: performance.now() + leastRealMs,
      callback: fire,
      real: setTimeout(fire, Math.min(Math.max(0, ms), 2 ** 31 - 1)).unref(),
    }
    this.#timers.add(timer)
    return () => {
      clearTimeout(timer.real)
      this.#timers.delete(timer)
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepBy((wait, callback) => this.after(wait, callback), ms, signal)
  }

  /** Sets the wall clock alone, as a time server does. */
  setWall(to: WallMs): void {
    this.#wallOffset = to - performance.now() - this.#skipped
  }

  /** `ms` pass and nobody does anything meanwhile: what came due comes later, as after a process that stood still. */
  stand(ms: number): void {
    this.#skipped += ms
  }

  /** Skips `ms`; lets promises and sockets breathe after each timer. */
  async jump(ms: number): Promise<void> {
    const end = this.monotonic() + ms
    for (;;) {
      const next = [...this.#timers]
        .filter(({ at, notBefore }) => at <= end && notBefore <= performance.now())
        .sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#skipped += Math.max(0, next.at - this.monotonic())
      next.callback()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#skipped += Math.max(0, end - this.monotonic())
    await new Promise((resolve) => setImmediate(resolve))
  }
}
