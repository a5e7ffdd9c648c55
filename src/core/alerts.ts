import type { WallMs } from './time.ts'

/** Something a person has to know of, while it lasts. */
export interface Alert {
  /** Stable and unique while it lasts: `upstream-paused/acs`, `vault-locked`. */
  readonly key: string
  readonly severity: 'notice' | 'warning' | 'alarm'
  readonly sentence: string
  readonly remedy: string
}

export interface RaisedAlert extends Alert {
  readonly since: WallMs
}

/** Where rooms raise and clear alerts; raising again with the same key renews the sentence, keeps `since`. */
export interface Alerts {
  raise(alert: Alert): void
  clear(key: string): void
  active(): readonly RaisedAlert[]
}
