import type { Clock } from '../core/clock.ts'
import type { DeviceTrait, Sighting } from '../core/learning.ts'
import type { LiveListener } from '../core/live.ts'
import type { Log } from '../core/log.ts'
import type { NewMessage, Parked } from '../core/message.ts'
import type { MessageId } from '../core/message-id.ts'
import type { Secrets } from '../core/secret.ts'
import type { DeviceSetup, ListenerSetup, Setup } from '../core/setup.ts'
import type { Publication, Reception, SessionRecord, Spool } from '../core/spool.ts'
import type { MakersOf } from '../platform/hardware-makers.ts'
import type { MemoryBudget } from '../platform/memory-budget.ts'
import type { Neighbours } from '../platform/neighbours.ts'
import type { Identities } from './edge/tls-contexts.ts'
import type { Opening } from './relay-probes.ts'
import type { TakeOverWindow } from './take-over.ts'

/** What submission needs of the spool. */
export type SubmissionSpool = Pick<
  Spool,
  | 'takeId'
  | 'receive'
  | 'lostReplies'
  | 'markReplyLost'
  | 'markReplyHeard'
  | 'saveSessions'
  | 'rememberClients'
  | 'clients'
  | 'acceptedSince'
  | 'saveSightings'
  | 'sightings'
  | 'forgetSighting'
  | 'saveTraits'
  | 'traits'
>

/** Whether any way out may take this mail, asked before the 250. */
export type WayOut =
  | { readonly kind: 'ok'; readonly parked?: Parked }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'no-way' }

export interface SubmissionParts {
  /** The setup as it is now; asked again at every decision, so that a reload drops no session. */
  readonly setup: () => Setup
  readonly secrets: Secrets
  readonly spool: SubmissionSpool
  readonly clock: Clock
  readonly log: Log
  /** Told of every step of a session while it happens. */
  readonly live: LiveListener
  readonly memory: MemoryBudget
  readonly identities: Identities
  /** Asked where a device has a `mac`, and for unknown devices. */
  readonly neighbours: Neighbours
  /** To whom hardware addresses are registered. Does not reject. */
  readonly makers: MakersOf
  readonly takeOver: TakeOverWindow
  readonly wayOut: (message: NewMessage, device: DeviceSetup) => WayOut
  /** A message was committed: the scheduler may look. */
  readonly onAccepted: (message: NewMessage) => void
  /** A session of the device is over; `hasSignedIn`: it is the device by its account, not by its address. */
  readonly onDeviceSeen?: (device: string, address: string, hasSignedIn: boolean) => void
  readonly bootId: string
  /** In [0, 1). */
  readonly random: () => number
}

/** As much mail of unknown devices waits as may wait: of that the disk knows nothing. */
export type Published = Publication | { readonly kind: 'no-place' }

/** A reception that may find no room among what is held. */
export interface PlacedReception extends Omit<Reception, 'publish'> {
  publish(message: NewMessage): Promise<Published>
}

/** What receiving a mail needs. */
export interface ReceivingParts extends Omit<SubmissionParts, 'spool'> {
  readonly spool: Pick<SubmissionSpool, 'takeId'> & { receive(id: MessageId): PlacedReception }
}

export interface BoundListener {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly security: ListenerSetup['security']
  readonly protocol: ListenerSetup['protocol']
}

export interface ListenerStatus extends BoundListener {
  readonly state: 'listening' | 'failed'
  /** Why it does not listen, in words; empty where it does. */
  readonly detail: string
  /** The machine lacks it now; another one, or a network that comes up, may have it. */
  readonly isAddressAbsent?: boolean
}

export interface Submission {
  /** Listeners that accept, with the port that they got. */
  addresses(): readonly BoundListener[]
  listeners(): readonly ListenerStatus[]
  /** What is open that should not be, over the setup as it is now: asked at the start and after every change. */
  openings(): Promise<readonly Opening[]>
  /** Opens new listeners, closes removed ones, leaves the others and every session alone. What is not open. */
  reload(): Promise<readonly ListenerStatus[]>
  /** Open sessions and the last finished ones, newest first. */
  sessions(): readonly SessionRecord[]
  openConnections(): number
  /** Unknown devices, the latest first. */
  sightings(): readonly Sighting[]
  /** An address that is unknown no more. */
  forgetSighting(address: string): Promise<void>
  /** What devices were seen to need. */
  traits(): readonly DeviceTrait[]
  /** What was learned of a device was learned of another one. */
  forgetDevice(device: string): void
  /** Of the moment in which the settings know the new names; sessions and mail under way are those devices'. */
  renameDevices(renamed: ReadonlyMap<string, string>): void
  /** Meanwhile nothing is written under a name that was another device's. */
  whileRenaming(finish: () => Promise<void>): Promise<void>
  /** Writes finished sessions and what was learned of clients now instead of soon. */
  flush(): Promise<void>
  /** Writes finished sessions now and keeps none in memory that mentions the address, whatever its case. */
  forget(address: string): Promise<void>
  /**
   * Stops accepting, ends idle sessions with 421, lets DATA finish until the signal aborts, then closes the rest.
   * Resolves when no session is left and everything is written.
   */
  stop(signal: AbortSignal): Promise<void>
}
