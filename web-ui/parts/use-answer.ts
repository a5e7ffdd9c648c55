import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { get } from '../box.ts'
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
  const [known, setKnown] = useState<Pick<Known<T>, 'value' | 'at' | 'trouble'>>(nothing)
  const asked = useRef<AbortController>(undefined)
  const reload = useCallback(async () => {
    asked.current?.abort()
    const question = new AbortController()
    asked.current = question
    const answer = await get<T>(path, { signal: question.signal })
    if (question.signal.aborted) return
    setKnown((before) =>
      answer.kind === 'done'
        ? { value: answer.value, at: Date.now(), trouble: '' }
        : { ...before, trouble: answer.sentence },
    )
  }, [path])
  useEffect(() => {
    setKnown(nothing)
    void reload()
    const stop = onStale(changes, () => void reload())
    return () => {
      stop()
      asked.current?.abort()
    }
  }, [path])
  const set = (value: T) => setKnown({ value, at: Date.now(), trouble: '' })
  return { ...known, reload: () => void reload(), set }
}

const nothing = { value: undefined, at: 0, trouble: '' }
