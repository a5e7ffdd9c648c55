import type { Done } from './operations.ts'

/** What is wrong with one field of a form. */
export interface FieldProblem {
  /** The key of the setup document: `max_per_hour`, `credential.key`; empty: of none alone. */
  readonly field: string
  /** The end of a sentence that begins with the field: `must be 1 to 1000000`. */
  readonly sentence: string
}

/** Why an edit was refused, for a page. */
export type EditTrouble =
  /** `fields`: all that is wrong. */
  | { readonly why: 'invalid'; readonly fields: readonly FieldProblem[] }
  | { readonly why: 'unknown' }
  /** It is head office's: the reason says whom to ask. */
  | { readonly why: 'managed' }
  /** Somebody was faster: the setup has this `revision` now. */
  | { readonly why: 'outdated'; readonly revision: number }

/** A single change of the setup. `changes` in words without values; empty: it was so already. */
export type Edited<Extra = object> = Done<
  Extra & {
    readonly changes: readonly string[]
    readonly remarks: readonly string[]
    readonly revision: number
  }
>
