import type { Address } from './address.ts'
import type { Envelope } from './envelope.ts'
import type { Fragment } from './fragment.ts'
import type { MessageId } from './message-id.ts'
import type { PartIndex } from './part-index.ts'
import type { MonotonicMs, WallMs } from './time.ts'

export type MessageKind = 'mail' | 'dsn' | 'alert' | 'test'
export type Priority = 'alarm' | 'normal' | 'bulk'

/** What a way out that rebuilds the message (ACS REST) would lose; each names a reason to prefer another one. */
export type FidelityFlag =
  | 'signed'
  | 'encrypted'
  | 'calendar'
  | 'embedded-message'
  | 'report'
  | 'partial'
  | 'from-name'
  | 'envelope-differs'

/** What routing needs to know of a message without reading it again; kept in the queue. */
export interface RouteFacts {
  /** Octets as spooled. */
  readonly size: number
  /** Octets of the ACS JSON request for the largest set of recipients, where it was worked out. */
  readonly acsSize: number
  readonly fidelity: readonly FidelityFlag[]
}

/** A message as it enters the spool. */
export interface NewMessage {
  readonly id: MessageId
  readonly kind: MessageKind
  readonly priority: Priority
  /** The device's name in the setup document; undefined for the box's own mail. */
  readonly device: string | undefined
  /** From of the header as submitted, after the fix-up. */
  readonly from: Address | undefined
  readonly subject: string
  /** Message-ID of the header after the fix-up, without angle brackets. */
  readonly headerMessageId: string
  readonly envelope: Envelope
  /** Ways out in order, by name, where device or alias names them; undefined means the order of the setup document. */
  readonly route: readonly string[] | undefined
  readonly facts: RouteFacts
  readonly index: PartIndex
  /** SHA-256 of the content as the device sent it (before the fix-up), hexadecimal: knows a repeat again. */
  readonly contentSha256: string
  /** Whether the device itself set Message-ID or Date: only then can a repeat be told from a second scan. */
  readonly isIdentifiable: boolean
  readonly session: string | undefined
  readonly acceptedWall: WallMs
  readonly acceptedMonotonic: MonotonicMs
  readonly bootId: string
  readonly clockBelievable: boolean
  /** For a report: the message it reports on. */
  readonly about?: MessageId
  /** Its device is above its own rate: no delivery is due before. */
  readonly notBefore?: WallMs
  /** Its way out is paused: it waits from the beginning, which saves writing twice. */
  readonly parked?: Parked
  /** Of a device that nobody knows yet: held until its address is adopted. */
  readonly isUnadopted?: boolean
  /** It waits for the other fragments of its set. */
  readonly collected?: CollectedAs
  /** It leaves only by a person's hand. */
  readonly held?: Omit<Parked, 'waitingFor'>
  /** It was joined from so many fragments. */
  readonly joinedFrom?: number
}

/** A fragment, and the octets that its whole set may have. */
export interface CollectedAs {
  readonly fragment: Fragment
  readonly mostOctets: number
}

/** What a message waits for, and why, as the queue shows it. */
export interface Parked {
  readonly waitingFor: string
  readonly code: string
  readonly reason: string
}
