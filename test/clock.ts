import type { Clock } from '../src/core/clock.ts'
import { monotonicMs, type WallMs, wallMs } from '../src/core/time.ts'
import { sleepBy } from '../src/platform/clock.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/**
 * A clock for tests: it stands still until `jump` moves it, then every timer that came due is called in order, with the
 * time each was set for. What the callbacks start on sockets and disk runs in real time: wait for its result, not for
 * this clock.
 */
export class JumpingClock implements Clock {
  #wall: number
  #monotonic = 0
  #timers: Timer[] = []
  believable = true

  constructor(start: WallMs) {
    this.#wall = start
  }

  wall(): WallMs {
    return wallMs(this.#wall)
  }

  monotonic(): ReturnType<Clock['monotonic']> {
    return monotonicMs(this.#monotonic)
  }

  isBelievable(): boolean {
    return this.believable
  }

  after(ms: number, callback: () => void): () => void {
    const timer: Timer = { at: this.#monotonic + Math.max(0, ms), callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  limit(ms: number, callback: () => void): () => void {
    return this.after(ms, callback)
  }

  /** Timers that are set. */
  get waiting(): number {
    return this.#timers.length
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepBy((wait, callback) => this.after(wait, callback), ms, signal)
  }

  /** Sets the wall clock alone, as a time server does. */
  setWall(to: WallMs): void {
    this.#wall = to
  }

  /** Moves both clocks by `ms`; lets promises and sockets breathe after each timer. */
  async jump(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#advance(Math.max(next.at, this.#monotonic))
      this.#timers = this.#timers.filter((timer) => timer !== next)
      next.callback()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#advance(end)
    await new Promise((resolve) => setImmediate(resolve))
  }

  #advance(to: number): void {
    this.#wall += to - this.#monotonic
    this.#monotonic = to
  }
}
