import type { MessageKind } from './message.ts'
import type { MessageId } from './message-id.ts'
import type { Done } from './operations.ts'
import type { Attempt, DeliveryState } from './outcome.ts'
import type { FoundSession } from './page-spool.ts'
import type { WallMs } from './time.ts'

export interface MailSearch {
  /** Words of which each is in id, device, recipient, sender, subject, way out, state or reason; or a verdict code alone. */
  readonly q: string
  /** Only mail with a delivery that is not finished. */
  readonly isOpen: boolean
  readonly device: string | undefined
  readonly state: DeliveryState | undefined
  /** 1 to 200 rows. */
  readonly limit: number
  /** Of the page before; undefined: from the newest. */
  readonly cursor: string | undefined
}

/** Newest first. A page may hold fewer rows than asked for, even none, and yet have a `next`: so much is looked at for one. */
export interface SearchPage {
  readonly rows: readonly SearchRow[]
  /** Undefined: nothing older is there. */
  readonly next: string | undefined
  /** What came before this was not looked at yet. */
  readonly searchedTo: WallMs | undefined
}

export type SearchRow = MailRow | SessionRow

/** One mail of the queue or the history. */
export interface MailRow {
  readonly kind: 'mail'
  readonly message: MessageId
  readonly mailKind: MessageKind
  readonly device: string | undefined
  readonly subject: string
  readonly size: number
  readonly acceptedWall: WallMs
  /** At most five; `recipientCount` says how many there are. */
  readonly recipients: readonly string[]
  readonly recipientCount: number
  readonly states: Readonly<Partial<Record<DeliveryState, number>>>
  /** Of the recipient that is worst off; undefined: none waits. */
  readonly wait: Wait | undefined
  /** Until then a drop can be undone; undefined: nothing to undo. */
  readonly undoUntil: WallMs | undefined
}

/** A session that ended in the verdict that was looked for. */
export interface SessionRow extends FoundSession {
  readonly kind: 'session'
}

/** Why a delivery has not left yet, and when it goes. */
export interface Wait {
  readonly kind: /** It is its turn. */
    | 'ready'
    | 'sending'
    /** Whether it was taken is being asked. */
    | 'asking'
    /** Tried, and tried again at `until`. */
    | 'retry'
    /** The device is above its own rate. */
    | 'paced'
    /** The quota of the way out is used up. */
    | 'quota'
    | 'upstream-paused'
    | 'sender-paused'
    | 'no-way-out'
    | 'clock'
    | 'held'
    | 'adoption'
    /** The other parts of a divided mail are not here yet. */
    | 'collecting'
  readonly upstream: string | undefined
  /** Undefined: no time makes it go. */
  readonly until: WallMs | undefined
  readonly attempts: number
  /** In English: `acs is paused: the client secret has expired`. */
  readonly sentence: string
}

/** The three ticks, of one recipient. */
export interface Ticks {
  readonly boxHasIt: boolean
  readonly wayOutTookIt: boolean
  readonly delivered: 'yes' | 'no' | 'bounced' | 'not told by this way out' | 'not yet known'
}

/** The whole way of a message. */
export interface MailStory {
  readonly message: MessageId
  readonly recipients: readonly RecipientStory[]
  /** Until then a drop can be undone; undefined: nothing to undo. */
  readonly undoUntil: WallMs | undefined
  /** Everything that happened, the oldest first. */
  readonly steps: readonly StoryStep[]
}

export interface RecipientStory {
  readonly recipient: number
  readonly address: string
  readonly state: DeliveryState
  readonly ticks: Ticks
  readonly wait: Wait | undefined
  /** What the last answer was: of a service, a report, or this box. */
  readonly reply: string
  readonly status: string | undefined
}

export type StoryStep =
  | { readonly kind: 'accepted'; readonly at: WallMs; readonly session: string | undefined }
  /** Handed to a way out; `operationId` is what its support asks for. */
  | {
      readonly kind: 'handed-over'
      readonly at: WallMs
      readonly upstream: string
      readonly operationId: string
      readonly recipients: readonly number[]
      readonly sends: number
    }
  | ({ readonly kind: 'attempt'; readonly recipients: readonly number[] } & Attempt)
  | {
      readonly kind: 'report'
      readonly at: WallMs
      readonly recipient: number
      readonly status: string
      readonly detail: string
    }

/** What the pages of the queue do beside `Operations` of old. */
export interface QueuePageOperations {
  search(search: MailSearch): Promise<Done<{ readonly page: SearchPage }>>
  /** `id` as typed; undefined: it is not there. */
  story(id: string): Promise<MailStory | undefined>
  /** Drops, and keeps what is needed to undo that until `undoUntil`. */
  drop(selector: string, who: string): Promise<Done<{ readonly count: number; readonly undoUntil: WallMs }>>
  undoDrop(selector: string, who: string): Promise<Done<{ readonly count: number }>>
}
