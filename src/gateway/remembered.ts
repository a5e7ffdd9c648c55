import type { Clock } from '../core/clock.ts'

/** An answer is kept so many times as long as it took to find: looking never costs more than a fiftieth of the time. */
const keptFor = 50

/** Asks anew when the last answer is old for what it cost. A failure is not kept. */
export function remembered<T>(clock: Clock, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly until: number; readonly answer: T } | undefined
  return async () => {
    const begin = clock.monotonic()
    if (last && begin < last.until) return last.answer
    const answer = await ask()
    const end = clock.monotonic()
    last = { until: end + keptFor * (end - begin), answer }
    return answer
  }
}

/**
 * Many who ask at once share one answer. Whoever asks while one is being found gets the next: what that person just did is
 * in it.
 */
export function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  let next: Promise<T> | undefined
  const begin = (): Promise<T> => {
    next = undefined
    const own = ask().finally(() => {
      if (running === own) running = undefined
    })
    running = own
    return own
  }
  return () => {
    if (!running) return begin()
    next ??= running.then(begin, begin)
    return next
  }
}
