import type { BundleView, SlotName, SlotsView, StickBundle, TrialFailure } from './machine-update.ts'
import type { Done } from './operations.ts'
import type { WallMs } from './time.ts'

/** Updates of a box with two slots (decision 37). */
export interface UpdateOperations {
  updates(): Promise<UpdateSheet>
  /** Asks the index of `[update] url` now; `newest`: the version that it names. */
  checkUpdate(who: string): Promise<Done<{ readonly newest: string }>>
  /** Begins to fetch a bundle; `url` undefined: what the index names. */
  fetchUpdate(from: FetchWish, who: string): Promise<Done>
  /** Begins an upload of so many octets, or goes on with one of as many: it begins at `offset`. */
  beginBundle(octets: number, who: string): Promise<Done<{ readonly offset: number }>>
  /** A piece of it, never in memory as a whole; with the last one the bundle is verified. `offset`: where the next one begins. */
  uploadBundle(
    offset: number,
    octets: AsyncIterable<Uint8Array>,
    who: string,
  ): Promise<Done<{ readonly offset: number }>>
  updateSticks(): Promise<Done<{ readonly bundles: readonly StickBundle[] }>>
  /** What was verified; else it waits for the window. */
  installUpdate(isNow: boolean, who: string): Promise<Done>
  /** Gives up what is fetched, verified or waiting. */
  cancelUpdate(who: string): Promise<Done>
  /** Restarts with the version of before. */
  rollBackUpdate(who: string): Promise<Done>
}

export type FetchWish =
  | { readonly kind: 'url'; readonly url: string | undefined }
  | { readonly kind: 'stick'; readonly storage: string; readonly file: string }

export interface UpdateSheet {
  /** That runs. */
  readonly version: string
  readonly machine:
    | { readonly kind: 'slots'; readonly view: SlotsView }
    /** `reason`: why this one has none, in a sentence. */
    | { readonly kind: 'none'; readonly reason: string }
  readonly state: UpdateState
  /** 0 to 100 of what is under way; null: nothing that could be counted. */
  readonly percent: number | null
  /** As the setup document has it. */
  readonly window: string
  /** When the window opens next. */
  readonly opensAt: WallMs
  readonly url: string
  readonly automatic: boolean
  /** Of the index; undefined: it was not asked yet. */
  readonly check: UpdateCheck | undefined
}

/** The last look at the index. */
export interface UpdateCheck {
  readonly at: WallMs
  /** Empty: it could not be read. */
  readonly newest: string
  readonly trouble: string
  /** 0: it did not fail. */
  readonly failingSince: number
}

/** How far an update is. Each state is on the disk before what it stands for begins. */
export type UpdateState =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'fetching'
      readonly source: BundleSource
      readonly who: string
      /** Of the whole bundle; 0: not known yet. */
      readonly octets: number
    }
  /** Nobody has said yet that it is to be installed. */
  | { readonly kind: 'verified'; readonly bundle: BundleView }
  | {
      readonly kind: 'waiting'
      readonly bundle: BundleView
      readonly who: string
      readonly isNow: boolean
      /** Installations that a power cut broke off. */
      readonly brokenOff: number
    }
  | {
      readonly kind: 'installing'
      readonly bundle: BundleView
      readonly who: string
      readonly isNow: boolean
      readonly brokenOff: number
    }
  | { readonly kind: 'restart-due'; readonly version: string; readonly who: string; readonly isNow: boolean }
  | {
      readonly kind: 'on-trial'
      readonly version: string
      readonly slot: SlotName
      /** What it takes the place of. */
      readonly before: string
      /** Why it is not called good yet; empty: nothing is wrong. */
      readonly trouble: string
      /**
       * What was wrong already with what it takes the place of, and is no reason against it: keys and sentences. An earlier
       * release kept sentences alone, or nothing.
       */
      readonly known?: readonly string[]
    }
  | { readonly kind: 'kept'; readonly version: string; readonly at: WallMs }
  | {
      readonly kind: 'rolled-back'
      readonly version: string
      readonly reason: TrialFailure
      /** What was wrong when it was last looked at; may be empty. */
      readonly trouble: string
      readonly at: WallMs
    }
  /** It came to nothing, and nothing was changed. */
  | { readonly kind: 'failed'; readonly sentence: string; readonly at: WallMs }

export type BundleSource =
  | { readonly kind: 'upload' }
  /** `sha256`: of the index; empty: the signature alone has to tell. `etag`: of what was begun. */
  | { readonly kind: 'url'; readonly url: string; readonly sha256: string; readonly etag: string }
  | { readonly kind: 'stick'; readonly storage: string; readonly file: string }
