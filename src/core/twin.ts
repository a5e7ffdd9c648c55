import type { Done } from './operations.ts'
import type { PauseReason } from './outcome.ts'
import type { WallMs } from './time.ts'

/**
 * Which of two boxes with one identity is the newer: each restore and each taking over gives a higher generation. Two that
 * were restored from one backup have the same: the later one counts.
 */
export interface TwinRank {
  readonly generation: number
  /** When it got its generation, by its own clock. */
  readonly since: WallMs
  /** Random: what else is equal differs in this, but in a copy of the whole card. Hexadecimal, 16 octets. */
  readonly mark: string
}

/** Above 0: `one` is the newer. 0: one is a copy of the other, and nobody can say which. */
export function compareRanks(one: TwinRank, other: TwinRank): number {
  if (one.generation !== other.generation) return one.generation - other.generation
  if (one.since !== other.since) return one.since - other.since
  return one.mark === other.mark ? 0 : one.mark > other.mark ? 1 : -1
}

/** UDP, to groups that no router hands on (RFC 2365, RFC 4291: transient, link-local). */
export const twinPort = 47_625
export const twinGroups = { udp4: '239.255.71.76', udp6: 'ff12::696e:6b70' } as const

const remedy =
  'Switch one of the two off. If this is the one to stay: `inkpost identity keep` (in the console: More, Backup); the other one stops then.'

export const newerTwin: PauseReason = {
  code: 'newer-box',
  reason: 'a newer box with this identity is in the LAN',
  remedy,
  mayProbe: false,
}

export const equalTwin: PauseReason = {
  code: 'newer-box',
  reason: 'a copy of this box is in the LAN, and nobody can say which is the newer',
  remedy,
  mayProbe: false,
}

/** Before anything is sent: a box that was switched on again may have been replaced meanwhile. */
export const lookingForTwins: PauseReason = {
  code: 'looking-for-newer-box',
  reason: 'looks whether a newer box with this identity is in the LAN',
  remedy: 'Nothing to do: it takes two seconds once the box is in a network.',
  mayProbe: false,
}

/** A way out stands still for the sake of the whole box, whatever its own settings are. */
export const isForTwins = ({ code }: Pick<PauseReason, 'code'>): boolean =>
  code === newerTwin.code || code === lookingForTwins.code

export interface IdentityView {
  readonly generation: number
  readonly since: WallMs
  /** Since when nothing is sent, and why; undefined: this box sends. */
  readonly stoodDown: { readonly since: WallMs; readonly reason: string } | undefined
  /** The vault is locked: no other box can be recognised. */
  readonly isLocked: boolean
}

export interface IdentityOperations {
  /** Whether this box is the one of its identity that sends. */
  identity(): Promise<IdentityView>
  /** This box is the one to stay: it sends again, and a newer one that hears of it stops. */
  keepIdentity(who: string): Promise<Done>
}

/** Where datagrams go to whoever is in the same LAN. */
export interface Air extends AsyncDisposable {
  /** Whether this machine has an address in a network by now; before, nobody hears it, and no mail leaves. */
  isUp(): boolean
  /** To all; what can't be sent is lost, as on a wire. */
  send(octets: Uint8Array): void
  listen(heard: (octets: Uint8Array) => void): void
}
