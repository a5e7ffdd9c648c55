import { withoutAddress } from '../core/address.ts'
import type { Alert, Alerts, RaisedAlert } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Spool } from '../core/spool.ts'
import { second, type WallMs } from '../core/time.ts'

export interface AlertBookParts {
  readonly spool: Pick<Spool, 'saveAlert' | 'clearAlert' | 'alerts'>
  readonly clock: Clock
  readonly log: Log
}

/** Alerts come in flocks, and what is raised and cleared within this time never reaches the flash. */
const writeAfterMs = 2 * second
const retryAfterMs = 60 * second

/** What a person has to know of, in memory and, a moment later, on disk: it outlives a restart with its `since`. */
export class AlertBook implements Alerts, AsyncDisposable {
  readonly #parts: AlertBookParts
  readonly #active = new Map<string, RaisedAlert>()
  /** Keys whose row on disk is out of date. */
  readonly #stale = new Set<string>()
  readonly #ended = new Map<string, WallMs>()
  readonly #followers = new Set<() => void>()
  #cancelTimer: (() => void) | undefined
  #writing: Promise<void> = Promise.resolve()

  private constructor(parts: AlertBookParts) {
    this.#parts = parts
  }

  /** With what was active when the process ended; whoever raised it clears it or raises it again. */
  static async open(parts: AlertBookParts): Promise<AlertBook> {
    const book = new AlertBook(parts)
    for (const alert of await parts.spool.alerts()) book.#active.set(alert.key, alert)
    return book
  }

  raise(alert: Alert): void {
    const before = this.#active.get(alert.key)
    if (before && isSame(before, alert)) return
    const { key, severity, sentence } = alert
    this.#active.set(key, { ...alert, since: before?.since ?? this.#parts.clock.wall() })
    const level = severity === 'notice' ? 'info' : 'warn'
    this.#parts.log.write(level, before ? 'alert-renewed' : 'alert-raised', { key, severity, sentence })
    this.#ended.delete(key)
    this.#markStale(key)
  }

  clear(key: string): void {
    const alert = this.#active.get(key)
    if (!alert) return
    this.#active.delete(key)
    this.#ended.set(key, this.#parts.clock.wall())
    this.#parts.log.write('info', 'alert-cleared', { key, sentence: alert.sentence })
    this.#markStale(key)
  }

  /** The gravest first, then the oldest. */
  active(): readonly RaisedAlert[] {
    return [...this.#active.values()].sort(
      (a, b) => order[a.severity] - order[b.severity] || a.since - b.since,
    )
  }

  /** Calls back when an alert was raised, renewed or cleared; the result ends that. */
  onChange(follower: () => void): () => void {
    this.#followers.add(follower)
    return () => void this.#followers.delete(follower)
  }

  /** Erases an address from what lasts; its key stays, by which it ends. Resolves when that is on disk, or logged why not. */
  async forget(address: string): Promise<void> {
    for (const alert of this.#active.values()) {
      const sentence = withoutAddress(alert.sentence, address)
      const remedy = withoutAddress(alert.remedy, address)
      if (sentence === alert.sentence && remedy === alert.remedy) continue
      this.#active.set(alert.key, { ...alert, sentence, remedy })
      this.#markStale(alert.key)
    }
    await this.flush()
  }

  /** Writes what is out of date; resolves when it is on disk, or logged why not. */
  flush(): Promise<void> {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush()
    this.#cancelTimer?.()
  }

  #markStale(key: string): void {
    this.#stale.add(key)
    this.#flushAfter(writeAfterMs)
    for (const follower of this.#followers) follower()
  }

  #flushAfter(ms: number): void {
    this.#cancelTimer ??= this.#parts.clock.after(ms, () => void this.flush())
  }

  async #write(): Promise<void> {
    const { spool, log } = this.#parts
    for (const key of [...this.#stale]) {
      this.#stale.delete(key)
      const alert = this.#active.get(key)
      try {
        const until = this.#ended.get(key) ?? this.#parts.clock.wall()
        await (alert ? spool.saveAlert(alert, alert.since) : spool.clearAlert(key, until))
        this.#ended.delete(key)
      } catch (error) {
        this.#stale.add(key)
        log.write('warn', 'alert-not-saved', { key, detail: String(error) })
        this.#flushAfter(retryAfterMs)
      }
    }
  }
}

const order: Readonly<Record<Alert['severity'], number>> = { alarm: 0, warning: 1, notice: 2 }

const isSame = (a: Alert, b: Alert): boolean =>
  a.severity === b.severity &&
  a.sentence === b.sentence &&
  a.remedy === b.remedy &&
  a.chapter === b.chapter &&
  a.notBy === b.notBy
