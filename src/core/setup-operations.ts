import type { Edited } from './edits.ts'
import type { QuotaBar, QuotaForecast } from './home.ts'
import type { Cost } from './month-use.ts'
import type { Done } from './operations.ts'

/** A value of the setup document. */
export type DocumentValue =
  | string
  | number
  | boolean
  | null
  | readonly DocumentValue[]
  | { readonly [key: string]: DocumentValue }

/** Keys of the setup document and what they become: null goes back to the default, what is not named stays. */
export type RowChange = { readonly [key: string]: DocumentValue }

/**
 * A way out as it is set up: keys of the setup document, defaults left out, secrets as `(kept)`. `credential` is taken and
 * changed as a whole; in it `(kept)` leaves a secret as it is.
 */
export interface UpstreamSheet {
  readonly settings: RowChange
  readonly quota: readonly QuotaBar[]
  readonly forecast: QuotaForecast
  readonly use: UpstreamUse
  /** Devices whose mail may go by it. */
  readonly devices: readonly string[]
  /** Of the setup. */
  readonly revision: number
}

/** This month, in UTC as Azure bills. */
export interface UpstreamUse {
  readonly month: string
  readonly mails: number
  readonly recipients: number
  readonly octets: number
  readonly failed: number
  /** Undefined: the setup names no price. */
  readonly cost: Cost | undefined
  /** What the month comes to if it goes on like this. */
  readonly expected: Cost | undefined
}

/** The tables of the setup of which there is one each; their keys and values are those of the setup document. */
export const settingsTables = ['gateway', 'limits', 'history', 'console', 'large_files', 'alerts'] as const
export type SettingsTable = (typeof settingsTables)[number]

export interface SettingsSheet {
  /** With every default filled in. */
  readonly tables: Readonly<Record<SettingsTable, RowChange>>
  readonly revision: number
}

/** Changes of the setup from a page, by the rules of the setup document. */
export interface SetupPageOperations {
  upstreamSheet(name: string): Promise<Done<{ readonly sheet: UpstreamSheet }>>
  /** The name stays: queue and history know a way out by it. */
  editUpstream(name: string, change: RowChange, who: string, revision?: number): Promise<Edited>
  /** A row of the setup document, behind the others. */
  addUpstream(row: RowChange, who: string, revision?: number): Promise<Edited>
  /** It lives on as retired until its uncertain deliveries are settled. */
  removeUpstream(name: string, who: string, revision?: number): Promise<Edited>
  settingsSheet(): Promise<SettingsSheet>
  editSettings(table: SettingsTable, change: RowChange, who: string, revision?: number): Promise<Edited>
}
