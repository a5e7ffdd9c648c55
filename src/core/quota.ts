import type { Quota } from './setup.ts'
import { day, hour, minute } from './time.ts'

/** What one call uses. `external`: recipients outside the organisation. */
export interface Usage {
  readonly messages: number
  readonly recipients: number
  readonly external: number
}

interface Use extends Usage {
  readonly at: number
}

interface Window {
  readonly limit: number
  readonly lengthMs: number
  readonly of: keyof Usage
}

/** The rolling windows of a quota, shortest first. */
function windowsOf(quota: Quota): readonly Window[] {
  const rows: readonly (readonly [number | undefined, number, keyof Usage])[] = [
    [quota.perMinute, minute, 'messages'],
    [quota.perHour, hour, 'messages'],
    [quota.perDay, day, 'messages'],
    [quota.recipientsPerDay, day, 'recipients'],
    [quota.externalPerDay, day, 'external'],
  ]
  return rows.flatMap(([limit, lengthMs, of]) => (limit === undefined ? [] : [{ limit, lengthMs, of }]))
}

const slowest = 1 / 16
const recoveryMs = 10 * minute

/**
 * An exact record of what an upstream was used for in the last day. A token bucket would let twice the amount through a
 * rolling window; a log never does, and a day of the largest quota is a few thousand rows. Times are one clock's, in ms.
 */
export class QuotaLedger {
  #uses: Use[] = []
  #windows: readonly Window[]
  #rate = 1
  #rateSetAt = 0

  constructor(quota: Quota) {
    this.#windows = windowsOf(quota)
  }

  /** Other limits for what was counted: a change of the quota is no new quota. */
  limit(quota: Quota): void {
    this.#windows = windowsOf(quota)
  }

  /** Counts a use. The result takes it back, for one that was set aside and did not happen. */
  record(at: number, usage: Usage): () => void {
    const added: Use = {
      at,
      messages: usage.messages,
      recipients: usage.recipients,
      external: usage.external,
    }
    this.#uses.push(added)
    // A restart replays the past, a clock may disagree with it: keep the order.
    if (this.#uses.length > 1 && at < (this.#uses.at(-2)?.at ?? at)) this.#uses.sort((a, b) => a.at - b.at)
    const old = at - day
    const kept = this.#uses.findIndex((use) => use.at > old)
    if (kept > 64) this.#uses.splice(0, kept)
    return () => {
      this.#uses = this.#uses.filter((use) => use !== added)
    }
  }

  /** The service said 'too many' below what we counted: somebody else uses the subscription. Halves our rate for a while. */
  halve(now: number): void {
    this.#rate = Math.max(slowest, this.rate(now) / 2)
    this.#rateSetAt = now
  }

  /** Share of the quota that is used now: 1, or less after `halve`, doubling every ten minutes. */
  rate(now: number): number {
    return Math.min(1, this.#rate * 2 ** Math.floor((now - this.#rateSetAt) / recoveryMs))
  }

  /**
   * When `usage` fits into every window at the present rate: `now`, or later. A usage above a whole window waits until
   * that window is empty.
   */
  freeAt(now: number, usage: Usage): number {
    return this.#windows.reduce((latest, window) => Math.max(latest, this.#freeIn(window, now, usage)), now)
  }

  /** Messages of one recipient that fit now; infinite without a quota. */
  room(now: number): number {
    return Math.min(...this.#windows.map((window) => this.#limit(window, now) - this.#usedIn(window, now)))
  }

  /**
   * When the last of `count` messages of one recipient will have left at the present rate, by the quota alone: each window
   * gives way as what was used in it grows old, and then again a window later.
   */
  lastAt(now: number, count: number): number {
    if (count <= 0) return now
    return this.#windows
      .filter(({ of }) => of !== 'external')
      .reduce((latest, window) => Math.max(latest, this.#lastIn(window, now, count)), now)
  }

  /** What is left in each window that has a limit, for people. */
  left(now: number): readonly {
    readonly lengthMs: number
    readonly of: keyof Usage
    readonly limit: number
    readonly left: number
  }[] {
    return this.#windows.map((window) => ({
      lengthMs: window.lengthMs,
      of: window.of,
      limit: window.limit,
      left: Math.max(0, window.limit - this.#usedIn(window, now)),
    }))
  }

  #limit(window: Window, now: number): number {
    return Math.max(1, Math.floor(window.limit * this.rate(now)))
  }

  #usedIn(window: Window, now: number): number {
    return this.#uses.reduce((sum, use) => (use.at > now - window.lengthMs ? sum + use[window.of] : sum), 0)
  }

  #lastIn(window: Window, now: number, count: number): number {
    const limit = this.#limit(window, now)
    const [rounds, place] = [Math.floor((count - 1) / limit), (count - 1) % limit]
    const free = Math.max(0, limit - this.#usedIn(window, now))
    if (place < free) return now + rounds * window.lengthMs
    const first = this.#freeIn(window, now, { messages: place + 1, recipients: place + 1, external: 0 })
    return first + rounds * window.lengthMs
  }

  #freeIn(window: Window, now: number, usage: Usage): number {
    const wanted = Math.min(usage[window.of], this.#limit(window, now))
    let excess = this.#usedIn(window, now) + wanted - this.#limit(window, now)
    if (excess <= 0 || wanted === 0) return now
    for (const use of this.#uses) {
      if (use.at <= now - window.lengthMs) continue
      excess -= use[window.of]
      if (excess <= 0) return use.at + window.lengthMs
    }
    return now + window.lengthMs
  }
}
