import type { StorageView } from './machine.ts'

/** The folder on a stick into which copies go, and nothing else. */
export const stickFolder = 'inkpost-backup'

/** What may lie there: a box's name, what it is, its day. */
export const stickFilePattern =
  /^[a-z0-9][a-z0-9-]{0,62}-(?:nightly-\d{4}-\d{2}-\d{2}\.inkpost-backup|test\.txt)$/

/** A removable disk's partition on which copies could go. */
export interface StickView extends StorageView {
  /** By its switch, or because it is worn out. */
  readonly isReadOnly: boolean
}

/** Duties of the machine service for copies on a USB stick (decision 39). Nothing that lies there is handed out. */
export interface StickCalls {
  readonly 'stick-list': {
    readonly ask: Record<never, never>
    readonly answer: { readonly sticks: readonly StickView[] }
  }
  /** Mounts the stick and begins a file; another one that was begun is given up. */
  readonly 'stick-begin': {
    readonly ask: { readonly name: string; readonly octets: number }
    readonly answer: Record<never, never>
  }
  /** The next piece of it, in base64. */
  readonly 'stick-write': { readonly ask: { readonly octets: string }; readonly answer: Record<never, never> }
  /** Whole: synced, under its name, unmounted. `names`: what lies there now, the oldest of a box first. */
  readonly 'stick-end': {
    readonly ask: Record<never, never>
    readonly answer: { readonly names: readonly string[] }
  }
  /** What is not there is removed. */
  readonly 'stick-remove': { readonly ask: { readonly name: string }; readonly answer: Record<never, never> }
}
