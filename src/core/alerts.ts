import type { WallMs } from './time.ts'

/** Something a person has to know of, while it lasts. */
export interface Alert {
  /** Stable and unique while it lasts: `upstream-paused/acs`, `vault-locked`. */
  readonly key: string
  readonly severity: 'notice' | 'warning' | 'alarm'
  readonly sentence: string
  readonly remedy: string
  /** Told anew when this becomes another one, though it is the same alert: `30 days`. */
  readonly chapter?: string
  /** The way of telling that this alert is about: it is told by the others only. */
  readonly notBy?: AlertChannel
}

export interface RaisedAlert extends Alert {
  readonly since: WallMs
}

/** One that is over. */
export interface PastAlert extends RaisedAlert {
  readonly until: WallMs
}

/** Ways by which people are told, beside the log, the console and `status`. */
export const alertChannels = ['mail', 'webhook', 'syslog'] as const
export type AlertChannel = (typeof alertChannels)[number]

/** Where rooms raise and clear alerts; raising again with the same key renews the sentence, keeps `since`. */
export interface Alerts {
  raise(alert: Alert): void
  clear(key: string): void
  active(): readonly RaisedAlert[]
}

/** What a channel made of an alert. `detail`: a sentence for a technician. */
export type ChannelAnswer =
  | { readonly kind: 'told'; readonly detail: string }
  | { readonly kind: 'failed'; readonly detail: string }
  /** Nobody set it up. */
  | { readonly kind: 'off'; readonly detail: string }

/** What was told of an alert, as it survives a restart: a restart tells nothing twice. */
export interface Telling extends RaisedAlert {
  /** When it was told last; undefined: not yet. */
  readonly toldAt: WallMs | undefined
  readonly toldSeverity: Alert['severity'] | undefined
  readonly toldChapter: string | undefined
  /** By which ways: the same ones say that it is over. */
  readonly toldBy: readonly AlertChannel[]
  /** Nothing could go out by mail when it was told: that is made up for while it lasts. */
  readonly owesMail: boolean
  /** Since when it is over; undefined: it lasts. */
  readonly clearedAt: WallMs | undefined
  /** How often it was raised since `countedFrom`. */
  readonly raises: number
  readonly countedFrom: WallMs
}

/** What is known of an alert that nobody has been told of. */
export const untold = {
  toldAt: undefined,
  toldSeverity: undefined,
  toldChapter: undefined,
  toldBy: [],
  owesMail: false,
  clearedAt: undefined,
} as const satisfies Partial<Telling>
