import type { Clock } from '../core/clock.ts'
import { type DeviceTrait, learnedLastsMs, type Repair } from '../core/learning.ts'
import type { Log } from '../core/log.ts'
import type { Spool } from '../core/spool.ts'
import { minute, type WallMs } from '../core/time.ts'
import type { SubmissionParts } from './parts.ts'

/** A device that scans all day is written six times an hour: the flash counts. */
const saveAfterMs = 10 * minute

export interface SeenDevice extends Pick<DeviceTrait, 'device' | 'address' | 'tls' | 'mechanism'> {
  readonly session: string
  readonly repairs: readonly string[]
}

/** What each device was seen to need: when it was here last, how it encrypts and signs in, what is mended for it. */
export class DeviceTraits {
  readonly #spool: Pick<Spool, 'saveTraits'>
  readonly #clock: Clock
  readonly #log: Log
  readonly #known: Map<string, DeviceTrait>
  readonly #unsaved = new Set<string>()
  readonly #onSeen: SubmissionParts['onDeviceSeen']
  #cancel: (() => void) | undefined

  constructor(
    spool: Pick<Spool, 'saveTraits'>,
    clock: Clock,
    log: Log,
    known: readonly DeviceTrait[],
    onSeen?: SubmissionParts['onDeviceSeen'],
  ) {
    this.#onSeen = onSeen
    this.#spool = spool
    this.#clock = clock
    this.#log = log
    this.#known = new Map(known.map((trait) => [trait.device, trait]))
  }

  saw({ device, address, tls, mechanism, session, repairs }: SeenDevice): void {
    const now = this.#clock.wall()
    const before = this.#known.get(device)?.repairs ?? []
    this.#known.set(device, {
      device,
      address,
      lastSeen: now,
      lastSession: session,
      tls,
      mechanism,
      repairs: withRepairs(before, repairs, now),
    })
    this.#unsaved.add(device)
    this.#onSeen?.(device, address, mechanism !== '')
    this.#cancel ??= this.#clock.after(saveAfterMs, () => void this.save())
  }

  needs(device: string, repair: string): boolean {
    const since = this.#clock.wall() - learnedLastsMs
    return this.#known.get(device)?.repairs.some(({ name, at }) => name === repair && at > since) ?? false
  }

  list(): readonly DeviceTrait[] {
    const since = this.#clock.wall() - learnedLastsMs
    return [...this.#known.values()].filter(({ lastSeen }) => lastSeen > since)
  }

  /** It was another device. */
  forget(device: string): void {
    this.#known.delete(device)
    this.#unsaved.delete(device)
  }

  rename(names: ReadonlyMap<string, string>): void {
    const renamed = [...names].flatMap(([from, device]) => {
      const trait = this.#known.get(from)
      return trait ? [{ ...trait, device }] : []
    })
    for (const from of names.keys()) this.forget(from)
    for (const trait of renamed) {
      this.#known.set(trait.device, trait)
      this.#unsaved.add(trait.device)
    }
  }

  /** Does not reject: what the disk does not take is logged, and written with the next. */
  async save(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    const traits = [...this.#unsaved].flatMap((device) => this.#known.get(device) ?? [])
    this.#unsaved.clear()
    if (traits.length === 0) return
    try {
      await this.#spool.saveTraits(traits)
    } catch (error) {
      this.#log.write('warn', 'learning-not-saved', { detail: String(error) })
      for (const { device } of traits) this.#unsaved.add(device)
    }
  }
}

function withRepairs(before: readonly Repair[], names: readonly string[], at: WallMs): readonly Repair[] {
  const kept = before.filter((repair) => !names.includes(repair.name) && repair.at > at - learnedLastsMs)
  return [...kept, ...names.map((name) => ({ name, at }))].sort((a, b) => (a.name < b.name ? -1 : 1))
}
