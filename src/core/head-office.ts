import type { BoxMood } from './fleet.ts'
import type { Done } from './operations.ts'

/** How keys are opened: files in PEM, and one passphrase for those that are encrypted; empty: none. */
export interface KeyWish {
  readonly keys: readonly string[]
  readonly passphrase: string
}

export interface SignWish extends KeyWish {
  readonly folder: string
  /** Where the files for the server are written. */
  readonly out: string
  /** Undefined: one more than the last. */
  readonly serial: number | undefined
  readonly now: number
}

export interface ReleaseWish extends KeyWish {
  readonly folder: string
  readonly out: string
  /** Where the receiver keeps what boxes told: `NAME.json`. */
  readonly statuses: string
  readonly serial: number
  /** Though canaries tell trouble; never before they had it for 24 hours. */
  readonly isAnyway: boolean
  readonly now: number
}

/** A box by what it told last. */
export interface ToldBox {
  readonly name: string
  readonly mood: BoxMood
  readonly serial: number
  readonly canary: boolean
  /** In words. */
  readonly says: string
}

/** What head office does with its folder, on any machine; nothing of a box is touched. */
export interface HeadOffice {
  /** Refused where a file of that name is there. */
  makeKey(file: string, passphrase: string): Done<{ readonly publicKey: string }>
  sign(wish: SignWish): Done<{ readonly serial: number; readonly boxes: readonly string[] }>
  /** Refused unless every canary has been well with it for 24 hours, by what they told and signed. */
  release(wish: ReleaseWish): Done<{ readonly serial: number }>
  seal(folder: string, box: string, secret: string): Done<{ readonly sealed: string }>
  /** The worst first. */
  told(folder: string, statuses: string, now: number): Done<{ readonly boxes: readonly ToldBox[] }>
}
