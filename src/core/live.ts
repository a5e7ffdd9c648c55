import type { MessageId } from './message-id.ts'
import type { WallMs } from './time.ts'
import type { Verdict } from './verdict.ts'

/** The steps of a mail as a person at the printer watches them, in their order. */
export const liveSteps = ['connected', 'secured', 'signed-in', 'addressed', 'received', 'sent'] as const
export type LiveStep = (typeof liveSteps)[number]

/**
 * What is happening now. Told while it happens and to nobody later than a few minutes after: what is to be kept stands in
 * the spool. No part of it holds a secret that was said, nor text of a mail.
 */
export type LiveEvent = SessionStep | SessionEnd | DeliveryStep | Stale

/** A device came as far as this. */
export interface SessionStep {
  readonly kind: 'session'
  readonly step: Exclude<LiveStep, 'sent'>
  readonly session: string
  /**
   * Whose it is, as far as can be told now: who signed in, else whose login was said, else whose address it is or who
   * signed in from there last. Undefined: not known yet, or nobody's.
   */
  readonly device: string | undefined
  readonly address: string
  readonly at: WallMs
  /** A few words: `TLS 1.0, RC4-SHA`, a user name, `2 recipients`, `184,320 octets`. Said by a device: to be shown, not trusted. */
  readonly detail: string
  /** Of `addressed`: how many. */
  readonly recipients?: number
  /** Of `received`. */
  readonly message?: MessageId
  readonly octets?: number
  /** Of `received`, of mail to the address `test` alone: what it carried. */
  readonly files?: readonly LiveFile[]
}

/** A part of a test mail. */
export interface LiveFile {
  /** Empty where it has none, or none that may be told. */
  readonly name: string
  /** As the mail says: `application/pdf`. */
  readonly type: string
  readonly octets: number
  /** Of PDF and TIFF, where they can be counted on the way. */
  readonly pages?: number
}

/** A session is over, or something in it was refused while it goes on. */
export interface SessionEnd {
  readonly kind: 'verdict'
  readonly session: string
  readonly device: string | undefined
  readonly address: string
  readonly at: WallMs
  readonly isOver: boolean
  readonly verdict: Verdict
}

/** What came of an attempt, or of waiting, for those recipients of a message of whom the same is to be said. */
export interface DeliveryStep {
  readonly kind: 'delivery'
  readonly message: MessageId
  readonly device: string | undefined
  readonly at: WallMs
  readonly state: 'accepted' | 'confirmed' | 'deferred' | 'indeterminate' | 'bounced' | 'expired' | 'held'
  readonly upstream: string
  /** How many. */
  readonly recipients: number
  /** What the service said, or why it waits; empty where there is nothing to say. */
  readonly detail: string
}

/** Something of this kind is not as it was: whoever shows it asks again. */
export interface Stale {
  readonly kind: 'stale'
  readonly what: 'home' | 'queue' | 'devices' | 'sightings' | 'upstreams' | 'alerts' | 'setup' | 'operators'
}

/** What a stream says of itself, between the events. */
export type LiveNotice =
  /** Ask again for everything: what happened between the last event that was read and the next one is not told. */
  | { readonly kind: 'reset'; readonly why: 'restarted' | 'too-late' | 'too-slow' }
  /** So many events were not told, since more than 20 a second happened; sessions are told by their latest. */
  | { readonly kind: 'left-out'; readonly count: number }

/** Where live events go. Costs nothing where nobody listens: ask before making one. */
export interface LiveListener {
  readonly isHeard: boolean
  tell(event: LiveEvent): void
}

export const nobodyListens: LiveListener = { isHeard: false, tell: () => {} }
