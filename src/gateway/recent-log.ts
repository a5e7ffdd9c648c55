import type { Log } from '../core/log.ts'

type Line = readonly [at: number, ...Parameters<Log['write']>]

/** The last events, for whoever asks for help: as they were handed over, written as text only when somebody asks. */
export class RecentLog implements Log {
  readonly #most: number
  readonly #now: () => number
  #lines: Line[] = []

  constructor(now: () => number, most = 400) {
    this.#now = now
    this.#most = most
  }

  write(...event: Parameters<Log['write']>): void {
    this.#lines.push([this.#now(), ...event])
    // Half at once: a shift for each event would move them all.
    if (this.#lines.length >= 2 * this.#most) this.#lines = this.#lines.slice(-this.#most)
  }

  /** JSON lines as on stderr, the oldest first. */
  lines(): readonly string[] {
    return this.#lines
      .slice(-this.#most)
      .map(([at, level, event, fields]) =>
        JSON.stringify({ at: new Date(at).toISOString(), level, event, ...fields }),
      )
  }
}
