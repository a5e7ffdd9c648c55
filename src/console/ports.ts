import type { Clock } from '../core/clock.ts'
import type { AboutBox, SessionStore } from '../core/console-session.ts'
import type { Log } from '../core/log.ts'
import type { Done, Operations, StatusView, Vitals } from '../core/operations.ts'
import type { OperatorRole } from '../core/setup.ts'
import type { LiveStreams } from './api-live.ts'

/** Operators, as signing in needs them. */
export interface ConsolePeople {
  isClaimed(): boolean
  /** Makes the first operator, an administrator. */
  claim(wish: ClaimWish, from: string): Promise<Done>
  /** Takes as long for a name that does not exist as for a wrong password. */
  verify(
    name: string,
    password: string,
  ): Promise<{ readonly kind: 'verified'; readonly name: string } | { readonly kind: 'wrong' }>
  /** Undefined: there is none of that name. */
  roleOf(name: string): OperatorRole | undefined
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
  readonly sessions: SessionStore
  readonly clock: Clock
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
