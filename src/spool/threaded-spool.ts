import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Alert } from '../core/alerts.ts'
import type { GivingUp } from '../core/collecting-spool.ts'
import type { Content } from '../core/content.ts'
import type { ReportSettlement, ReportWriting } from '../core/delivery-report.ts'
import type { Adoption, DeviceTrait, Sighting, TakeOver } from '../core/learning.ts'
import { type MessageId, messageIdOf } from '../core/message-id.ts'
import type { MailFilter } from '../core/page-spool.ts'
import {
  type ClientMemory,
  type ClockShift,
  type PartStart,
  type Pause,
  type QueueAction,
  type QueueSelector,
  type QuotaUse,
  type Reception,
  type RecoveryReport,
  type SessionRecord,
  type Settlement,
  type Spool,
  SpoolUnusable,
} from '../core/spool.ts'
import type { FinishedMail, Told } from '../core/telling-spool.ts'
import type { WallMs } from '../core/time.ts'
import type { OutboxEntry } from '../core/upstream.ts'
import type { VerdictCode } from '../core/verdict.ts'
import { DaySum } from './day-sum.ts'
import { FinishedMailSum } from './finished-mail-sum.ts'
import type { HistoryPage } from './history-queries.ts'
import type { UnadoptedSlice } from './learning-protocol.ts'
import { numberOf } from './message-number.ts'
import { MessageNumbers } from './message-numbers.ts'
import type { DayPlace, SentPlace } from './page-protocol.ts'
import { SpoolReception } from './spool-reception.ts'
import { storedContent } from './stored-content.ts'
import type { FinishedPlace } from './telling-protocol.ts'
import type { Called, Thread } from './thread.ts'
import type { ForgetPlace, Leftover, ReaderCalls, WriterCalls } from './thread-protocol.ts'

/** Slices of 500 mails: as much of the past as a page is worth. */
const mostDaySlices = 60
const mostSentSlices = 60

/** The spool over its two threads. Long work is cut into slices here, so that other calls get in between. */
export class ThreadedSpool implements Spool {
  readonly #folder: string
  readonly #writer: Thread<WriterCalls>
  readonly #reader: Thread<ReaderCalls>
  readonly #numbers: MessageNumbers
  #hasGarbage = false
  #sweeping: Promise<void> | undefined
  #isCheckpointing = false
  #isClosing = false

  constructor(file: string, writer: Thread<WriterCalls>, reader: Thread<ReaderCalls>) {
    this.#folder = dirname(file)
    this.#writer = writer
    this.#reader = reader
    this.#numbers = new MessageNumbers({
      take: (count) => writer.attempt('take-numbers', { count }),
      last: () => reader.call('last-number', {}),
    })
  }

  async recover(now: WallMs): Promise<RecoveryReport> {
    const report = usable(await this.#writer.attempt('recover', { now }))
    this.#collect({ hasGarbage: true })
    return report
  }

  async takeId(): Promise<MessageId> {
    return messageIdOf(await this.#numbers.take())
  }

  receive(id: MessageId): Reception {
    const number = numberOf(id)
    return new SpoolReception(id, {
      writeChunks: (ask, transfer) => this.#writer.attempt('write-chunks', ask, transfer),
      publish: async (ask, transfer) => {
        const called = await this.#writer.attempt('publish', ask, transfer)
        this.#collect({ hasGarbage: ask.joining !== undefined })
        return called
      },
      chunkAt: (chunk) => this.#reader.call('chunk', { number, chunk }),
      discard: () => this.#discard(number),
    })
  }

  async content(id: MessageId): Promise<Content | undefined> {
    const size = await this.#reader.call('size', { id })
    if (size === undefined) return undefined
    const number = numberOf(id)
    return storedContent(size, (chunk) => this.#reader.call('chunk', { number, chunk }))
  }

  lostReplies(since: WallMs) {
    return this.#readAtStart('lost-replies', { since })
  }

  async markReplyLost(id: MessageId): Promise<void> {
    await this.#writer.call('mark-reply', { id, isFollowed: false })
  }

  async markReplyHeard(id: MessageId): Promise<void> {
    await this.#writer.call('mark-reply', { id, isFollowed: true })
  }

  due(now: WallMs, limit: number) {
    return this.#reader.call('due', { now, limit })
  }

  dueAsks(now: WallMs, limit: number) {
    return this.#reader.call('due-asks', { now, limit })
  }

  collecting() {
    return this.#reader.call('collecting', {})
  }

  fragment(id: MessageId) {
    return this.#reader.call('fragment', { id })
  }

  giveUp(givingUp: GivingUp): Promise<boolean> {
    return this.#writer.call('give-up', givingUp)
  }

  /** Of a delivery or of a question, whichever comes first. */
  nextDueAt() {
    return this.#reader.call('next-due-at', {})
  }

  start(start: PartStart): Promise<boolean> {
    return this.#writer.call('start', start)
  }

  async settle(settlement: Settlement): Promise<void> {
    this.#collect(await this.#writer.call('settle', settlement))
  }

  reported(operationId: string) {
    return this.#reader.call('reported', { operationId })
  }

  async settleReport(settlement: ReportSettlement): Promise<ReportWriting> {
    const { writing, ...leftover } = await this.#writer.call('settle-report', settlement)
    this.#collect(leftover)
    return writing
  }

  awaitsReport(upstream: string, since: WallMs) {
    return this.#reader.call('awaits-report', { upstream, since })
  }

  mailCounts(since: WallMs) {
    return this.#reader.call('mail-counts', { since })
  }

  suppressions(since: WallMs, limit: number) {
    return this.#reader.call('suppressions', { since, limit })
  }

  wake(upstream: string, limit: number, now: WallMs): Promise<number> {
    return this.#writer.call('wake', { upstream, limit, now })
  }

  async shiftTimes(shift: ClockShift): Promise<void> {
    await this.#writer.call('shift-times', shift)
  }

  async operate(action: QueueAction, selector: QueueSelector, now: WallMs): Promise<number> {
    const { changed, ...leftover } = await this.#writer.call('operate', { action, selector, now })
    this.#collect(leftover)
    return changed
  }

  holdOlder(acceptedBefore: WallMs, now: WallMs): Promise<number> {
    return this.#writer.call('hold-older', { acceptedBefore, now })
  }

  pauses() {
    return this.#readAtStart('pauses', {})
  }

  async setPause(pause: Pause): Promise<void> {
    await this.#writer.call('set-pause', pause)
  }

  async clearPause(upstream: string, sender: string | undefined): Promise<void> {
    await this.#writer.call('clear-pause', { upstream, sender })
  }

  quotaUse(since: WallMs) {
    return this.#readAtStart('quota-use', { since })
  }

  async recordUse(use: QuotaUse): Promise<void> {
    await this.#writer.call('record-use', use)
  }

  acceptedSince(since: WallMs) {
    return this.#readAtStart('accepted-since', { since })
  }

  queue(options: { readonly all: boolean; readonly limit: number }) {
    return this.#reader.call('queue', options)
  }

  message(id: MessageId) {
    return this.#reader.call('message', { id })
  }

  counts() {
    return this.#reader.call('counts', {})
  }

  async *history(since: WallMs) {
    for (let after: number | undefined = 0; after !== undefined && !this.#isClosing; ) {
      const page: HistoryPage = await this.#reader.call('history', { after, since })
      yield page.mails
      after = page.next
    }
  }

  monthUse(since: string) {
    return this.#reader.call('month-use', { since })
  }

  async saveSessions(sessions: readonly SessionRecord[]): Promise<void> {
    await this.#writer.call('save-sessions', sessions)
  }

  sessions(limit: number) {
    return this.#reader.call('sessions', { limit })
  }

  session(id: string) {
    return this.#reader.call('session', { id })
  }

  async rememberClients(clients: readonly ClientMemory[]): Promise<void> {
    await this.#writer.call('remember-clients', clients)
  }

  clients(since: WallMs) {
    return this.#readAtStart('clients', { since })
  }

  async saveAlert(alert: Alert, since: WallMs): Promise<void> {
    await this.#writer.call('save-alert', { alert, since })
  }

  async clearAlert(key: string, until: WallMs): Promise<void> {
    await this.#writer.call('clear-alert', { key, until })
  }

  alerts() {
    return this.#readAtStart('alerts', {})
  }

  tellings() {
    return this.#readAtStart('tellings', {})
  }

  ration() {
    return this.#readAtStart('ration', {})
  }

  async tell(told: Told): Promise<void> {
    await this.#writer.call('tell', told)
  }

  pastAlerts(since: WallMs) {
    return this.#reader.call('past-alerts', { since })
  }

  lastLetter() {
    return this.#reader.call('last-letter', {})
  }

  async finishedMail(from: WallMs, until: WallMs): Promise<FinishedMail> {
    const sum = new FinishedMailSum()
    let after: FinishedPlace | undefined = { at: from, message: 0 }
    while (after && !this.#isClosing) {
      const slice: ReaderCalls['finished-mail']['answer'] = await this.#reader.call('finished-mail', {
        after,
        until,
      })
      sum.add(slice)
      after = slice.next
    }
    return sum.total()
  }

  async saveSightings(sightings: readonly Sighting[]): Promise<void> {
    await this.#writer.call('save-sightings', sightings)
  }

  sightings() {
    return this.#reader.call('sightings', {})
  }

  async forgetSighting(address: string): Promise<void> {
    await this.#writer.call('forget-sighting', { address })
  }

  async saveTraits(traits: readonly DeviceTrait[]): Promise<void> {
    await this.#writer.call('save-traits', traits)
  }

  traits() {
    return this.#reader.call('traits', {})
  }

  takeOver() {
    return this.#reader.call('take-over', {})
  }

  async setTakeOver(takeOver: TakeOver | undefined): Promise<void> {
    await this.#writer.call('set-take-over', { takeOver })
  }

  unadopted() {
    return this.#reader.call('unadopted', {})
  }

  deviceMarks(devices: readonly string[]) {
    return this.#reader.call('device-marks', { devices })
  }

  async deviceDays(device: string, from: readonly WallMs[]) {
    const present = await this.#reader.call('device-present', { device, from })
    const sum = new DaySum(from, present)
    let before: DayPlace | undefined
    for (let slice = 0; slice < mostDaySlices && !this.#isClosing; slice++) {
      const past = await this.#reader.call('device-past', { device, from, before, except: present.counted })
      sum.add(past.days)
      before = past.next
      if (!before) break
    }
    return { days: sum.total(), isCut: present.isCut || before !== undefined }
  }

  async sentSince(since: WallMs): Promise<number> {
    const { counted: except, ...lately } = await this.#reader.call('sent-lately', { since })
    let { sent } = lately
    let after: SentPlace | undefined = { at: since, message: 0 }
    for (let slice = 0; after && slice < mostSentSlices && !this.#isClosing; slice++) {
      const found: ReaderCalls['sent-since']['answer'] = await this.#reader.call('sent-since', {
        after,
        except,
      })
      sent += found.sent
      after = found.next
    }
    return sent
  }

  usualSize() {
    return this.#reader.call('usual-size', {})
  }

  findMails(filter: MailFilter) {
    return this.#reader.call('find-mails', filter)
  }

  findMail(id: MessageId) {
    return this.#reader.call('find-mail', { id })
  }

  findSessions(code: VerdictCode, before: { at: WallMs; session: string } | undefined, limit: number) {
    return this.#reader.call('find-sessions', { code, before, limit })
  }

  trail(id: MessageId) {
    return this.#reader.call('trail', { id })
  }

  dropUntil(selector: QueueSelector, until: WallMs): Promise<number> {
    return this.#writer.call('drop-until', { selector, until })
  }

  undoDrop(selector: QueueSelector, now: WallMs): Promise<number> {
    return this.#writer.call('undo-drop', { selector, now })
  }

  async endDrops(now: WallMs): Promise<WallMs | undefined> {
    for (;;) {
      const { next, more, ...leftover } = await this.#writer.call('end-drops', { now })
      this.#collect(leftover)
      if (!more || this.#isClosing) return next
    }
  }

  async renameDevice(from: string, to: string): Promise<boolean> {
    while (!this.#isClosing) if (!(await this.#writer.call('rename-device', { from, to })).more) return true
    return false
  }

  async forgetDevice(device: string): Promise<void> {
    await this.#writer.call('forget-device', { device })
  }

  adopt(adoption: Adoption, now: WallMs): Promise<number> {
    return this.#slices(() => this.#writer.call('adopt', { adoption, now }))
  }

  async ageUnadopted(byMs: number): Promise<void> {
    await this.#writer.call('age-unadopted', { byMs })
  }

  dropUnadopted(heldMs: number): Promise<number> {
    return this.#slices(() => this.#writer.call('drop-unadopted', { heldMs }))
  }

  async keep(kept: OutboxEntry): Promise<void> {
    await this.#writer.call('keep', kept)
  }

  async tidy(now: WallMs, keepMs: number, keepTranscriptsMs: number): Promise<void> {
    let more = true
    while (more && !this.#isClosing) {
      const slice = await this.#writer.call('tidy', { now, keepMs, keepTranscriptsMs })
      this.#collect(slice)
      more = slice.more
    }
  }

  async forget(address: string): Promise<number> {
    let rows = 0
    let after: ForgetPlace | undefined = { message: 0, session: '' }
    while (after) {
      const slice: WriterCalls['forget']['answer'] = await this.#writer.call('forget', { address, after })
      this.#collect(slice)
      rows += slice.rows
      after = slice.next
    }
    return rows
  }

  async isWritable() {
    const { bavail, bsize } = await statfs(this.#folder)
    return { ...(await this.#probe()), freeBytes: bavail * bsize }
  }

  /** Lets the reader copy pages back, once at a time. */
  checkpoint(): void {
    if (this.#isCheckpointing || this.#isClosing) return
    this.#isCheckpointing = true
    const done = (): void => {
      this.#isCheckpointing = false
    }
    // Trouble of the disk shows where something is written; the next backlog asks again.
    this.#reader.attempt('checkpoint', {}).then(done, done)
  }

  stopWaiting(): void {
    this.#writer.stopWaiting()
  }

  rest(): void {
    this.#writer.rest()
    this.#reader.rest()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true
    await this.#sweeping
    await this.#reader[Symbol.asyncDispose]()
    await this.#writer[Symbol.asyncDispose]()
  }

  async #slices(next: () => Promise<UnadoptedSlice>): Promise<number> {
    let mails = 0
    for (let more = true; more && !this.#isClosing; ) {
      const slice = await next()
      this.#collect(slice)
      mails += slice.mails
      more = slice.more
    }
    return mails
  }

  /** The start waits for it: it is told apart what a person has to mend. */
  async #readAtStart<K extends keyof ReaderCalls>(kind: K, ask: ReaderCalls[K]['ask']) {
    return usable(await this.#reader.attempt(kind, ask))
  }

  async #probe(): Promise<{ writable: boolean; detail: string }> {
    try {
      const probed = await this.#writer.attempt('probe', {})
      if (probed.kind === 'trouble') return { writable: false, detail: probed.detail }
      const { spareOctets, reserveOctets } = probed.answer
      const writable = spareOctets >= reserveOctets
      return { writable, detail: writable ? '' : 'less than the reserve of free space is left' }
    } catch (error) {
      return { writable: false, detail: error instanceof Error ? error.message : String(error) }
    }
  }

  #discard(number: number): void {
    const stop = (): void => {}
    this.#writer.call('discard', { number }).then((leftover) => this.#collect(leftover), stop)
  }

  #collect(leftover: Leftover): void {
    if (!leftover.hasGarbage) return
    this.#hasGarbage = true
    this.#sweeping ??= this.#sweep()
  }

  /** What is left when the process ends is swept at its next start. */
  async #sweep(): Promise<void> {
    try {
      while (this.#hasGarbage && !this.#isClosing) {
        this.#hasGarbage = false
        this.#hasGarbage = (await this.#writer.call('sweep', {})).hasGarbage || this.#hasGarbage
      }
    } catch {
      this.#hasGarbage = false
    } finally {
      this.#sweeping = undefined
    }
  }
}

function usable<A>(called: Called<A>): A {
  if (called.kind === 'trouble') throw new SpoolUnusable(called.trouble, called.detail)
  return called.answer
}
