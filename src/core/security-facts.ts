import type { AuditVerification } from './audit.ts'
import type { BackupsView } from './backup-operations.ts'
import type { CalendarEntry } from './calendar.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { WallMs } from './time.ts'

/** A place where the box listens. */
export interface SecurityEntrance {
  readonly what: string
  readonly address: string
  readonly port: number
  /** `TLS 1.0 and up, offered`. */
  readonly encryption: string
  /** Who may connect. */
  readonly reachableFrom: readonly string[]
  /** Empty: open. */
  readonly trouble: string
}

export interface SecurityWayOut {
  readonly name: string
  readonly kind: string
  readonly to: string
  readonly encryption: string
  /** How the box proves who it is there. */
  readonly signsInBy: string
  readonly enabled: boolean
}

export interface SecurityDevice {
  readonly name: string
  readonly enabled: boolean
  readonly signsInBy: string
  /** Empty: it was not seen in the last 30 days. */
  readonly tls: string
  readonly lastSeen: WallMs | undefined
  /** Empty: nothing is. */
  readonly weak: string
}

export interface SecurityWeakening {
  readonly what: string
  /** A day; empty: it does not end by itself. */
  readonly until: string
  /** Who set it, and when: undefined where the audit does not reach back. */
  readonly by: { readonly who: string; readonly at: WallMs } | undefined
}

export interface SecurityOperator {
  readonly name: string
  readonly role: string
  /** Undefined: this box has none. */
  readonly hasSecondFactor: boolean | undefined
}

/** What a security officer asks of a box: the data of `report security`. */
export interface SecurityFacts {
  readonly box: string
  readonly at: WallMs
  readonly isRunning: boolean
  readonly versions: {
    readonly inkpost: string
    readonly built: WallMs
    readonly node: string
    readonly openssl: string
    /** `nodemailer 10.6.0 (MIT)`; empty where it does not run from a build. */
    readonly packages: readonly string[]
  }
  readonly entrances: readonly SecurityEntrance[]
  readonly waysOut: readonly SecurityWayOut[]
  readonly devices: readonly SecurityDevice[]
  readonly weakenings: readonly SecurityWeakening[]
  readonly operators: readonly SecurityOperator[]
  readonly secondFactor: string
  readonly calendar: readonly CalendarEntry[]
  readonly vault: 'open' | 'locked'
  /** What somebody may do who should not; undefined: nobody could be asked, no gateway runs. */
  readonly relay: readonly string[] | undefined
  readonly diagnosis: Diagnosis
  readonly audit: AuditVerification
  readonly backups: BackupsView
}
