import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { type Answer, get } from '../box.ts'
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
  const asked = useRef<AbortController>(undefined)
  const reload = useCallback(async () => {
    asked.current?.abort()
    const control = new AbortController()
    asked.current = control
    const answer = await question(control.signal)
    if (control.signal.aborted) return
    setKnown((before) =>
      answer.kind === 'done'
        ? { value: answer.value, at: Date.now(), trouble: '' }
        : { ...before, trouble: answer.sentence },
    )
  }, [question])
  useEffect(() => {
    setKnown(nothing)
    void reload()
    const stop = onStale(changes, () => void reload())
    return () => {
      stop()
      asked.current?.abort()
    }
  }, [reload])
  const set = (value: T) => setKnown({ value, at: Date.now(), trouble: '' })
  return { ...known, reload: () => void reload(), set }
}

const nothing = { value: undefined, at: 0, trouble: '' }
