import type { DeliveryState } from './outcome.ts'
import type { DeliveryChange, DueMessage, OwnMessage, Part } from './spool.ts'
import type { WallMs } from './time.ts'

/** What became of mail behind the way out that took it (learn.microsoft.com, "Azure Communication Services - Email events"). */
export type ReportStatus =
  /** Handed over to the recipient's mail server. */
  | 'delivered'
  | 'bounced'
  /** Not sent: the service remembers an earlier bounce of this recipient. */
  | 'suppressed'
  | 'quarantined'
  | 'filtered-spam'
  | 'failed'
  /** A distribution list: its members get reports of their own. */
  | 'expanded'

/** One report on one recipient of one operation. They come at least once, and in any order. */
export interface DeliveryReport {
  readonly operationId: string
  readonly recipient: string
  readonly status: ReportStatus
  /** What the other mail server said, one line, or empty. */
  readonly detail: string
  /** Of the attempt that it reports on. */
  readonly at: WallMs
}

/** What one entry of the queue tells. */
export type EventContent =
  | { readonly kind: 'report'; readonly report: DeliveryReport }
  /** Well-formed and nothing for us: another event, a status that nobody knows yet. */
  | { readonly kind: 'other'; readonly what: string }
  | { readonly kind: 'unreadable'; readonly why: string }

export interface QueuedEvent {
  /** What takes it off the queue; known to the queue alone. */
  readonly receipt: { readonly id: string; readonly pop: string }
  readonly contents: readonly EventContent[]
  readonly insertedAt: WallMs
  /** Times it was handed out, this one too. */
  readonly dequeues: number
}

export interface QueueTrouble {
  readonly kind: 'trouble'
  readonly code: string
  readonly reason: string
  readonly remedy: string
}

/** Where delivery reports wait for the box. Never rejects for trouble with network or service. */
export interface ReportQueue extends AsyncDisposable {
  /** At most 32 entries, hidden from every reader for two minutes. */
  collect(
    signal: AbortSignal,
  ): Promise<{ readonly kind: 'events'; readonly events: readonly QueuedEvent[] } | QueueTrouble>
  /** Done as well where somebody else was faster. */
  remove(event: QueuedEvent, signal: AbortSignal): Promise<{ readonly kind: 'removed' } | QueueTrouble>
}

/** A delivery as far as a report is concerned with it. */
export interface ReportedDelivery {
  readonly recipient: number
  readonly state: DeliveryState
  readonly code: string
  /** The reports on it so far. */
  readonly reports: readonly { readonly status: ReportStatus; readonly at: WallMs }[]
}

/** The part of an operation, its message with that part's recipients, and what was reported on each. */
export interface ReportedPart {
  readonly part: Part
  readonly message: DueMessage
  readonly deliveries: readonly ReportedDelivery[]
}

/** What a report changes; one transaction. */
export interface ReportSettlement {
  readonly part: Part
  readonly recipient: number
  readonly report: DeliveryReport
  readonly receivedAt: WallMs
  /** As it was when the change was made up: if it is another by now, nothing is written. */
  readonly from: Pick<ReportedDelivery, 'state' | 'code'>
  /** Undefined: the report is kept, the state stays. */
  readonly change: DeliveryChange | undefined
  /** A sentence for the history of the message. */
  readonly note: string
  readonly reports: readonly OwnMessage[]
}

export type ReportWriting = 'written' | 'known' | 'overtaken'

/** A device's mail of some time, by delivery: what is still under way is not among it. */
export interface MailCounts {
  readonly device: string
  /** Final, whatever became of it. */
  readonly sent: number
  /** A report said so. */
  readonly delivered: number
  /** Bounced or expired, the suppressed too. */
  readonly failed: number
  readonly suppressed: number
}

/** A recipient whom the service does not send to for now. */
export interface Suppression {
  readonly device: string
  readonly address: string
  /** The last mail that was not sent. */
  readonly at: WallMs
  readonly mails: number
}

/** What the spool keeps of delivery reports. */
export interface ReportingSpool {
  /** Undefined: no operation of this box, or no more in its history. */
  reported(operationId: string): Promise<ReportedPart | undefined>
  settleReport(settlement: ReportSettlement): Promise<ReportWriting>
  /** Whether one of the latest deliveries, accepted since then, was handed to `upstream` and nothing was reported on it. */
  awaitsReport(upstream: string, since: WallMs): Promise<boolean>
  /** By device, of messages accepted since then. */
  mailCounts(since: WallMs): Promise<readonly MailCounts[]>
  /** The latest first, at most `limit`. */
  suppressions(since: WallMs, limit: number): Promise<readonly Suppression[]>
}

const reportedPrefix = 'reported-'

/** The code of a delivery that came to its state by a report. `delivered` is said by nothing else. */
export const reportedCode = (status: ReportStatus): string =>
  status === 'delivered' ? 'delivered' : `${reportedPrefix}${status}`

/** A report's word stands against whatever only the sending side knows. */
export const isReported = (code: string): boolean => code === 'delivered' || code.startsWith(reportedPrefix)
