import type { WallMs } from './time.ts'

/** Why an upstream or one sender on it must not be used, in the words of a technician. */
export interface PauseReason {
  /** Stable, kebab-case, for tests, metrics and translations: `secret-expired`, `domain-not-linked`. */
  readonly code: string
  readonly reason: string
  readonly remedy: string
  /** Waiting changes nothing and asking makes it worse (Exchange 5.2.251 to 5.2.255): never probe. */
  readonly mayProbe: boolean
}

/**
 * What came of one attempt for one recipient. Every driver answers in these words and no others; one function
 * (`stepDelivery`) turns them into the next state. Unknown trouble is `transient`.
 */
export type Outcome =
  /** The service took responsibility. */
  | { readonly kind: 'accepted'; readonly reference: string; readonly detail?: string }
  /** Final success known. */
  | { readonly kind: 'confirmed'; readonly reference: string }
  /** This attempt failed; counts as one. `afterMs`: not before that long. `elsewhere`: another way out need not wait. */
  | {
      readonly kind: 'transient'
      readonly code: string
      readonly detail: string
      readonly afterMs?: number
      readonly elsewhere?: true
    }
  /** Will never work: the only outcome that may bounce mail. `status`: RFC 3463. */
  | {
      readonly kind: 'permanent'
      readonly scope: 'message' | 'recipient'
      readonly code: string
      readonly status: string
      readonly detail: string
      /** Another way out may still take it (too large here, external recipient on an internal service). */
      readonly elsewhere: boolean
      /** The driver can hand it in once more in another form, under a new generation. */
      readonly hasOtherForm?: boolean
    }
  /** Above a quota; pauses the upstream, uses no attempt. */
  | { readonly kind: 'throttled'; readonly afterMs: number; readonly detail: string }
  /** Configuration, credential or block; uses no attempt, the next upstream may take over. */
  | { readonly kind: 'paused'; readonly scope: 'upstream' | 'sender'; readonly pause: PauseReason }
  /** May or may not have been taken: ask before sending again, never change the way out on it. */
  | { readonly kind: 'indeterminate'; readonly reference: string; readonly detail: string }

/** States of one delivery (a message to one recipient). `accepted` is final for SMTP ways out and the outbox. */
export type DeliveryState =
  | 'queued'
  | 'sending'
  | 'indeterminate'
  | 'deferred'
  | 'held'
  | 'collecting'
  | 'accepted'
  | 'confirmed'
  | 'bounced'
  | 'expired'
  | 'dropped'

export const openStates: ReadonlySet<DeliveryState> = new Set([
  'queued',
  'sending',
  'indeterminate',
  'deferred',
  'held',
  'collecting',
])

/** One try, as the history keeps it. */
export interface Attempt {
  readonly at: WallMs
  readonly upstream: string
  readonly number: number
  readonly outcome: string
  readonly detail: string
  readonly tookMs: number
  /** What was said with the server in an attempt that failed, masked; see `PreparedConsignment`. */
  readonly dialogue?: string
}
