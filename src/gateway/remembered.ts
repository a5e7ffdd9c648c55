import type { Clock } from '../core/clock.ts'

/** Asks anew only when the last answer is older than `ms`: whoever asks meanwhile gets that. A failure is not kept. */
export function remembered<T>(clock: Clock, ms: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | undefined
  return () => {
    const now = clock.monotonic()
    if (last && now - last.at < ms) return last.answer
    const asked = { at: now, answer: ask() }
    last = asked
    asked.answer.catch(() => {
      if (last === asked) last = undefined
    })
    return asked.answer
  }
}
