import { comparable } from '../core/address.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { SessionRecord, Spool } from '../core/spool.ts'
import { hour } from '../core/time.ts'
import { isFault } from '../core/verdict.ts'
import { Allowance, Allowances } from './allowances.ts'

const saveAfterMs = 5000
const saveLastAfterMs = hour
/** Devices whose last fine session waits in memory; the one that called longest ago is written when there are more. */
const keptLast = 100
const saveAbove = 50
const keptFinished = 50
/** Finished sessions that wait for a disk that does not take them; the oldest give way. */
const mostUnsaved = 500

/** The disk is flash: a port scan or a flood must not fill it. All are shown while they are among the last ones. */
const fruitless = { perMinute: 60, burst: 1000, perMinuteOfAddress: 12, burstOfAddress: 200 }

const keyOf = ({ device, address }: SessionRecord): string => device ?? address

/** A session that can be looked at while it lasts. */
export interface LiveSession {
  record(): SessionRecord
}

/**
 * Sessions as they are and as they were: live ones, the last finished ones, and batches on their way to the disk. A
 * session that went wrong is written whole. Of fine ones, which are nearly all, only the facts are (the disk is flash);
 * what was said in a device's last one waits in memory and is written every hour and at the end.
 */
export class SessionArchive implements AsyncDisposable {
  readonly #spool: Pick<Spool, 'saveSessions'>
  readonly #clock: Clock
  readonly #live = new Set<LiveSession>()
  readonly #log: Log
  readonly #fruitless: Allowances
  readonly #allFruitless: Allowance
  #finished: SessionRecord[] = []
  #unsaved: SessionRecord[] = []
  /** By device, else address; the one that called longest ago first. */
  readonly #last = new Map<string, SessionRecord>()
  #saving: Promise<void> | undefined
  #cancel: (() => void) | undefined
  #cancelLast: (() => void) | undefined
  #isClosed = false

  constructor(spool: Pick<Spool, 'saveSessions'>, clock: Clock, log: Log) {
    this.#spool = spool
    this.#clock = clock
    this.#log = log
    this.#fruitless = new Allowances(clock, fruitless.perMinuteOfAddress / 60, fruitless.burstOfAddress)
    this.#allFruitless = new Allowance(clock, fruitless.perMinute / 60, fruitless.burst)
  }

  open(session: LiveSession): void {
    this.#live.add(session)
  }

  close(session: LiveSession): void {
    this.#live.delete(session)
    const record = session.record()
    this.#finished.push(record)
    if (this.#finished.length > keptFinished) this.#finished.shift()
    if (!this.#isWorthWriting(record)) return
    this.#unsaved.push(isFine(record) ? this.#keepLast(record) : record)
    this.#bound()
    if (this.#unsaved.length === saveAbove) void this.save()
    else this.#saveLater()
  }

  /** Sessions of no device from which no mail came are written down at the rate of a probing panel, not of a flood. */
  #isWorthWriting({ address, device, messages }: SessionRecord): boolean {
    if (device !== undefined || messages.length > 0) return true
    const allowance = this.#fruitless.of(address)
    const all = this.#allFruitless
    if (allowance.waitMs() > 0 || all.waitMs() > 0) return false
    allowance.take()
    all.take()
    return true
  }

  /** The record as it is written now. */
  #keepLast(record: SessionRecord): SessionRecord {
    const key = keyOf(record)
    this.#last.delete(key)
    this.#last.set(key, record)
    this.#cancelLast ??= this.#clock.after(saveLastAfterMs, () => {
      this.#takeLast()
      void this.save()
    })
    const [oldest] = this.#last.keys()
    if (this.#last.size > keptLast && oldest !== undefined) this.#writeLast(oldest)
    return { ...record, lines: [] }
  }

  #writeLast(key: string): void {
    const record = this.#last.get(key)
    this.#last.delete(key)
    if (record) this.#unsaved = [...this.#unsaved.filter(({ id }) => id !== record.id), record]
  }

  #takeLast(): void {
    this.#cancelLast?.()
    this.#cancelLast = undefined
    for (const key of [...this.#last.keys()]) this.#writeLast(key)
  }

  /** Live ones first, then finished ones, newest first. */
  list(): readonly SessionRecord[] {
    return [...[...this.#live].map((session) => session.record()).reverse(), ...this.#finished.toReversed()]
  }

  /** Writes what waits. Does not reject: what the disk does not take is logged, and tried again. */
  async save(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    // One after the other: whoever waits for this knows that what was on its way has arrived.
    while (this.#saving) await this.#saving
    const records = this.#unsaved
    this.#unsaved = []
    if (records.length === 0) return
    this.#saving = this.#write(records).finally(() => {
      this.#saving = undefined
    })
    await this.#saving
  }

  /**
   * Writes what waits, then drops every finished session that mentions the address, whatever its case: what is kept of
   * it is on the disk, to be erased there.
   */
  async forget(address: string): Promise<void> {
    await this.save()
    const isOther = (record: SessionRecord): boolean => !mentions(record, comparable(address))
    this.#finished = this.#finished.filter(isOther)
    this.#unsaved = this.#unsaved.filter(isOther)
    for (const [key, record] of this.#last) if (!isOther(record)) this.#last.delete(key)
  }

  /** Sessions that are over; one that lasts knows the name of its device by itself. */
  rename(names: ReadonlyMap<string, string>): void {
    const renamed = (record: SessionRecord): SessionRecord => {
      const device = record.device === undefined ? undefined : names.get(record.device)
      return device === undefined ? record : { ...record, device }
    }
    this.#finished = this.#finished.map(renamed)
    this.#unsaved = this.#unsaved.map(renamed)
    const last = [...this.#last.values()].map(renamed)
    this.#last.clear()
    for (const record of last) this.#last.set(keyOf(record), record)
  }

  /** What the disk does not take now is lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#takeLast()
    await this.save()
  }

  async #write(records: readonly SessionRecord[]): Promise<void> {
    try {
      await this.#spool.saveSessions(records)
    } catch (error) {
      this.#log.write('error', 'save-sessions-failed', { sessions: records.length, detail: String(error) })
      this.#unsaved = [...records, ...this.#unsaved]
      this.#bound()
      this.#saveLater()
    }
  }

  #saveLater(): void {
    if (this.#isClosed) return
    this.#cancel ??= this.#clock.after(saveAfterMs, () => void this.save())
  }

  #bound(): void {
    if (this.#unsaved.length > mostUnsaved) this.#unsaved = this.#unsaved.slice(-mostUnsaved)
  }
}

const isFine = ({ verdict }: SessionRecord): boolean => verdict !== undefined && !isFault(verdict)

const mentions = ({ helo, result, verdict, lines }: SessionRecord, address: string): boolean =>
  [
    helo,
    result,
    ...(verdict ? [verdict.sentence, ...verdict.evidence] : []),
    ...lines.map(({ text }) => text),
  ].some((text) => comparable(text).includes(address))
