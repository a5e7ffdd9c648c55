// What an emulator saw, as a plain array, with a way to wait for the n-th entry that needs no sleeping.

export interface Recorder<Entry> {
  readonly entries: Entry[]
  add(entry: Entry): void
  /** Resolves once there are at least `count` entries; rejects with the signal's reason. */
  reaches(count: number, signal?: AbortSignal): Promise<void>
}

interface Waiter {
  readonly count: number
  readonly resolve: () => void
}

export function createRecorder<Entry>(): Recorder<Entry> {
  const entries: Entry[] = []
  const waiters = new Set<Waiter>()

  function add(entry: Entry): void {
    entries.push(entry)
    for (const waiter of waiters) {
      if (entries.length >= waiter.count) waiter.resolve()
    }
  }

  async function reaches(count: number, signal?: AbortSignal): Promise<void> {
    if (entries.length >= count) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter: Waiter = { count, resolve }
    const abort = (): void => reject(signal?.reason)
    waiters.add(waiter)
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted === true) abort()
    try {
      await promise
    } finally {
      waiters.delete(waiter)
      signal?.removeEventListener('abort', abort)
    }
  }

  return { entries, add, reaches }
}
