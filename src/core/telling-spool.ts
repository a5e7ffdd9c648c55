import type { PastAlert, Telling } from './alerts.ts'
import type { DeliveryState } from './outcome.ts'
import type { OwnMessage } from './spool.ts'
import type { WallMs } from './time.ts'

/** What was told and how, in one transaction with the mail that tells it. */
export interface Told {
  readonly save: readonly Telling[]
  /** Keys of what needs no memory any more. */
  readonly forget: readonly string[]
  readonly mail: OwnMessage | undefined
  /** When the weekly letter was written, if this is it. */
  readonly letterAt: WallMs | undefined
  /** How much was told today. */
  readonly ration: Ration | undefined
}

/** Messages of the running day, and what had to wait for the sum at its end. */
export interface Ration {
  readonly since: WallMs
  readonly count: number
  /** Sentences, the first of them; `more` are only counted. */
  readonly held: readonly string[]
  readonly more: number
}

/** Deliveries of finished mail of devices, by way out and how they ended. */
export interface FinishedDeliveries {
  readonly upstream: string
  readonly state: DeliveryState
  readonly count: number
}

export interface FinishedMail {
  readonly deliveries: readonly FinishedDeliveries[]
  /** Mails of each device. */
  readonly devices: readonly { readonly device: string; readonly mails: number }[]
}

/** What the spool keeps of telling, and tells itself. */
export interface TellingSpool {
  tellings(): Promise<readonly Telling[]>
  ration(): Promise<Ration | undefined>
  tell(told: Told): Promise<void>
  /** Alerts that ended since then, the latest first, a hundred at most. */
  pastAlerts(since: WallMs): Promise<readonly PastAlert[]>
  /** When the last weekly letter was written. */
  lastLetter(): Promise<WallMs | undefined>
  /** Mail of devices that was found finished in `[from, until)`; each mail is in one such span only. */
  finishedMail(from: WallMs, until: WallMs): Promise<FinishedMail>
}
