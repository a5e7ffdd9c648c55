import type { Disk } from '../core/machine-health.ts'
import { hour, type MonotonicMs, minute } from '../core/time.ts'

interface Look {
  readonly at: MonotonicMs
  readonly free: number
}

const lookEveryMs = 15 * minute
const mostLooks = 96
/** Shorter than that, one large scan would fill any disk. */
const leastMs = 1 * hour

/** How fast a disk fills, by looks of up to 24 hours at what is free. In memory: a restart begins anew. */
export class DiskTrend {
  readonly #looks: Look[] = []

  look(at: MonotonicMs, free: number): void {
    const last = this.#looks.at(-1)
    if (last && at - last.at < lookEveryMs) return
    this.#looks.push({ at, free })
    if (this.#looks.length > mostLooks) this.#looks.shift()
  }

  /**
   * Until what is free has shrunk to `reserve` octets, by the faster of the last hour and the whole time; undefined: it does
   * not shrink, or less than an hour is known.
   */
  hoursLeft(now: MonotonicMs, free: number, reserve: number): number | undefined {
    const known = this.#looks.filter(({ at }) => now - at >= leastMs)
    const speeds = [known.at(0), known.at(-1)].flatMap((look) =>
      look ? [((look.free - free) / (now - look.at)) * hour] : [],
    )
    const fastest = Math.max(0, ...speeds)
    return fastest === 0 ? undefined : Math.max(0, free - reserve) / fastest
  }

  /** The disk with what is known of its growth. */
  withHours(now: MonotonicMs, disk: Disk, reserve: number): Disk {
    const hoursLeft = this.hoursLeft(now, disk.free, reserve)
    return hoursLeft === undefined ? disk : { ...disk, hoursLeft: Math.round(hoursLeft * 10) / 10 }
  }
}
