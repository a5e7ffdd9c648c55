/**
 * Gives back to the machine what past work left in this thread's heap and buffers: V8 collects only under pressure, so
 * after ten large scans an idle process would keep 60 MB for good. Takes some 10 ms of this thread's time: to be called
 * when nothing goes on. Does nothing where the launcher did not expose the collector.
 */
export function giveBackMemory(): void {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort', execution: 'sync' })
}

/** Octets of mail that may stream through this thread before their buffers are collected. */
const streamedBetweenCollections = 4e6
let streamed = 0

/**
 * Counts octets of mail that stream through this thread and collects their buffers every few megabytes: V8 sees only the
 * small objects in front of them, and lets a hundred megabytes pile up. A minor collection takes about a millisecond.
 */
export function noteStreamed(octets: number): void {
  streamed += octets
  if (streamed < streamedBetweenCollections) return
  streamed = 0
  globalThis.gc?.({ type: 'minor', execution: 'sync' })
}
