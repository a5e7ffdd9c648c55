import type { Clock } from '../core/clock.ts'
import { hour, type WallMs, wallMs } from '../core/time.ts'

/** Mail that a device may hand in above its rate, as a multiple of it, before it is turned away. */
const refusedAbove = 10

interface DeviceTimes {
  /** Monotonic times of acceptance within the last hour, oldest first. */
  accepted: number[]
  /** When the last `maxPerHour` mails leave, oldest first. */
  releases: number[]
}

/**
 * Each device's own rate over a rolling hour. Above `maxPerHour` mail is taken and paced: at most that many leave in any
 * hour; ten times above it is refused (451). Monotonic, so that a jumping clock changes nothing.
 */
export class DeviceRates {
  readonly #clock: Clock
  readonly #devices = new Map<string, DeviceTimes>()

  /** `seen`: what was accepted in the hour before, any order. */
  constructor(
    clock: Clock,
    seen: readonly { readonly device: string; readonly at: WallMs }[],
    maxPerHour: (device: string) => number | undefined,
  ) {
    this.#clock = clock
    const offset = clock.monotonic() - clock.wall()
    for (const { device, at } of [...seen].sort((a, b) => a.at - b.at)) {
      const limit = maxPerHour(device)
      if (limit !== undefined) this.#count(device, limit, Math.min(at + offset, clock.monotonic()))
    }
  }

  isFarAbove(device: string, maxPerHour: number): boolean {
    return maxPerHour > 0 && this.#times(device).accepted.length >= refusedAbove * maxPerHour
  }

  /** Counts an accepted mail; the time before which it must not leave, if it is above the rate. */
  count(device: string, maxPerHour: number): WallMs | undefined {
    if (maxPerHour <= 0) return undefined
    const now = this.#clock.monotonic()
    const release = this.#count(device, maxPerHour, now)
    return release > now ? wallMs(this.#clock.wall() + Math.ceil(release - now)) : undefined
  }

  #count(device: string, maxPerHour: number, now: number): number {
    const times = this.#times(device)
    times.accepted.push(now)
    const earliest = times.releases.at(-maxPerHour)
    const release = Math.max(now, earliest === undefined ? now : earliest + hour)
    times.releases.push(release)
    if (times.releases.length > 2 * maxPerHour) times.releases = times.releases.slice(-maxPerHour)
    return release
  }

  #times(device: string): DeviceTimes {
    let times = this.#devices.get(device)
    if (!times) {
      times = { accepted: [], releases: [] }
      this.#devices.set(device, times)
    }
    const from = this.#clock.monotonic() - hour
    const old = times.accepted.findIndex((at) => at > from)
    if (old !== 0) times.accepted = old < 0 ? [] : times.accepted.slice(old)
    return times
  }
}
