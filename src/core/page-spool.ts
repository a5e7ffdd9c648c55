import type { ReportStatus } from './delivery-report.ts'
import type { MessageKind } from './message.ts'
import type { MessageId } from './message-id.ts'
import type { Attempt, DeliveryState } from './outcome.ts'
import type { QueueSelector } from './spool.ts'
import type { WallMs } from './time.ts'
import type { VerdictCode } from './verdict.ts'

/** A device's last session of a kind. */
export interface SessionMark {
  readonly session: string
  readonly at: WallMs
  readonly code: VerdictCode
}

/** The last that is known of a device's sessions. */
export interface DeviceMarks {
  readonly device: string
  /** In which mail came and nothing was wrong at the end. */
  readonly mail: SessionMark | undefined
  readonly fault: SessionMark | undefined
  /** In which neither was. */
  readonly other: SessionMark | undefined
  /** When its last mail came. */
  readonly lastMail: WallMs | undefined
}

/** Deliveries of a span by what became of them, and the mails that they are of. */
export interface MailTally {
  readonly mails: number
  readonly sent: number
  readonly waiting: number
  readonly bounced: number
  readonly dropped: number
}

/** One day of a device; `from` is the first moment of it. */
export interface DayTally extends MailTally {
  readonly from: WallMs
  readonly refused: Readonly<Partial<Record<VerdictCode, number>>>
}

/** Mail as a search finds it, newest first. */
export interface FoundMail {
  readonly message: MessageId
  readonly kind: MessageKind
  readonly device: string | undefined
  readonly subject: string
  readonly size: number
  readonly acceptedWall: WallMs
  readonly recipientCount: number
  readonly undoUntil: WallMs | undefined
  /** Of all its deliveries. */
  readonly states: Readonly<Partial<Record<DeliveryState, number>>>
  /** At most a hundred; those that are not finished first. */
  readonly deliveries: readonly FoundDelivery[]
}

export interface FoundDelivery {
  readonly recipient: number
  readonly address: string
  readonly state: DeliveryState
  readonly code: string
  readonly reason: string
  readonly upstream: string | undefined
  readonly dueAt: WallMs | undefined
  readonly waitingFor: string | undefined
  readonly attempts: number
}

export interface MailFilter {
  /** Folded; each has to be found. */
  readonly words: readonly string[]
  readonly isOpen: boolean
  readonly device: string | undefined
  readonly state: DeliveryState | undefined
  readonly limit: number
  /** Below this number; undefined: from the newest. */
  readonly before: number | undefined
}

export interface FoundMails {
  readonly mails: readonly FoundMail[]
  /** Where the next slice goes on; undefined: at the end. */
  readonly next: number | undefined
  /** When the last mail came that was looked at. */
  readonly searchedTo: WallMs | undefined
}

export interface FoundSession {
  readonly session: string
  readonly device: string | undefined
  readonly address: string
  readonly at: WallMs
  readonly code: VerdictCode
  readonly sentence: string
  readonly messages: readonly MessageId[]
}

/** What a message's page shows beside `MessageView`. */
export interface MailTrail {
  /** Why each delivery is in its state. */
  readonly codes: readonly { readonly recipient: number; readonly code: string }[]
  readonly attempts: readonly (Attempt & { readonly recipients: readonly number[] })[]
  readonly reports: readonly {
    readonly recipient: number
    readonly status: ReportStatus
    readonly at: WallMs
    readonly detail: string
  }[]
  readonly undoUntil: WallMs | undefined
}

/** What pages ask of the spool. Every question is cut into slices of bounded cost. */
export interface PageSpool {
  deviceMarks(devices: readonly string[]): Promise<readonly DeviceMarks[]>
  /**
   * Days of one device, `from` rising; the last one lasts until now. `isCut`: there was more than is counted, the oldest is
   * missing.
   */
  deviceDays(
    device: string,
    from: readonly WallMs[],
  ): Promise<{ readonly days: readonly DayTally[]; readonly isCut: boolean }>
  /** Deliveries that a way out took, of mail of devices that was finished since then, and of mail that is not. */
  sentSince(since: WallMs): Promise<number>
  /** Octets of a mail lately, on average; undefined: none came yet. */
  usualSize(): Promise<number | undefined>
  /** One slice. */
  findMails(filter: MailFilter): Promise<FoundMails>
  findMail(id: MessageId): Promise<FoundMail | undefined>
  /** With that verdict, latest first, below this mark. */
  findSessions(
    code: VerdictCode,
    before: { readonly at: WallMs; readonly session: string } | undefined,
    limit: number,
  ): Promise<readonly FoundSession[]>
  trail(id: MessageId): Promise<MailTrail>
  /** Drops as `operate` does; until then what they were, and the body, is kept. How many deliveries. */
  dropUntil(selector: QueueSelector, until: WallMs): Promise<number>
  /** Brings back what was dropped so. How many deliveries. */
  undoDrop(selector: QueueSelector, now: WallMs): Promise<number>
  /** Ends what can no more be undone; when the next ends. */
  endDrops(now: WallMs): Promise<WallMs | undefined>
  /** Mail, sessions, sums and what was learned get the new name of the device; false: the spool closed before the end. */
  renameDevice(from: string, to: string): Promise<boolean>
  /** Forgets what was learned of a device. */
  forgetDevice(device: string): Promise<void>
}
