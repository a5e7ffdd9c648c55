import type { AuditVerification } from '../../../src/core/audit.ts'
import type { BackupsView } from '../../../src/core/backup-operations.ts'
import type { CalendarEntry } from '../../../src/core/calendar.ts'
import type { Diagnosis } from '../../../src/core/diagnosis.ts'

/** The data of `GET /reports/security`, as the sheet shows it. */
export interface SecurityFacts {
  readonly box: string
  readonly at: number
  readonly versions: {
    readonly inkpost: string
    readonly built: number
    readonly node: string
    readonly openssl: string
    readonly packages: readonly string[]
  }
  readonly entrances: readonly Entrance[]
  readonly waysOut: readonly WayOut[]
  readonly devices: readonly SeenDevice[]
  readonly weakenings: readonly Weakening[]
  readonly operators: readonly {
    readonly name: string
    readonly role: string
    readonly hasSecondFactor?: boolean
  }[]
  readonly secondFactor: string
  readonly calendar: readonly CalendarEntry[]
  readonly vault: 'open' | 'locked'
  readonly relay?: readonly string[]
  readonly diagnosis: Diagnosis
  readonly audit: AuditVerification
  readonly backups: BackupsView
}

interface Entrance {
  readonly what: string
  readonly address: string
  readonly port: number
  readonly encryption: string
  readonly reachableFrom: readonly string[]
  readonly trouble: string
}

interface WayOut {
  readonly name: string
  readonly kind: string
  readonly to: string
  readonly encryption: string
  readonly signsInBy: string
  readonly enabled: boolean
}

interface SeenDevice {
  readonly name: string
  readonly enabled: boolean
  readonly signsInBy: string
  readonly tls: string
  readonly lastSeen?: number
  readonly weak: string
}

interface Weakening {
  readonly what: string
  readonly until: string
  readonly by?: { readonly who: string; readonly at: number }
}
