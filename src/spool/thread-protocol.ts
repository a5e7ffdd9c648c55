import type { Alert, RaisedAlert } from '../core/alerts.ts'
import type { GivingUp, Joining } from '../core/collecting-spool.ts'
import type {
  MailCounts,
  ReportedPart,
  ReportSettlement,
  ReportWriting,
  Suppression,
} from '../core/delivery-report.ts'
import type { FragmentSet } from '../core/fragment.ts'
import type { MessageId } from '../core/message-id.ts'
import type { MonthUse } from '../core/month-use.ts'
import type {
  ClientMemory,
  ClockShift,
  DiskTrouble,
  DueMessage,
  LostReply,
  MessageView,
  Part,
  PartStart,
  Pause,
  Publication,
  QueueAction,
  QueueCounts,
  QueueRow,
  QueueSelector,
  QuotaUse,
  RecoveryReport,
  SessionRecord,
  Settlement,
} from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import type { OutboxEntry } from '../core/upstream.ts'
import type { DatabaseRefusal } from '../platform/database.ts'
import type { HistoryPage } from './history-queries.ts'
import type { LearningReaderCalls, LearningWriterCalls } from './learning-protocol.ts'
import type { PageReaderCalls, PageWriterCalls } from './page-protocol.ts'
import type { PublicationRows } from './publication-rows.ts'
import type { TellingReaderCalls, TellingWriterCalls } from './telling-protocol.ts'

/** What a change left behind: `hasGarbage` asks for `sweep` calls until there is none. */
export interface Leftover {
  readonly hasGarbage: boolean
}

export interface NewChunks {
  readonly number: number
  /** Number of the first of `chunks` within the message, from 0. */
  readonly firstChunk: number
  readonly chunks: readonly Uint8Array[]
}

/** What the writer can be asked: the question and the answer of each call. */
export interface WriterCalls extends LearningWriterCalls, TellingWriterCalls, PageWriterCalls {
  readonly 'take-numbers': { ask: { count: number }; answer: { first: number } }
  readonly 'write-chunks': { ask: NewChunks; answer: Publication }
  readonly publish: {
    ask: NewChunks & { rows: PublicationRows; joining: Joining | undefined }
    answer: Publication
  }
  readonly 'give-up': { ask: GivingUp; answer: boolean }
  readonly discard: { ask: { number: number }; answer: Leftover }
  readonly sweep: { ask: Record<never, never>; answer: Leftover }
  readonly recover: { ask: { now: WallMs }; answer: RecoveryReport }
  readonly 'mark-reply': { ask: { id: MessageId; isFollowed: boolean }; answer: undefined }
  readonly start: { ask: PartStart; answer: boolean }
  readonly settle: { ask: Settlement; answer: Leftover }
  readonly 'settle-report': { ask: ReportSettlement; answer: Leftover & { writing: ReportWriting } }
  readonly wake: { ask: { upstream: string; limit: number; now: WallMs }; answer: number }
  readonly 'shift-times': { ask: ClockShift; answer: undefined }
  readonly operate: {
    ask: { action: QueueAction; selector: QueueSelector; now: WallMs }
    answer: Leftover & { changed: number }
  }
  readonly 'hold-older': { ask: { acceptedBefore: WallMs; now: WallMs }; answer: number }
  readonly 'set-pause': { ask: Pause; answer: undefined }
  readonly 'clear-pause': { ask: { upstream: string; sender: string | undefined }; answer: undefined }
  readonly 'record-use': { ask: QuotaUse; answer: undefined }
  readonly 'save-sessions': { ask: readonly SessionRecord[]; answer: undefined }
  readonly 'remember-clients': { ask: readonly ClientMemory[]; answer: undefined }
  readonly 'save-alert': { ask: { alert: Alert; since: WallMs }; answer: undefined }
  readonly 'clear-alert': { ask: { key: string; until: WallMs }; answer: undefined }
  readonly keep: { ask: OutboxEntry; answer: undefined }
  readonly tidy: {
    ask: { now: WallMs; keepMs: number; keepTranscriptsMs: number }
    answer: Leftover & { more: boolean }
  }
  readonly forget: {
    ask: { address: string; after: ForgetPlace }
    answer: Leftover & { rows: number; next: ForgetPlace | undefined }
  }
  readonly probe: { ask: Record<never, never>; answer: { spareOctets: number; reserveOctets: number } }
}

/** Where forgetting goes on: after this message, then after this session. */
export interface ForgetPlace {
  readonly message: number
  readonly session: string
}

/** What the reader can be asked. */
export interface ReaderCalls extends LearningReaderCalls, TellingReaderCalls, PageReaderCalls {
  readonly size: { ask: { id: MessageId }; answer: number | undefined }
  /** Undefined: the chunk is gone. The octets are transferred. */
  readonly chunk: { ask: { number: number; chunk: number }; answer: Uint8Array | undefined }
  /** The mark up to which numbers may have been used. */
  readonly 'last-number': { ask: Record<never, never>; answer: number }
  readonly 'lost-replies': { ask: { since: WallMs }; answer: readonly LostReply[] }
  readonly due: { ask: { now: WallMs; limit: number }; answer: readonly DueMessage[] }
  readonly 'due-asks': {
    ask: { now: WallMs; limit: number }
    answer: readonly { part: Part; message: DueMessage }[]
  }
  readonly reported: { ask: { operationId: string }; answer: ReportedPart | undefined }
  readonly 'awaits-report': { ask: { upstream: string; since: WallMs }; answer: boolean }
  readonly 'mail-counts': { ask: { since: WallMs }; answer: readonly MailCounts[] }
  readonly suppressions: { ask: { since: WallMs; limit: number }; answer: readonly Suppression[] }
  readonly collecting: { ask: Record<never, never>; answer: readonly FragmentSet[] }
  readonly fragment: { ask: { id: MessageId }; answer: DueMessage | undefined }
  readonly 'next-due-at': { ask: Record<never, never>; answer: WallMs | undefined }
  readonly pauses: { ask: Record<never, never>; answer: readonly Pause[] }
  readonly 'quota-use': { ask: { since: WallMs }; answer: readonly QuotaUse[] }
  readonly 'accepted-since': { ask: { since: WallMs }; answer: readonly { device: string; at: WallMs }[] }
  readonly queue: { ask: { all: boolean; limit: number }; answer: readonly QueueRow[] }
  readonly message: { ask: { id: MessageId }; answer: MessageView | undefined }
  readonly counts: { ask: Record<never, never>; answer: QueueCounts }
  readonly history: { ask: { after: number; since: WallMs }; answer: HistoryPage }
  readonly 'month-use': { ask: { since: string }; answer: readonly MonthUse[] }
  readonly sessions: { ask: { limit: number }; answer: readonly SessionRecord[] }
  readonly session: { ask: { id: string }; answer: SessionRecord | undefined }
  readonly clients: { ask: { since: WallMs }; answer: readonly ClientMemory[] }
  readonly alerts: { ask: Record<never, never>; answer: readonly RaisedAlert[] }
  readonly checkpoint: { ask: Record<never, never>; answer: undefined }
}

/** A set of calls by name. */
export type CallTable<C> = { readonly [K in keyof C]: { ask: unknown; answer: unknown } }
export type Ask<C extends CallTable<C>, K extends keyof C> = C[K]['ask']
export type Answer<C extends CallTable<C>, K extends keyof C> = C[K]['answer']

/** One call on its way into a thread. */
export type Request<C extends CallTable<C>> = {
  [K in keyof C]: { readonly id: number; readonly kind: K; readonly ask: Ask<C, K> }
}[keyof C]

/** How a thread answers each call. */
export type Handlers<C extends CallTable<C>> = {
  readonly [K in keyof C]: (ask: Ask<C, K>) => Answer<C, K>
}

export type { DiskTrouble }

export type Reply =
  | { readonly id: number; readonly kind: 'done'; readonly answer: unknown }
  /** The disk's fault: nothing was written. */
  | { readonly id: number; readonly kind: 'trouble'; readonly trouble: DiskTrouble; readonly detail: string }
  /** Our own fault: nothing was written. */
  | { readonly id: number; readonly kind: 'failed'; readonly detail: string }

/** Everything a thread says. */
export type ThreadNews =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly refusal: DatabaseRefusal }
  | { readonly kind: 'replies'; readonly replies: readonly Reply[] }
  /** Pages in the WAL that no checkpoint has copied yet: time for the reader to do one. */
  | { readonly kind: 'backlog'; readonly pages: number }

/** Everything a thread is told. It opens its database when told so, not before: loading goes on side by side. */
export type ThreadOrder<C extends CallTable<C>> =
  | { readonly kind: 'requests'; readonly requests: readonly Request<C>[] }
  | { readonly kind: 'open' }
  | { readonly kind: 'close' }
  /** Nothing goes on: give memory back. */
  | { readonly kind: 'rest' }
  /** What the disk refuses is answered so: nobody waits for better times any more. */
  | { readonly kind: 'stop-waiting' }

export interface WriterSetup {
  readonly file: string
  readonly reserveOctets: number
  readonly maxPages: number | undefined
  readonly lockWaitMs: number
}

export interface ReaderSetup {
  readonly file: string
  readonly lockWaitMs: number
}
