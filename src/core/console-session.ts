import type { OperatorRole } from './setup.ts'
import type { WallMs } from './time.ts'

/** What the console's first question is answered with. */
export type Standing =
  /** Nobody's box yet: the claim code makes the first operator. */
  | { readonly kind: 'unclaimed'; readonly about: AboutBox }
  | { readonly kind: 'signed-out'; readonly about: AboutBox }
  | { readonly kind: 'signed-in'; readonly about: AboutBox; readonly me: Me }

/** What may be known of a box before signing in. */
export interface AboutBox {
  readonly name: string
  readonly version: string
  readonly language: string
  readonly clock: { readonly wall: WallMs; readonly isBelievable: boolean }
}

export interface Me {
  readonly name: string
  readonly role: OperatorRole
  /** Goes with every request that changes something, in `Inkpost-Proof`. */
  readonly proof: string
  /** Until the session ends by its age. */
  readonly leftMs: number
}

/** A session as the disk keeps it: nothing of it lets anyone in. */
export interface StoredSession {
  /** SHA-256 of the token, in base64url. */
  readonly hash: string
  readonly operator: string
  /** Of the session, where it is not the operator's: a day pass. */
  readonly role: OperatorRole | undefined
  /** Until it ends by its age, in time in which the box worked: a clock that is set ends none and prolongs none. */
  readonly leftMs: number
  readonly startedAt: WallMs
  readonly from: string
}

export interface SessionStore {
  sessions(): readonly StoredSession[]
  saveSession(session: StoredSession): void
  removeSession(hash: string): void
}
