import { colonOf, isBlank, lineAt } from './header.ts'

export type HeaderEnd =
  /** The body begins at `end`. */
  | { readonly kind: 'found'; readonly end: number }
  /** More octets are needed; ask again with `resumeAt`. */
  | { readonly kind: 'more'; readonly resumeAt: number }

/** Longest start of a line that can still turn out to be a field name. */
const maxUndecided = 1000
const mboxFrom = /^>?From /

/**
 * Where a header that starts at `start` ends: behind its blank line, or before the first line that is neither a field
 * nor a fold (devices forget the blank line; the text must not be lost), or before a line that `isDelimiter` knows.
 * Lines end in CRLF, LF or CR. A line of blanks only is a fold (`blank-fold`), an mbox `From ` line in front is passed
 * over. `resumeAt` is where a search that asked for more goes on. What it answers does not depend on how much more than
 * needed is there.
 */
export function findHeaderEnd(
  octets: Uint8Array,
  options: {
    readonly start: number
    readonly resumeAt: number
    readonly isComplete: boolean
    readonly isDelimiter?: (start: number, end: number) => boolean
  },
): HeaderEnd {
  const { start, isComplete, isDelimiter } = options
  let at = options.resumeAt
  while (at < octets.length) {
    const line = lineAt(octets, at, isComplete)
    if (line === undefined) {
      return isBodyAlready(octets, at, start) ? { kind: 'found', end: at } : { kind: 'more', resumeAt: at }
    }
    if (line.textEnd === at) return { kind: 'found', end: line.next }
    if (isDelimiter?.(at, line.textEnd) || !mayStand(octets, at, line.textEnd, start)) {
      return { kind: 'found', end: at }
    }
    at = line.next
  }
  return isComplete ? { kind: 'found', end: at } : { kind: 'more', resumeAt: at }
}

/** A line that has gone on for so long without becoming a field is text, wherever it ends. */
function isBodyAlready(octets: Uint8Array, at: number, start: number): boolean {
  return octets.length - at >= maxUndecided && !mayStand(octets, at, octets.length, start)
}

function mayStand(octets: Uint8Array, at: number, end: number, start: number): boolean {
  if (at > start && isBlank(octets[at] ?? 0)) return true
  if (colonOf(octets, at, end) >= 0) return true
  return at === start && mboxFrom.test(Buffer.from(octets.subarray(at, at + 6)).toString('latin1'))
}
