import type { DeviceCard, Done } from './operations.ts'
import { day, type WallMs } from './time.ts'
import type { Cure, VerdictCode } from './verdict.ts'

/** Applying what a session's verdict proposes, as one change of the settings that can be taken back. */
export interface CureOperations {
  cure(session: string, who: string, options: CureOptions): Promise<Done<Cured>>
  /** Puts back exactly what a cure changed, if nobody changed that since; `id`: of the cure, or of its session. */
  undoCure(
    id: string,
    who: string,
    options: Pick<CureOptions, 'mayChangeBox'>,
  ): Promise<Done<{ readonly changes: readonly string[] }>>
  /** Those that can still be undone, the latest first. */
  cures(): Promise<readonly CureView[]>
}

export interface CureOptions {
  /** Milliseconds until it is put back, 1 to 30 days; undefined: as `usualMs` says. */
  readonly forMs: number | undefined
  /** Of a device that is made; undefined: `Device at ADDRESS`. */
  readonly name: string | undefined
  /** Whether who asks may change settings of the whole box, too. */
  readonly mayChangeBox: boolean
}

/** What a cure did. */
export interface CureView {
  /** Undoes it. */
  readonly id: string
  readonly session: string
  readonly code: VerdictCode
  readonly who: string
  readonly at: WallMs
  /** When it is put back; undefined: it stays. */
  readonly until: WallMs | undefined
  /** With what was before and what is now: `device "Front desk": max_per_hour 200 → 400`. */
  readonly changes: readonly string[]
}

export interface Cured {
  readonly cure: CureView
  /** Of a device that was made. */
  readonly card?: DeviceCard
}

export const shortestCureMs = 1 * day
export const longestCureMs = 30 * day
/** What a page offers. */
export const cureChoicesMs = [1 * day, 7 * day, 30 * day] as const

/**
 * How long a cure lasts where nobody says otherwise; undefined: it stays. What lets more in than before ends: old
 * encryption, a network that is trusted, a higher rate. What says where or who a device is stays (docs/decisions/0023).
 */
export function usualMs(cure: Cure): number | undefined {
  switch (cure.kind) {
    case 'setting':
      return 7 * day
    case 'adopt':
      return cure.tls === undefined ? undefined : 7 * day
    case 'advice':
      return undefined
    case 'device-setting':
      switch (cure.key) {
        case 'tls':
        case 'weak_until':
          return 7 * day
        case 'max_per_hour':
          return 1 * day
        case 'addresses':
          return cure.tls === undefined ? undefined : 7 * day
        case 'enabled':
        case 'data_end':
        case 'mac':
        case 'auth':
        case 'allowed_recipients':
        case 'sender':
          return undefined
      }
  }
}
