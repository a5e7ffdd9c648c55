import type { RunningWord } from './lamp.ts'

/** What a box tells whoever stands before it, by its screen socket: one line of JSON for each connection. */
export interface ScreenFacts {
  /** `branch-07`. */
  readonly name: string
  /** What it answers to in the local network (`branch-07.local`); absent: to no name. */
  readonly localName?: string
  readonly version: string
  /** Of the console; undefined while it is closed. */
  readonly console: { readonly port: number; readonly isSecure: boolean } | undefined
  /** By which the first operator comes in; undefined: the box is claimed. */
  readonly claimCode: string | undefined
  readonly state: RunningWord
  /** The worst that is wrong, as a sentence; empty where nothing is. */
  readonly trouble: string
  readonly isClockBelievable: boolean
}
