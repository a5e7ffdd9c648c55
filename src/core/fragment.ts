import type { MessageId } from './message-id.ts'
import type { PartIndex } from './part-index.ts'
import { day, type WallMs } from './time.ts'

/** A set waits so long for its next fragment: panels send page after page, minutes or a lunch apart. */
export const collectingMs = 1 * day
/** Fragments of one set; a Xerox WC7755 cuts into at most 500. */
export const mostFragments = 999
/** Sets of one device that wait at a time: one for each scan that was broken off within a day. */
export const mostOpenSets = 20

/** One `message/partial` (RFC 2046 section 5.2.2). */
export interface Fragment {
  /** Without angle brackets: some devices write them, some only now and then. */
  readonly id: string
  /** From 1. */
  readonly number: number
  /** Only the last one has to say it. */
  readonly total: number | undefined
}

const plainEncodings = new Set(['7bit', '8bit', 'binary'])

/** What a content is a fragment of; undefined: it is whole, or no set can be made of it. */
export function fragmentOf({ parts: [top] }: PartIndex): Fragment | undefined {
  // RFC 2046 section 5.2.2: a fragment is never encoded as a whole.
  if (top?.type !== 'message/partial' || !plainEncodings.has(top.encoding)) return undefined
  const id = (top.parameters['id'] ?? '').trim().replace(/^<(.*)>$/s, '$1')
  const number = countOf(top.parameters['number'])
  const said = top.parameters['total']
  const total = said === undefined ? undefined : countOf(said)
  if (id === '' || number === undefined || (said !== undefined && total === undefined)) return undefined
  return number > (total ?? mostFragments) ? undefined : { id, number, total }
}

function countOf(text: string | undefined): number | undefined {
  const isCount = /^\s*0*[1-9]\d{0,2}\s*$/.test(text ?? '')
  return isCount ? Number(text) : undefined
}

/** A fragment in the spool. */
export interface CollectedFragment {
  readonly message: MessageId
  readonly number: number
  readonly total: number | undefined
  /** When it came, or was adopted. */
  readonly since: WallMs
}

/** Fragments of one device, one envelope and one id, oldest first. */
export interface FragmentSet {
  readonly device: string | undefined
  readonly fragments: readonly CollectedFragment[]
}

export type Gathering =
  /** In the order of their numbers, each number once. */
  | { readonly kind: 'complete'; readonly fragments: readonly CollectedFragment[] }
  /** `total` undefined: nobody said it yet. */
  | { readonly kind: 'incomplete'; readonly here: number; readonly total: number | undefined }

/** Of two with the same number the later counts: it is the device's repeat. */
export function gather(fragments: readonly CollectedFragment[]): Gathering {
  const byNumber = new Map(fragments.map((fragment) => [fragment.number, fragment]))
  const totals = fragments.flatMap(({ total }) => (total === undefined ? [] : [total]))
  const total = totals.length === 0 ? undefined : Math.max(...totals)
  const isComplete =
    total !== undefined && byNumber.size === total && byNumber.keys().every((number) => number <= total)
  if (!isComplete) return { kind: 'incomplete', here: byNumber.size, total }
  return { kind: 'complete', fragments: [...byNumber.values()].sort((a, b) => a.number - b.number) }
}

/** `2 of 3`; `2 of ?` while nobody said how many there are. */
export const countText = (here: number, total: number | undefined): string => `${here} of ${total ?? '?'}`
