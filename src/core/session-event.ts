import type { Reply } from './reply.ts'
import type { DeviceSetup, GatewaySetup } from './setup.ts'
import type { VerdictCode } from './verdict.ts'

/** What went wrong or was noteworthy in a session, as edge and session saw it. An accepted mail records none. */
export type SessionEvent =
  /** The first word after our greeting was a ClientHello. */
  | { readonly kind: 'tls-late' }
  /** After STARTTLS, or in the place of a hello. */
  | { readonly kind: 'no-tls'; readonly came: 'closed' | 'silence' | 'clear-text' | 'nonsense' }
  | { readonly kind: 'tls-refused'; readonly reason: TlsRefusal; readonly offer: TlsOffer }
  | {
      readonly kind: 'handshake-failed'
      readonly failure: HandshakeFailure
      readonly offer: TlsOffer
    }
  /** `protocol`: the name of another one, where it was recognised. */
  | {
      readonly kind: 'not-understood'
      readonly what: 'command' | 'sign-in'
      readonly protocol: string | undefined
    }
  /** Silent for too long between commands. */
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'data-cut'; readonly octets: number; readonly how: DataCut }
  /** The address is a device's, the hardware is not. */
  | { readonly kind: 'wrong-hardware'; readonly hardware: OtherHardware }
  | {
      readonly kind: 'refused'
      readonly reply: Reply & { readonly verdict: VerdictCode }
      readonly detail: RefusalDetail | undefined
    }

/** `unended`: silent behind what ends DATA for a device that says LF.LF. */
export type DataCut = 'closed' | 'silent' | 'unended' | 'stopping'

export type TlsRefusal =
  /** Nothing serves SSL 2.0. */
  | 'ssl2-only'
  /** The vintage engine would take it. */
  | 'needs-vintage'
  /** TLS 1.0 or 1.1 where 1.2 is the least. */
  | 'needs-legacy'
  /** TLS 1.2 in a hello of SSL 2.0's format, likewise. */
  | 'old-format'
  | 'no-common-suite'
  /** Too many vintage sessions at once. */
  | 'busy'
  /** It waited for its turn and did not get it. */
  | 'too-many-handshakes'

/** In words: `SSL 3.0`, and `RC4 and 3DES`. */
export interface TlsOffer {
  readonly version: string
  readonly ciphers: string
}

export type HandshakeFailure =
  /** The client's alert speaks of our certificate: `unknown ca`. */
  | { readonly kind: 'distrust'; readonly alert: string }
  | { readonly kind: 'alert'; readonly alert: string }
  | { readonly kind: 'nothing-common' }
  | { readonly kind: 'too-slow' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'broken' }

export interface OtherHardware {
  readonly device: string
  readonly expected: string
  /** Undefined: not in the neighbour table. */
  readonly found: string | undefined
}

export type RefusalDetail =
  | SignInTrouble
  /** `forbidden`: the address that it stands for, which is one, and not among those that the device may write to. */
  | { readonly kind: 'recipient'; readonly said: string; readonly forbidden: string | undefined }
  | { readonly kind: 'sender'; readonly said: string }

/** Why a sign-in was refused. What was said as a password is never part of it. */
export type SignInTrouble =
  /** Without what was said: it may be a password in the wrong field. */
  | { readonly kind: 'unknown-login'; readonly closest: string | undefined }
  | { readonly kind: 'wrong-password'; readonly device: string; readonly slip: Slip | undefined }
  | { readonly kind: 'no-password'; readonly device: string }
  | { readonly kind: 'not-here'; readonly device: string; readonly isBound: boolean }
  | { readonly kind: 'other-hardware'; readonly hardware: OtherHardware }
  | { readonly kind: 'mechanism'; readonly device: string | undefined; readonly mechanism: string }
  | { readonly kind: 'switched-off'; readonly device: string }
  | { readonly kind: 'vault'; readonly detail: string }
  | { readonly kind: 'needs-encryption'; readonly device: string | undefined }
  | { readonly kind: 'too-many-guesses' }

/** In what a password that was said differs from the right one. */
export type Slip =
  | { readonly kind: 'case' | 'space' | 'look-alike' | 'keyboard' | 'user-name' }
  | { readonly kind: 'other-device'; readonly device: string }

/** Where a session stands in the setup. */
export interface Bearings {
  readonly protocol: 'smtp' | 'pop3'
  /** Signed in, known by its address, or remembered at it. */
  readonly device: DeviceSetup | undefined
  /** The device has this address in `addresses`. */
  readonly isBound: boolean
  /** RFC 1918 and the like: only there vintage encryption is served. */
  readonly isPrivate: boolean
  /** The device's `weak_until` has come. */
  readonly isWeakOver: boolean
  readonly gateway: Pick<GatewaySetup, 'weakestTls' | 'maxMessageSize' | 'sender'>
}

/** All that a verdict stands on. */
export interface SessionStory extends Bearings {
  readonly address: string
  readonly isOver: boolean
  readonly hasSpoken: boolean
  readonly isSignedIn: boolean
  readonly isSecure: boolean
  readonly isWeak: boolean
  /** Mails taken, and how many of them were nothing but a test. */
  readonly accepted: number
  readonly tests: number
  /** How many of them wait for an adoption. */
  readonly held: number
  /** Since the last accepted mail, oldest first. */
  readonly troubles: readonly SessionEvent[]
  /** Before it. */
  readonly overcome: readonly SessionEvent[]
}
