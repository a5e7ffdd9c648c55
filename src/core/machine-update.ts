/** Where the gateway puts what it fetched, below its data directory; the machine service knows the place by itself. */
export const bundlePlace = { folder: 'update', file: 'bundle.raucb' } as const

/** A bundle of the gateway's place, as the signature on it vouches for it. */
export interface BundleView {
  readonly version: string
  readonly compatible: string
  /** ISO 8601; empty where it does not say so. */
  readonly built: string
  /** Of the databases that it leaves behind; null where it does not say so. */
  readonly schemas: Schemas | null
}

/** `unfit`: this file stays so for the version that runs: not signed by a key of the keyring, damaged, of another kind, older. */
export type Inspected =
  | { readonly kind: 'bundle'; readonly bundle: BundleView }
  | { readonly kind: 'unfit'; readonly sentence: string }

export interface Schemas {
  readonly spool: SchemaSpan
  readonly settings: SchemaSpan
}

/** Releases whose own schema is `readableFrom` or later can work with it. */
export interface SchemaSpan {
  readonly version: number
  readonly readableFrom: number
}

/** Whole root file systems, of which one runs; the names are the boot loader's. */
export const slotNames = ['A', 'B'] as const
export type SlotName = (typeof slotNames)[number]

export interface SlotView {
  readonly slot: SlotName
  readonly isBooted: boolean
  /** It did not fail so often that the boot loader passes it over. */
  readonly isGood: boolean
  /** Of the last bundle that was written there whole; empty: what was on the card, or a half. */
  readonly version: string
}

export interface SlotsView {
  readonly compatible: string
  readonly slots: readonly SlotView[]
  /** A version that is not kept yet, or that was given up; until the next one is tried. */
  readonly trial: SlotTrial | null
}

export interface SlotTrial {
  readonly version: string
  readonly slot: SlotName
  /** `due`: the machine is to start with it. `running`: it did. `failed`: the one of before runs again. */
  readonly state: 'due' | 'running' | 'failed'
  readonly reason: TrialFailure | null
}

export const trialFailures = ['did-not-start', 'not-healthy', 'taken-back'] as const
export type TrialFailure = (typeof trialFailures)[number]

export interface InstallProgress {
  readonly isAtWork: boolean
  /** 0 to 100. */
  readonly percent: number
  /** Of the last installation since the machine started; empty: it went well, or there was none. */
  readonly error: string
}

/** A bundle on a stick. */
export interface StickBundle {
  /** The kernel's name: `sda1`. */
  readonly storage: string
  /** As the stick calls itself; may be empty. */
  readonly model: string
  readonly file: string
  readonly octets: number
}

/** Duties of the machine service for updates: nothing else installs or restarts. */
export interface UpdateCalls {
  readonly 'update-show': { readonly ask: Record<never, never>; readonly answer: SlotsView }
  /** Refused: nobody could look, or not now: another look may find it good. */
  readonly 'update-inspect': { readonly ask: Record<never, never>; readonly answer: Inspected }
  /** Begins to write the other slot; what runs goes on, and is what the next start starts. */
  readonly 'update-install': { readonly ask: Record<never, never>; readonly answer: Record<never, never> }
  readonly 'update-progress': { readonly ask: Record<never, never>; readonly answer: InstallProgress }
  /** Starts the machine with the other slot, on trial: unless it is kept the one of before comes back. */
  readonly 'update-try': { readonly ask: Record<never, never>; readonly answer: Record<never, never> }
  /** What is on trial stays. Nothing happens where nothing is. */
  readonly 'update-keep': { readonly ask: Record<never, never>; readonly answer: Record<never, never> }
  /** Starts the machine with the slot of before. */
  readonly 'update-back': { readonly ask: Record<never, never>; readonly answer: Record<never, never> }
  readonly 'update-sticks': {
    readonly ask: Record<never, never>
    readonly answer: { readonly bundles: readonly StickBundle[] }
  }
  /** Of a bundle on a stick from an octet on, in base64; empty: its end. The stick stays mounted until it is asked again. */
  readonly 'update-stick-read': {
    readonly ask: { readonly storage: string; readonly file: string; readonly offset: number }
    readonly answer: { readonly octets: string }
  }
}
