/** A range of octets, `end` exclusive. */
export interface OctetRange {
  readonly start: number
  readonly end: number
}

/**
 * A message's header and body as octets that are somewhere else (the spool, a buffer). Reading twice gives the same
 * octets. No reader ever holds the whole: `read` yields pieces of at most 64 KiB and waits for its consumer.
 */
export interface Content {
  /** Octets in all. */
  readonly size: number
  /** Pieces of the range in order; throws if the content is gone or the signal aborts. */
  read(range?: OctetRange, signal?: AbortSignal): AsyncIterable<Uint8Array>
}

/** A content over octets in memory: for the box's own small mail and for tests. */
export function contentOf(octets: Uint8Array): Content {
  return {
    size: octets.length,
    async *read(range = { start: 0, end: octets.length }, signal) {
      for (let at = range.start; at < range.end; at += 65536) {
        signal?.throwIfAborted()
        yield octets.subarray(at, Math.min(range.end, at + 65536))
      }
    },
  }
}
