import type { MessageId } from '../core/message-id.ts'
import type {
  DeviceMarks,
  FoundMail,
  FoundMails,
  FoundSession,
  MailFilter,
  MailTally,
  MailTrail,
} from '../core/page-spool.ts'
import type { QueueSelector } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import type { VerdictCode } from '../core/verdict.ts'
import type { Leftover } from './thread-protocol.ts'

/** Where counting a device's mail goes on: below this mail of those that tidying has seen. */
export interface DayPlace {
  readonly at: number
  readonly message: number
}

/** Where counting finished mail goes on: after this mail of those that tidying found finished at that time. */
export interface SentPlace {
  readonly at: number
  readonly message: number
}

/** Rows of mail counted in the call before: tidying may have seen them since, and they would count twice. */
export type Counted = readonly number[]

/** What the reader can be asked for pages. */
export interface PageReaderCalls {
  readonly 'device-marks': { ask: { devices: readonly string[] }; answer: readonly DeviceMarks[] }
  /** Mail that tidying has not seen yet, and refused sessions, by the place of the day in `from`. */
  readonly 'device-present': {
    ask: { device: string; from: readonly WallMs[] }
    answer: {
      days: readonly MailTally[]
      refused: readonly { day: number; code: VerdictCode; count: number }[]
      isCut: boolean
      counted: Counted
    }
  }
  /** A slice of the rest, the latest first. */
  readonly 'device-past': {
    ask: { device: string; from: readonly WallMs[]; before: DayPlace | undefined; except: Counted }
    answer: { days: readonly MailTally[]; next: DayPlace | undefined }
  }
  /** Of mail that tidying has not seen yet, what is not finished only if it came since then. */
  readonly 'sent-lately': { ask: { since: WallMs }; answer: { sent: number; counted: Counted } }
  /** A slice of the rest. */
  readonly 'sent-since': {
    ask: { after: SentPlace; except: Counted }
    answer: { sent: number; next: SentPlace | undefined }
  }
  readonly 'usual-size': { ask: Record<never, never>; answer: number | undefined }
  readonly 'find-mails': { ask: MailFilter; answer: FoundMails }
  readonly 'find-mail': { ask: { id: MessageId }; answer: FoundMail | undefined }
  readonly 'find-sessions': {
    ask: { code: VerdictCode; before: { at: WallMs; session: string } | undefined; limit: number }
    answer: readonly FoundSession[]
  }
  readonly trail: { ask: { id: MessageId }; answer: MailTrail }
}

/** What the writer can be asked for them. */
export interface PageWriterCalls {
  readonly 'drop-until': { ask: { selector: QueueSelector; until: WallMs }; answer: number }
  readonly 'undo-drop': { ask: { selector: QueueSelector; now: WallMs }; answer: number }
  readonly 'end-drops': {
    ask: { now: WallMs }
    answer: Leftover & { next: WallMs | undefined; more: boolean }
  }
  /** One slice; `more` while another may find something. */
  readonly 'rename-device': { ask: { from: string; to: string }; answer: { more: boolean } }
  readonly 'forget-device': { ask: { device: string }; answer: undefined }
}
