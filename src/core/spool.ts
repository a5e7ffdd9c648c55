import type { Alert, RaisedAlert } from './alerts.ts'
import type { CollectingSpool, Joining } from './collecting-spool.ts'
import type { Content } from './content.ts'
import type { ReportingSpool } from './delivery-report.ts'
import type { Envelope } from './envelope.ts'
import type { LearningSpool } from './learning.ts'
import type { MessageKind, NewMessage, Priority, RouteFacts } from './message.ts'
import type { MessageId } from './message-id.ts'
import type { MonthUse } from './month-use.ts'
import type { Attempt, DeliveryState, PauseReason } from './outcome.ts'
import type { PageSpool } from './page-spool.ts'
import type { PartIndex } from './part-index.ts'
import type { PastMail } from './rehearsal.ts'
import type { TellingSpool } from './telling-spool.ts'
import type { WallMs } from './time.ts'
import type { NumberedRecipient, Outbox } from './upstream.ts'
import type { Verdict } from './verdict.ts'

export type DiskTrouble = 'full' | 'io' | 'locked'

/** The disk does not let the spool be worked with; nothing was changed. `message` is for a technician. */
export class SpoolUnusable extends Error {
  override readonly name = 'SpoolUnusable'
  readonly trouble: DiskTrouble

  constructor(trouble: DiskTrouble, detail: string) {
    super(detail)
    this.trouble = trouble
  }
}

/** What became of a publication. Nothing of the message is left behind by the last two. */
export type Publication =
  | { readonly kind: 'stored' }
  /** SQLITE_FULL, ENOSPC or the reserve of free space is reached: 452 4.3.1. */
  | { readonly kind: 'full' }
  | { readonly kind: 'failed'; readonly detail: string }
  | FragmentRefusal

/** Why a fragment, or what it was joined into, is not published. */
export type FragmentRefusal =
  /** A fragment that the spool has already, under this id. */
  | { readonly kind: 'repeat'; readonly of: MessageId }
  /** As many sets of its device wait for fragments as may. */
  | { readonly kind: 'too-many-sets' }
  /** The fragments of its set are larger together than a message may be. */
  | { readonly kind: 'too-large' }
  /** A fragment that it was joined from changed meanwhile. */
  | { readonly kind: 'changed' }

/**
 * One message on its way onto the disk. Up to 256 KiB stay in memory and ride in the publishing transaction; more is
 * written before under the unpublished id, and swept at start if it is never published.
 */
export interface Reception {
  readonly id: MessageId
  /** Takes octets; resolves when more may come (back-pressure). A full disk is told by `publish`. */
  write(octets: Uint8Array): Promise<void>
  /** What was written so far, readable before publication. */
  content(): Content
  /** Resolves after message, recipients and body are committed and synced (promise 1), and what it was joined from ended. */
  publish(message: NewMessage, joining?: Joining): Promise<Publication>
  abandon(): Promise<void>
}

/** A message whose device may not know that it was accepted. */
export interface LostReply {
  readonly id: MessageId
  readonly kind: MessageKind
  readonly device: string
  readonly contentSha256: string
  /** SHA-256 of `comparableEnvelope`, hexadecimal. */
  readonly envelopeSha256: string
}

/** When an expiry is due: only time in which a way out was usable counts (promise 3). */
export interface Lifetime {
  /** Milliseconds that counted up to `since`. */
  readonly countedMs: number
  /** Counting since then; undefined while it waits for a paused upstream. */
  readonly since: WallMs | undefined
}

/** A part's name: the same recipients go to the same upstream under the same operation until it is settled. */
export interface PartKey {
  readonly message: MessageId
  readonly upstream: string
  readonly number: number
  readonly generation: number
}

export type PartState =
  /** Committed before the socket opened. */
  | 'sending'
  /** Fate unknown: ask first, or repeat the same octets. */
  | 'indeterminate'
  /** Surely not taken; a repeat uses the same operation id and octets. */
  | 'open'
  | 'accepted'
  | 'confirmed'
  | 'failed'
  /** Refused as it was: its recipients go again under its next generation, in the driver's other form. */
  | 'reformed'
  /** Surely not taken and not to be repeated: its recipients may go another way. */
  | 'abandoned'

export interface Part extends PartKey {
  readonly operationId: string
  readonly bodySha256: string
  readonly state: PartState
  readonly recipients: readonly number[]
  /** Times its octets were handed to a socket. */
  readonly sends: number
  readonly asks: number
  readonly nextAskAt: WallMs | undefined
  readonly startedAt: WallMs
}

export interface DueRecipient extends NumberedRecipient {
  readonly state: DeliveryState
  readonly attempts: number
  /** The unsettled part it belongs to. */
  readonly part: Part | undefined
  readonly lifetime: Lifetime
  readonly dueAt: WallMs
  /** Upstreams that refused it for good while another might take it (`elsewhere`). */
  readonly refusedBy: readonly string[]
}

/** A message with those of its recipients that are due now. */
export interface DueMessage {
  readonly id: MessageId
  readonly kind: MessageKind
  readonly priority: Priority
  readonly device: string | undefined
  readonly from: string | undefined
  readonly subject: string
  readonly headerMessageId: string
  /** Without recipients. */
  readonly envelope: Omit<Envelope, 'recipients'>
  readonly route: readonly string[] | undefined
  readonly facts: RouteFacts
  readonly index: PartIndex
  readonly acceptedWall: WallMs
  readonly recipients: readonly DueRecipient[]
  /** Every part so far, settled ones too: numbers are never used twice. */
  readonly parts: readonly Part[]
  readonly recipientCount: number
  readonly about: MessageId | undefined
}

export interface DeliveryChange {
  readonly message: MessageId
  readonly recipient: number
  readonly state: DeliveryState
  /** Undefined: no time makes it due (held, final, or waiting for `waitingFor`). */
  readonly dueAt: WallMs | undefined
  /** The upstream whose recovery makes it due: see `wake`. */
  readonly waitingFor: string | undefined
  /** A stable code and a sentence for a technician. */
  readonly code: string
  readonly reason: string
  /** RFC 3463, where the state came from an answer. */
  readonly status: string | undefined
  readonly attempts: number
  readonly lifetime: Lifetime
  readonly upstream: string | undefined
  readonly refusedBy: readonly string[]
}

/** What an attempt used up of an upstream's quota. */
export interface QuotaUse {
  readonly upstream: string
  readonly what: 'send' | 'ask'
  readonly at: WallMs
  readonly messages: number
  readonly recipients: number
  readonly external: number
}

/** Everything that must be on disk before the socket opens; one transaction. */
export interface PartStart {
  readonly part: Omit<Part, 'state' | 'sends' | 'asks' | 'nextAskAt'>
  readonly changes: readonly DeliveryChange[]
  readonly use: QuotaUse
}

/** A message of the box itself, published in the transaction of the change that it reports. */
export interface OwnMessage {
  readonly message: NewMessage
  readonly content: Uint8Array
}

/** Everything that an outcome changes; one transaction. */
export interface Settlement {
  readonly part: PartKey | undefined
  readonly partState: PartState | undefined
  readonly nextAskAt: WallMs | undefined
  /** This settlement comes from asking, which counts as one ask. */
  readonly asked: boolean
  readonly changes: readonly DeliveryChange[]
  readonly attempt: Attempt | undefined
  readonly reports: readonly OwnMessage[]
}

/** A pause, as it survives a restart. `sender` undefined: the whole upstream. */
export interface Pause extends PauseReason {
  readonly upstream: string
  readonly sender: string | undefined
  readonly since: WallMs
  /** By hand: only `resume` lifts it. */
  readonly byOperator: boolean
  readonly nextProbeAt: WallMs | undefined
  readonly probes: number
}

export interface QueueRow {
  readonly message: MessageId
  readonly recipient: number
  readonly address: string
  readonly device: string | undefined
  readonly kind: MessageKind
  readonly size: number
  readonly subject: string
  readonly state: DeliveryState
  readonly reason: string
  readonly upstream: string | undefined
  readonly acceptedWall: WallMs
  readonly dueAt: WallMs | undefined
  readonly waitingFor: string | undefined
  readonly attempts: number
}

export interface MessageView {
  readonly id: MessageId
  readonly kind: MessageKind
  readonly device: string | undefined
  readonly session: string | undefined
  readonly from: string | undefined
  readonly reversePath: string
  readonly subject: string
  readonly headerMessageId: string
  readonly size: number
  readonly acceptedWall: WallMs
  readonly clockBelievable: boolean
  readonly hasBody: boolean
  /** Of a scan that comes in fragments: which one it is, and what is there or became of it. */
  readonly fragment?: {
    readonly number: number
    readonly total: number | undefined
    /** How many wait; undefined where it waits no more. */
    readonly here: number | undefined
    readonly joinedInto: MessageId | undefined
  }
  /** Fragments that it was joined from. */
  readonly joinedFrom?: number
  readonly fidelity: readonly string[]
  readonly files: readonly { readonly name: string; readonly type: string; readonly size: number }[]
  readonly recipients: readonly (QueueRow & {
    readonly status: string | undefined
    readonly said: string | undefined
  })[]
  readonly parts: readonly Part[]
  readonly attempts: readonly (Attempt & { readonly part: number })[]
  /** The header as it would have gone out; its body is the spooled one from `bodyStart`. */
  readonly outbox:
    | { readonly at: WallMs; readonly header: string; readonly sender: string; readonly bodyStart: number }
    | undefined
}

export interface QueueCounts {
  readonly byState: Readonly<Partial<Record<DeliveryState, number>>>
  readonly oldestOpen: WallMs | undefined
  readonly waitingByUpstream: Readonly<Record<string, number>>
  readonly bytes: number
}

export type QueueAction = 'retry' | 'hold' | 'release' | 'drop'
/** `ID`, `ID/3`, or all. */
export type QueueSelector = { readonly message: MessageId; readonly recipient?: number } | 'all'

/** What is kept of an SMTP session. `lines` are masked. */
export interface SessionRecord {
  readonly id: string
  readonly startedAt: WallMs
  readonly endedAt: WallMs
  readonly address: string
  readonly listener: string
  readonly device: string | undefined
  /** The device that it was, or was meant to be: known by its address, or named by a sign-in that was refused. */
  readonly about?: string
  readonly helo: string
  readonly tls: string
  readonly messages: readonly MessageId[]
  readonly result: string
  /** Undefined: it is still open, or older than verdicts. */
  readonly verdict: Verdict | undefined
  readonly lines: readonly TranscriptLine[]
}

export interface TranscriptLine {
  /** Milliseconds since the session began. */
  readonly at: number
  readonly from: 'device' | 'box' | 'note'
  readonly text: string
}

/**
 * A wall clock that was set. Only times near the clock as it was belong to it: what an earlier boot wrote down by a right
 * clock stays, while a box that started in 1970 is put right.
 */
export interface ClockShift {
  readonly byMs: number
  /** What the clock said just before. */
  readonly from: WallMs
}

/** What was learned of an address on the network. */
export interface ClientMemory {
  readonly address: string
  readonly speaksFirst: 'tls' | 'smtp' | 'nothing'
  readonly device: string | undefined
  readonly seenAt: WallMs
}

export interface RecoveryReport {
  /** This spool's own uuid, made with it: message ids mean nothing beyond it, operation ids grow from both. */
  readonly namespace: string
  readonly sweptReceptions: number
  /** Parts that were on the wire when the process ended, now `indeterminate`. */
  readonly uncertainParts: number
  readonly openDeliveries: number
}

/**
 * Accepted messages on disk and their queue: the only room that knows `spool.db`. Narrow enough for a second engine.
 * Every write resolves after its transaction is synced. Rejects only for what must never happen.
 */
export interface Spool
  extends Outbox,
    CollectingSpool,
    LearningSpool,
    ReportingSpool,
    TellingSpool,
    PageSpool,
    AsyncDisposable {
  recover(now: WallMs): Promise<RecoveryReport>

  takeId(): Promise<MessageId>
  receive(id: MessageId): Reception
  content(id: MessageId): Promise<Content | undefined>
  /** What was accepted since then and whose 250 was lost, oldest first; no alarms, nothing that is not identifiable. */
  lostReplies(since: WallMs): Promise<readonly LostReply[]>
  /** The session broke before anything followed our 250. */
  markReplyLost(id: MessageId): Promise<void>
  /** Its repeat got a 250 that something followed. */
  markReplyHeard(id: MessageId): Promise<void>

  /** Messages with due recipients, alarm before normal before bulk, oldest first. */
  due(now: WallMs, limit: number): Promise<readonly DueMessage[]>
  /** Parts whose fate is to be asked, uncertain ones first. */
  dueAsks(
    now: WallMs,
    limit: number,
  ): Promise<readonly { readonly part: Part; readonly message: DueMessage }[]>
  nextDueAt(): Promise<WallMs | undefined>
  /** False if a recipient changed meanwhile (dropped, held): nothing was written. */
  start(start: PartStart): Promise<boolean>
  settle(settlement: Settlement): Promise<void>
  /** Makes the deliveries of up to `limit` messages due that wait for `upstream`, oldest first; how many deliveries. */
  wake(upstream: string, limit: number, now: WallMs): Promise<number>
  /** Wall times of open deliveries move with a clock that jumped (promise 9). */
  shiftTimes(shift: ClockShift): Promise<void>
  operate(action: QueueAction, selector: QueueSelector, now: WallMs): Promise<number>
  /** Holds what waits and was accepted before that: another box with this identity may have sent it. How many deliveries. */
  holdOlder(acceptedBefore: WallMs, now: WallMs): Promise<number>

  pauses(): Promise<readonly Pause[]>
  setPause(pause: Pause): Promise<void>
  clearPause(upstream: string, sender: string | undefined): Promise<void>
  quotaUse(since: WallMs): Promise<readonly QuotaUse[]>
  recordUse(use: QuotaUse): Promise<void>
  acceptedSince(since: WallMs): Promise<readonly { readonly device: string; readonly at: WallMs }[]>

  queue(options: { readonly all: boolean; readonly limit: number }): Promise<readonly QueueRow[]>
  message(id: MessageId): Promise<MessageView | undefined>
  counts(): Promise<QueueCounts>
  /** Mail of devices that came since then and is still in the history, oldest first, in pages. */
  history(since: WallMs): AsyncIterable<readonly PastMail[]>
  /** Sums from that month (`2026-11`) on; 25 months are kept. */
  monthUse(since: string): Promise<readonly MonthUse[]>
  saveSessions(sessions: readonly SessionRecord[]): Promise<void>
  sessions(limit: number): Promise<readonly SessionRecord[]>
  session(id: string): Promise<SessionRecord | undefined>
  rememberClients(clients: readonly ClientMemory[]): Promise<void>
  clients(since: WallMs): Promise<readonly ClientMemory[]>
  saveAlert(alert: Alert, since: WallMs): Promise<void>
  /** It goes into the history with its end. */
  clearAlert(key: string, until: WallMs): Promise<void>
  alerts(): Promise<readonly RaisedAlert[]>
  /** Removes facts older than the history keeps, bodies that nobody needs, the outbox above 7 days and 200 MB. */
  tidy(now: WallMs, keepMs: number, keepTranscriptsMs: number): Promise<void>
  /** Erases an address from the history of finished messages; how many rows. */
  forget(address: string): Promise<number>
  /** The house stops: what the disk refuses is no more kept until it takes it, whoever waits for it hears so. */
  stopWaiting(): void
  /** Nothing goes on for now: caches and buffers may be given back. */
  rest(): void
  isWritable(): Promise<{ readonly writable: boolean; readonly detail: string; readonly freeBytes: number }>
}
