import type { OperatorRole } from './setup.ts'
import type { WallMs } from './time.ts'

/** What the console's first question is answered with. */
export type Standing =
  /** Nobody's box yet: the claim code makes the first operator. */
  | { readonly kind: 'unclaimed'; readonly about: AboutBox }
  | { readonly kind: 'signed-out'; readonly about: AboutBox }
  | { readonly kind: 'signed-in'; readonly about: AboutBox; readonly me: Me }

/** What a claim, a name with its password, or a code came to. */
export type SignInAnswer =
  | Standing
  /** The password was right. `POST /session/code` goes on with the ticket and a code of the app, or a recovery code. */
  | { readonly kind: 'code-wanted'; readonly about: AboutBox; readonly ticket: string }
  /** A second factor is a must here and this operator has none yet: `POST /session/enrol` with the ticket and a code. */
  | {
      readonly kind: 'enrolment-wanted'
      readonly about: AboutBox
      readonly ticket: string
      readonly enrolment: Enrolment
    }

/** What an authenticator app is told: as text to type, and as the address that a QR code carries. */
export interface Enrolment {
  /** Base32 without padding. */
  readonly secret: string
  /** `otpauth://totp/…` */
  readonly uri: string
}

/** The second factor is on. The recovery codes are shown this once. */
export interface Enrolled {
  readonly kind: 'enrolled'
  readonly recoveryCodes: readonly string[]
  /** Of who enrolled while signing in. */
  readonly standing: Standing
}

/** Of the operator who asks: `GET /session/second-factor`. */
export interface SecondFactorView {
  readonly isOn: boolean
  /** `console.second_factor` asks for it in this role: it can be changed, not taken away. */
  readonly isRequired: boolean
  readonly recoveryCodesLeft: number
}

/** A link that signs one technician in, once: `/#/pass/TOKEN`. */
export interface DayPassView {
  readonly id: string
  /** For whom it was made, in the maker's words. */
  readonly guest: string
  readonly maker: string
  readonly madeAt: WallMs
  /** Nobody used it yet, or somebody works with it now. */
  readonly state: 'open' | 'used'
  /** Until the link, or the work with it, ends. */
  readonly leftMs: number
  /** Where it was used; empty while it is open. */
  readonly from: string
}

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
  /** Signed in by a day pass: has no password and no second factor of its own. */
  readonly isGuest: boolean
}

/** A session as the disk keeps it: nothing of it lets anyone in. */
export interface StoredSession {
  /** SHA-256 of the token, in base64url. */
  readonly hash: string
  readonly operator: string
  /** Of the password that the operator had when it began. */
  readonly mark: string
  /** Undefined: the operator's own session. */
  readonly pass: UsedPass | undefined
  /** Until it ends by its age, in time in which the box worked: a clock that is set ends none and prolongs none. */
  readonly leftMs: number
  readonly startedAt: WallMs
  readonly from: string
}

/** A day pass with which somebody signed in, in the name of who made it. */
export interface UsedPass {
  readonly id: string
  readonly guest: string
  readonly role: OperatorRole
}

export interface SessionStore {
  sessions(): readonly StoredSession[]
  saveSession(session: StoredSession): void
  removeSession(hash: string): void
}
