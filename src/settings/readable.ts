import { type RowTable, rowPlace } from './problem.ts'
import type { SetupDocument } from './schema.ts'

/**
 * A document as far as it can be judged. Entries that could not be read are left out; the others keep their place, and
 * what a rule would have to know of the missing ones it must not guess.
 */
export interface Readable {
  readonly document: SetupDocument
  /** Tables (`device`, `gateway`) of which something is left out. */
  readonly missing: ReadonlySet<string>
  /** The place in the text of the row that is the `index`th of `document`, both from 0. */
  position(table: RowTable, index: number): number
}

/** Nothing is left out. */
export const wholly = (document: SetupDocument): Readable => ({
  document,
  missing: new Set(),
  position: (_, index) => index,
})

/** `device 2 "Front desk": username` of a row of what could be read. */
export const placeIn = (
  { position }: Readable,
  table: RowTable,
  index: number,
  name: string | undefined,
  key?: string,
): string => rowPlace(table, position(table, index), name, key)
