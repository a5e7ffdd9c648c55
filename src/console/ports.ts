import type { Clock } from '../core/clock.ts'
import type { AboutBox, Enrolment, SessionStore } from '../core/console-session.ts'
import type { Log } from '../core/log.ts'
import type { Done, Operations, StatusView, Vitals } from '../core/operations.ts'
import type { OperatorRole } from '../core/setup.ts'
import type { ResetMemory } from './after-reset.ts'
import type { LiveStreams } from './api-live.ts'

/** What an operator may do now, and the mark of the password that it stands on: another one ends their sessions. */
export interface OperatorStanding {
  readonly role: OperatorRole
  readonly mark: string
}

/** Whose password was right, and the mark of the one that was looked at: with another one nothing is proved any more. */
export interface Proved {
  readonly operator: string
  readonly mark: string
}

/** Operators, as signing in needs them. */
export interface ConsolePeople {
  isClaimed(): boolean
  /** Makes the first operator, an administrator. */
  claim(wish: ClaimWish, from: string): Promise<Done | { readonly kind: 'wrong-code' }>
  /** Takes as long for a name that does not exist as for a wrong password. */
  verify(
    name: string,
    password: string,
  ): Promise<
    { readonly kind: 'verified'; readonly name: string; readonly mark: string } | { readonly kind: 'wrong' }
  >
  /** Undefined: there is none of that name. */
  standing(name: string): OperatorStanding | undefined
  /** Refused where it is another one by now than was proved. */
  setPassword(proved: Proved, password: string, who: string): Promise<Done>
  /** For the audit: what is no setting. */
  record(who: string, what: string): void
}

/** A secret for an app that is shown and not in force yet. */
export interface FactorDraft extends Enrolment {
  readonly operator: string
  readonly octets: Uint8Array
}

/** Codes beside the password. */
export interface ConsoleFactors {
  isOn(operator: string): boolean
  /** Another one with every secret; undefined: there is none. */
  markOf(operator: string): string | undefined
  isRequired(role: OperatorRole): boolean
  recoveryCodesLeft(operator: string): number
  draft(operator: string): FactorDraft
  confirm(
    draft: FactorDraft,
    code: string,
    who: string,
  ):
    | { readonly kind: 'confirmed'; readonly recoveryCodes: readonly string[] }
    | { readonly kind: 'refused'; readonly sentence: string }
  /** Spends the code. */
  check(
    operator: string,
    code: string,
    who: string,
  ): { readonly kind: 'right' | 'wrong' } | { readonly kind: 'blind'; readonly sentence: string }
  remove(operator: string, who: string): boolean
}

/** Tokens of scripts. */
export interface ConsoleTokens {
  check(
    token: string,
  ):
    | { readonly kind: 'known'; readonly name: string; readonly role: OperatorRole }
    | { readonly kind: 'refused'; readonly sentence: string }
}

export interface ClaimWish {
  readonly code: string
  readonly name: string
  readonly password: string
}

/** What the console's TCP side needs from the rest of the house. Addresses are the socket's, as Node spells them. */
export interface ConsolePorts {
  readonly operations: Operations
  readonly people: ConsolePeople
  readonly factors: ConsoleFactors
  readonly tokens: ConsoleTokens
  readonly sessions: SessionStore
  readonly resetMemory: ResetMemory
  /** By which browsers are marked that somebody signed in with: 32 octets, the same for the life of the box. */
  readonly browserKey: () => Uint8Array
  readonly clock: Clock
  /** Of the settings: rises with every change. */
  readonly revision: () => number
  /** What may be known before signing in. */
  aboutBox(): AboutBox
  /** Where the pages stand. */
  readonly pages: string
  readonly vitals: Vitals
  /** What happens now. */
  readonly live: LiveStreams
  readonly log: Log
  /** The certificate of an authority of the box in PEM; undefined where this setup uses none of that kind. */
  authority(digest: 'sha256' | 'sha1'): Promise<string | undefined>
  about(): Promise<Pick<StatusView, 'name' | 'version' | 'listeners'>>
  /** Whether the address may read `/healthz`, `/readyz` and `/metrics`. */
  isTrusted(address: string): boolean
  /** Whether the address is in `console.networks` (empty: the trusted ones): everybody else sees nothing. */
  mayVisit(address: string): boolean
  /** Whether a `Host` header's name (lower case, without port and brackets) is one of this box: see `knownHosts`. */
  isKnownHost(host: string): boolean
}
