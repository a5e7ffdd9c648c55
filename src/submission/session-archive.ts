import type { Clock } from '../core/clock.ts'
import type { SessionRecord, Spool } from '../core/spool.ts'

const saveAfterMs = 5000
const saveAbove = 50
const keptFinished = 50

/** A session that can be looked at while it lasts. */
export interface LiveSession {
  record(): SessionRecord
}

/** Sessions as they are and as they were: live ones, the last finished ones, and batches on their way to the disk. */
export class SessionArchive implements AsyncDisposable {
  readonly #spool: Pick<Spool, 'saveSessions'>
  readonly #clock: Clock
  readonly #live = new Set<LiveSession>()
  readonly #finished: SessionRecord[] = []
  #unsaved: SessionRecord[] = []
  #cancel: (() => void) | undefined

  constructor(spool: Pick<Spool, 'saveSessions'>, clock: Clock) {
    this.#spool = spool
    this.#clock = clock
  }

  open(session: LiveSession): void {
    this.#live.add(session)
  }

  close(session: LiveSession): void {
    this.#live.delete(session)
    const record = session.record()
    this.#finished.push(record)
    if (this.#finished.length > keptFinished) this.#finished.shift()
    this.#unsaved.push(record)
    if (this.#unsaved.length >= saveAbove) void this.save()
    else this.#cancel ??= this.#clock.after(saveAfterMs, () => void this.save())
  }

  /** Live ones first, then finished ones, newest first. */
  list(): readonly SessionRecord[] {
    return [...[...this.#live].map((session) => session.record()).reverse(), ...this.#finished.toReversed()]
  }

  async save(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    const records = this.#unsaved
    this.#unsaved = []
    if (records.length > 0) await this.#spool.saveSessions(records)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.save()
  }
}
