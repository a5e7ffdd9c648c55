import type { FragmentSet } from './fragment.ts'
import type { MessageId } from './message-id.ts'
import type { DueMessage, OwnMessage } from './spool.ts'
import type { WallMs } from './time.ts'

/** What a joined message takes the place of, in the transaction that publishes it. */
export interface Joining {
  /** Every fragment of the set, repeats too. */
  readonly fragments: readonly MessageId[]
  readonly letters: readonly OwnMessage[]
}

/** Fragments that are waited for no more: each goes on as the mail that it is. */
export interface GivingUp {
  readonly fragments: readonly {
    readonly message: MessageId
    /** No way out carries it: it waits for a person. */
    readonly isHeld: boolean
  }[]
  readonly reason: string
  readonly letters: readonly OwnMessage[]
  readonly now: WallMs
}

/** What the spool keeps of scans that come in fragments. */
export interface CollectingSpool {
  /** Sets of which a fragment waits for others. */
  collecting(): Promise<readonly FragmentSet[]>
  /** A fragment with those of its recipients for whom it waits; undefined if it is gone. */
  fragment(id: MessageId): Promise<DueMessage | undefined>
  /** False if one of them changed meanwhile: nothing was written. */
  giveUp(givingUp: GivingUp): Promise<boolean>
}
