import type { Priority } from './message.ts'
import { day, type WallMs } from './time.ts'

/** How long what was learned of a device is kept. */
export const learnedLastsMs = 30 * day

/** A device that nobody knows and that was refused, or whose mail waits for adoption. Texts are empty where nothing was said. */
export interface Sighting {
  readonly address: string
  /** As the neighbour table said: `00:11:22:33:44:55`. */
  readonly mac: string
  /** To whom the hardware address is registered, where the list of makers is installed. */
  readonly maker: string
  readonly helo: string
  /** The login that it tried; never a password. */
  readonly username: string
  /** It tried to sign in. */
  readonly triedAuth: boolean
  /** Its reverse-path as it was said. */
  readonly mailFrom: string
  readonly rcptDomain: string
  /** `TLSv1 AES128-SHA` of its last session; empty: in clear. */
  readonly tls: string
  /** How its last session ended. */
  readonly result: string
  readonly firstSeen: WallMs
  readonly lastSeen: WallMs
  /** Sessions. */
  readonly count: number
}

/** A name of docs/devices.md, and when it was last needed. */
export interface Repair {
  readonly name: string
  readonly at: WallMs
}

/** What a device was seen to need: by its last session, the repairs of 30 days. */
export interface DeviceTrait {
  readonly device: string
  readonly address: string
  readonly lastSeen: WallMs
  readonly lastSession: string
  /** Engine and version: `TLSv1 AES128-SHA`, `SSLv3 RC4-SHA (weak)`; empty: in clear. */
  readonly tls: string
  /** Of AUTH: `LOGIN`; empty: known by its address. */
  readonly mechanism: string
  readonly repairs: readonly Repair[]
}

/** What is weak about a device's last session, empty where nothing is. RFC 8996: TLS 1.0 and 1.1 are no more to be used. */
export function weaknessOf({ tls }: Pick<DeviceTrait, 'tls'>): string {
  if (tls === '') return 'no encryption'
  return /^(?:SSLv|TLSv1(?:\.1)? )|\(weak\)/.test(`${tls} `) ? (tls.split(' ')[0] ?? '') : ''
}

/** A subnet whose unknown devices are let in for a while; their mail is held until somebody adopts them. */
export interface TakeOver {
  /** An address or CIDR block. */
  readonly subnet: string
  readonly openedBy: string
  readonly openedAt: WallMs
  readonly until: WallMs
}

/** A window that is open. */
export interface OpenTakeOver {
  readonly subnet: string
  readonly openedBy: string
  readonly leftMs: number
}

export interface TakeOverView {
  readonly open: OpenTakeOver | undefined
  /** Held mail by address; `droppedAt`: when the oldest of it is given up. */
  readonly waiting: readonly (UnadoptedMail & { readonly droppedAt: WallMs })[]
}

/** Where a device is. `lastSeen` undefined: it was never here, or not in the last 30 days. */
export type Whereabouts =
  | { readonly kind: 'here'; readonly lastSeen: WallMs }
  /** In the neighbour table: switched on, but it does not come here. */
  | { readonly kind: 'silent'; readonly address: string; readonly lastSeen: WallMs | undefined }
  /** Not in the network. */
  | { readonly kind: 'absent'; readonly address: string; readonly lastSeen: WallMs | undefined }
  | { readonly kind: 'unknowable'; readonly why: string; readonly lastSeen: WallMs | undefined }

/** Mail of unknown devices that is held: of one address. */
export interface UnadoptedMail {
  readonly address: string
  readonly mails: number
  readonly octets: number
  readonly oldest: WallMs
  /** How long the oldest is held for certain: time of a process that ran, whatever the wall clock said meanwhile. */
  readonly heldMs: number
}

/** Whose mail is let go, and under which rules. */
export interface Adoption {
  readonly address: string
  readonly device: string
  readonly priority: Priority
  readonly route: readonly string[] | undefined
  /** Patterns; empty means anyone. Recipients beyond them are dropped. */
  readonly allowedRecipients: readonly string[]
}

/** What the spool keeps of what was learned at the edge. */
export interface LearningSpool {
  /** As they are now: counts are not added up. */
  saveSightings(sightings: readonly Sighting[]): Promise<void>
  sightings(): Promise<readonly Sighting[]>
  /** An address that is unknown no more. */
  forgetSighting(address: string): Promise<void>
  saveTraits(traits: readonly DeviceTrait[]): Promise<void>
  traits(): Promise<readonly DeviceTrait[]>
  takeOver(): Promise<TakeOver | undefined>
  /** Undefined: there is none any more. */
  setTakeOver(takeOver: TakeOver | undefined): Promise<void>
  unadopted(): Promise<readonly UnadoptedMail[]>
  /** Lets the mail of an address go as a device's; how many mails. */
  adopt(adoption: Adoption, now: WallMs): Promise<number>
  /** So much time went by since the last call in this process: for what was held by then. */
  ageUnadopted(byMs: number): Promise<void>
  /** Drops what was held for so long; how many mails. */
  dropUnadopted(heldMs: number): Promise<number>
}

const unknownPrefix = 'unknown '

/** The name under which mail of an unknown device waits: `unknown 192.168.7.23`. */
export const unknownDevice = (address: string): string => `${unknownPrefix}${address}`

/** The address in such a name. */
export const addressOfUnknown = (name: string): string => name.slice(unknownPrefix.length)

/** The code of deliveries that only an adoption lets go: no operator's `release`, no rule, no restart. */
export const awaitsAdoption = 'awaits-adoption'
