import type { Clock } from '../core/clock.ts'
import { hour, type WallMs, wallMs } from '../core/time.ts'

/** Mail that a device may hand in above its rate, as a multiple of it, before it is turned away. */
const refusedAbove = 10
/** Mails of one device that are being stored at once and may be given back, generously. */
const mostUnderWay = 500

interface DeviceTimes {
  /** Monotonic times of acceptance within the last hour, oldest first. */
  accepted: number[]
  /** When the last mails leave, oldest first: `maxPerHour` of them and those that may be given back. */
  releases: number[]
}

/** A mail's place in its device's hour. */
export interface RatePlace {
  /** The time before which it must not leave, if it is above the rate. */
  readonly notBefore: WallMs | undefined
  /** For mail that was not stored: it counts no more. */
  giveBack(): void
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

  /** Counts a mail that is about to be accepted. */
  take(device: string, maxPerHour: number): RatePlace {
    if (maxPerHour <= 0) return { notBefore: undefined, giveBack: () => undefined }
    const now = this.#clock.monotonic()
    const release = this.#count(device, maxPerHour, now)
    return {
      notBefore: release > now ? wallMs(this.#clock.wall() + Math.ceil(release - now)) : undefined,
      giveBack: () => this.#giveBack(device, now, release),
    }
  }

  /** What it sent under its old name counts on. */
  rename(names: ReadonlyMap<string, string>): void {
    const renamed = [...names].map(([from, to]) => [to, this.#devices.get(from)] as const)
    for (const from of names.keys()) this.#devices.delete(from)
    for (const [to, times] of renamed) if (times) this.#devices.set(to, times)
  }

  #giveBack(device: string, accepted: number, release: number): void {
    const times = this.#devices.get(device)
    if (!times) return
    remove(times.accepted, accepted)
    remove(times.releases, release)
  }

  #count(device: string, maxPerHour: number, now: number): number {
    const times = this.#times(device)
    times.accepted.push(now)
    const earliest = times.releases.at(-maxPerHour)
    const release = Math.max(now, earliest === undefined ? now : earliest + hour)
    times.releases.push(release)
    const kept = maxPerHour + mostUnderWay
    if (times.releases.length > 2 * kept) times.releases = times.releases.slice(-kept)
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

function remove(times: number[], time: number): void {
  const at = times.lastIndexOf(time)
  if (at >= 0) times.splice(at, 1)
}
