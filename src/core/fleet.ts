import type { Done } from './operations.ts'
import type { WallMs } from './time.ts'

/** Tables of which a bundle owns single rows, by their names. */
export const ownedRowTables = ['alias', 'device', 'upstream', 'backup'] as const
export type OwnedRowTable = (typeof ownedRowTables)[number]

/** Tables that a bundle owns whole. Operators, the network and `[fleet]` stay the site's (decision 38). */
export const ownedTables = [
  'gateway',
  'limits',
  'history',
  'console',
  'listener',
  'large_files',
  'alerts',
] as const
export type OwnedTable = (typeof ownedTables)[number]

/** Who a device is: the printer has that account, at that place. The site's where the row of a bundle says nothing of it. */
export const siteKeys = ['username', 'password', 'also_known_as', 'addresses', 'mac'] as const
export type SiteKey = (typeof siteKeys)[number]

/** What of the setup is head office's, and who that is. */
export interface Managed {
  readonly fleet: string
  /** Whom the site asks for a change. */
  readonly contact: string
  readonly serial: number
  readonly tables: readonly OwnedTable[]
  readonly rows: Readonly<Record<OwnedRowTable, readonly string[]>>
  /** Those of `rows` that were not at the site before: they go with the bundle that named them. */
  readonly made: Readonly<Record<OwnedRowTable, readonly string[]>>
  /** Of devices in `rows`, by name: what of them the site goes on changing; nothing where a name is missing. */
  readonly site: Readonly<Record<string, readonly SiteKey[]>>
}

/** Why a bundle was not taken, or given back. */
export const fleetReasons = [
  'unreadable',
  'wrong-key',
  'tampered',
  'older',
  'wrong-box',
  'not-listed',
  'too-large',
  'sealed',
  'rules',
  'shut-out',
  'vault-locked',
  'listener',
  'cannot-send',
  'cut-off',
] as const
export type FleetReason = (typeof fleetReasons)[number]

export const fleetStates = [
  /** Nothing is pulled. */
  'off',
  /** Nothing was there yet. */
  'waiting',
  'current',
  /** What was published was not taken: what was taken before holds. */
  'refused',
  /** It was taken and given back. */
  'rolled-back',
] as const
export type FleetState = (typeof fleetStates)[number]

/** How this box stands with its head office. */
export interface FleetView {
  readonly state: FleetState
  readonly reason: FleetReason | undefined
  /** For an administrator, empty where there is nothing to say. */
  readonly detail: string
  readonly managed: Managed | undefined
  readonly canary: boolean
  /** Published under this serial; undefined: not seen. */
  readonly published: number | undefined
  readonly takenAt: WallMs | undefined
  /** Without a break; undefined: it is not. */
  readonly healthySince: WallMs | undefined
  readonly pulledAt: WallMs | undefined
  /** Why the last look failed; empty: it did not. */
  readonly pullTrouble: string
  readonly toldAt: WallMs | undefined
  readonly tellTrouble: string
  readonly box: BoxFacts
}

/** How a box is, without an address or a name of anybody. */
export interface BoxFacts {
  readonly name: string
  readonly version: string
  readonly alarms: number
  readonly warnings: number
  /** Mails. */
  readonly waiting: number
  /** Ways out that are paused. */
  readonly paused: number
}

/** What a box tells its head office, signed by the box. */
export interface FleetStatus extends BoxFacts {
  readonly fleet: string
  readonly serial: number
  readonly state: FleetState
  readonly reason: FleetReason | ''
  readonly canary: boolean
  readonly at: number
  /** With this serial; 0: it is not healthy. */
  readonly healthySince: number
}

export const boxMoods = ['silent', 'bad', 'warn', 'unknown', 'good'] as const
/** The worst first. `unknown`: it is being asked for the first time. */
export type BoxMood = (typeof boxMoods)[number]

/** Another box, as this one sees it. */
export interface FleetBoxView {
  readonly name: string
  readonly address: string
  readonly mood: BoxMood
  /** Undefined: it has not answered since this gateway started. */
  readonly seenAt: WallMs | undefined
  /** Why it did not answer; empty: it did. */
  readonly trouble: string
  readonly facts: BoxFacts | undefined
  /** 0: none. */
  readonly serial: number
  readonly state: FleetState
}

/** What a box does with its head office, and with the boxes that it lists. */
export interface FleetOperations {
  fleet(): Promise<FleetView>
  /** What of the setup is read-only at the site; null: nothing. */
  managed(): Promise<{ readonly managed: Managed | null }>
  /** Looks now. */
  pullFleet(who: string): Promise<Done<{ readonly view: FleetView }>>
  /** By what others seal for this box and know what it says; made when it is asked for first. */
  fleetIdentity(): Promise<Done<{ readonly identity: string }>>
  /** As they are known now, the worst first; who was not asked for a minute is asked meanwhile. */
  fleetBoxes(): Promise<readonly FleetBoxView[]>
}
