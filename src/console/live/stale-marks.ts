import type { Stale } from '../../core/live.ts'

type What = Stale['what']

/** What is out of date, each kind once with when it was said last: however often that was, a stream hears of it once. */
export class StaleMarks {
  readonly #marks = new Map<What, { readonly mark: number; readonly event: number }>()
  #last = 0

  get last(): number {
    return this.#last
  }

  /** `event`: the number of the newest event by then. */
  add(what: What, event: number): void {
    this.#last += 1
    this.#marks.set(what, { mark: this.#last, event })
  }

  since(mark: number): readonly What[] {
    if (mark === this.#last) return []
    return [...this.#marks].filter(([, stale]) => stale.mark > mark).map(([what]) => what)
  }

  /** A mark before all that was said since an event: some of it may be said twice. */
  markAt(event: number): number {
    const later = [...this.#marks.values()].filter((stale) => stale.event >= event).map(({ mark }) => mark)
    return later.length === 0 ? this.#last : Math.min(...later) - 1
  }
}
