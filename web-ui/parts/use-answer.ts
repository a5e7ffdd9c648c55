import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { type Answer, get, onReach } from '../box.ts'
import { type Changed, onStale } from '../events.ts'

/** What is known of a question to the box: its last answer, how old that is, and why there is no newer one. */
export interface Known<T> {
  readonly value: T | undefined
  /** By the phone's clock, when `value` came. */
  readonly at: number
  /** Empty, or why the last question had no answer. */
  readonly trouble: string
  readonly reload: () => void
  /** Puts an answer in place that came by another way: of the change just made. */
  readonly set: (value: T) => void
}

/** Asks when it is first shown, when one of `changes` is told stale, and when asked to; keeps the last answer meanwhile. */
export function useAnswer<T>(path: string, changes: readonly Changed[] = []): Known<T> {
  return useQuestion(
    useCallback((signal: AbortSignal) => get<T>(path, { signal }), [path]),
    changes,
  )
}

/** The same of a question that is more than one request. Another `question` is another beginning. */
export function useQuestion<T>(
  question: (signal: AbortSignal) => Promise<Answer<T>>,
  changes: readonly Changed[] = [],
): Known<T> {
  const [known, setKnown] = useState<Pick<Known<T>, 'value' | 'at' | 'trouble'>>(nothing)
  const reload = useRef<() => void>(() => {})
  useEffect(() => {
    setKnown(nothing)
    const asking = new Asking(question, (answer) =>
      setKnown((before) =>
        answer.kind === 'done'
          ? { value: answer.value, at: Date.now(), trouble: '' }
          : { ...before, trouble: answer.sentence },
      ),
    )
    reload.current = () => asking.ask()
    asking.ask()
    const stop = onStale(changes, () => asking.ask())
    // Whoever sees that the box is out of reach, or back, sees it for every question.
    const stopReaching = onReach(() => asking.ask())
    return () => {
      stop()
      stopReaching()
      asking.end()
    }
  }, [question])
  const set = (value: T) => setKnown({ value, at: Date.now(), trouble: '' })
  return { ...known, reload: () => reload.current(), set }
}

const nothing = { value: undefined, at: 0, trouble: '' }

/** One question at a time: whoever asks while it is under way gets it asked once more, and no slow network starves it. */
class Asking<T> {
  readonly #question: (signal: AbortSignal) => Promise<Answer<T>>
  readonly #tell: (answer: Answer<T>) => void
  readonly #left = new AbortController()
  #isAsking = false
  #isWantedAgain = false

  constructor(question: (signal: AbortSignal) => Promise<Answer<T>>, tell: (answer: Answer<T>) => void) {
    this.#question = question
    this.#tell = tell
  }

  ask(): void {
    if (this.#isAsking) this.#isWantedAgain = true
    else void this.#ask()
  }

  end(): void {
    this.#left.abort()
  }

  async #ask(): Promise<void> {
    const { signal } = this.#left
    this.#isAsking = true
    const answer = await this.#question(signal)
    this.#isAsking = false
    if (signal.aborted) return
    this.#tell(answer)
    const isWantedAgain = this.#isWantedAgain
    this.#isWantedAgain = false
    if (isWantedAgain) this.ask()
  }
}
