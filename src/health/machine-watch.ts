import type { Alert, Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { MachineHealth } from '../core/machine-health.ts'
import {
  type MachineSigns,
  type MachineTrouble,
  type MachineTroubleKind,
  machineTroubles,
  troublesOf,
} from '../core/machine-troubles.ts'
import { minute } from '../core/time.ts'
import { DiskTrend } from './disk-trend.ts'

export interface MachineWatchParts {
  readonly clock: Clock
  readonly alerts: Alerts
  readonly log: Log
  readonly read: () => Promise<Omit<MachineHealth, 'machine'>>
  /** Whether the DNS answers; undefined: there is nothing to ask it for. Asked every few minutes. */
  readonly askNames: (signal: AbortSignal) => Promise<boolean | undefined>
  /** Octets of the disk below which mail is refused. */
  readonly reserve: number
}

const lookEveryMs = 1 * minute
/** The DNS is asked with every fifth look: for a name that the ways out are asked for anyway. */
const looksPerQuestion = 5

interface Patience {
  /** Looks in a row that have to see a trouble before it is told. */
  readonly before: number
  /** Looks in a row that have to see nothing of it before it is over. */
  readonly after: number
}

/** What comes and goes is told when it stays, and is over when it stays away; of power each short moment counts. */
const patience: Readonly<Record<MachineTroubleKind, Patience>> = {
  'too-warm': { before: 3, after: 10 },
  undervoltage: { before: 1, after: 60 },
  'memory-short': { before: 5, after: 10 },
  'card-read-only': { before: 1, after: 1 },
  'card-faults': { before: 1, after: 1 },
  'card-worn': { before: 1, after: 1 },
  'disk-filling': { before: 10, after: 30 },
  'clock-not-set': { before: 15, after: 1 },
  'no-network': { before: 5, after: 1 },
  'no-address': { before: 5, after: 1 },
  'no-router': { before: 5, after: 1 },
  'no-name-service': { before: 10, after: 1 },
}

/** Looks at the machine once a minute, and keeps what it saw last. */
export class MachineWatch {
  readonly #parts: MachineWatchParts
  readonly #trend = new DiskTrend()
  readonly #seen = new Map<MachineTroubleKind, number>()
  readonly #unseen = new Map<MachineTroubleKind, number>()
  #latest: MachineSigns | undefined
  #looks = 0
  #doNamesAnswer: boolean | undefined

  constructor(parts: MachineWatchParts) {
    this.#parts = parts
  }

  /** Undefined before the first look. */
  get latest(): MachineSigns | undefined {
    return this.#latest
  }

  /** Until the signal aborts; never rejects. */
  async watch(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts
    while (!signal.aborted) {
      try {
        await this.look(signal)
      } catch (error) {
        log.write('warn', 'machine-not-seen', { detail: String(error) })
      }
      await clock.sleep(lookEveryMs, signal)
    }
  }

  /** With what only who looks again and again knows. */
  completed(health: MachineHealth): MachineHealth {
    const { clock, reserve } = this.#parts
    return health.disk
      ? { ...health, disk: this.#trend.withHours(clock.monotonic(), health.disk, reserve) }
      : health
  }

  async look(signal: AbortSignal): Promise<void> {
    const { clock, read, reserve, askNames } = this.#parts
    const signs = await read()
    if (this.#looks % looksPerQuestion === 0) this.#doNamesAnswer = await askNames(signal)
    if (signal.aborted) return
    this.#looks += 1
    const now = clock.monotonic()
    if (signs.disk) this.#trend.look(now, signs.disk.free)
    this.#latest = {
      ...signs,
      ...(signs.disk && { disk: this.#trend.withHours(now, signs.disk, reserve) }),
      ...(this.#doNamesAnswer !== undefined && { doNamesAnswer: this.#doNamesAnswer }),
    }
    this.#tell(troublesOf(this.#latest))
  }

  #tell(troubles: readonly MachineTrouble[]): void {
    for (const kind of machineTroubles) {
      const trouble = troubles.find((each) => each.kind === kind)
      if (trouble) this.#tellSeen(trouble)
      else this.#tellUnseen(kind)
    }
  }

  #tellSeen(trouble: MachineTrouble): void {
    const { kind } = trouble
    const { alerts } = this.#parts
    const looks = (this.#seen.get(kind) ?? 0) + 1
    this.#seen.set(kind, looks)
    this.#unseen.delete(kind)
    if (looks >= patience[kind].before) alerts.raise(alertOf(trouble))
  }

  #tellUnseen(kind: MachineTroubleKind): void {
    const looks = (this.#unseen.get(kind) ?? 0) + 1
    this.#unseen.set(kind, looks)
    this.#seen.delete(kind)
    if (looks >= patience[kind].after) this.#parts.alerts.clear(kind)
  }
}

const alertOf = ({ kind, ...words }: MachineTrouble): Alert => ({ key: kind, ...words })
