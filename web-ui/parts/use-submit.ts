import { useState } from 'preact/hooks'
import type { Answer } from '../box.ts'
import { fieldTroublesOf, noTroubles, unplacedTrouble } from '../field-troubles.ts'

export interface Submitting<Args extends readonly unknown[] = []> {
  readonly isBusy: boolean
  /** Why the last one came to nothing, but for what stands beside a field; empty where it did not. */
  readonly trouble: string
  /** What is wrong with the field of one of these keys; undefined: nothing. */
  readonly troubleOf: (...keys: readonly string[]) => string | undefined
  readonly submit: (...given: Args) => Promise<void>
  /** What went wrong is about something that is not there any more. */
  readonly forget: () => void
}

const nothing = { sentence: '', fields: noTroubles }

/**
 * A form on its way: busy until the box has answered, then done, or in trouble with the sentences of the box.
 * `shown`: the keys of the setup document whose fields say themselves what is wrong with them, by `troubleOf`.
 */
export function useSubmit<T, Args extends readonly unknown[] = []>(
  send: (...given: Args) => Promise<Answer<T>>,
  onDone: (value: T) => void,
  shown: readonly string[] = [],
): Submitting<Args> {
  const [isBusy, setBusy] = useState(false)
  const [{ sentence, fields }, setTrouble] = useState(nothing)
  const submit = async (...given: Args) => {
    if (isBusy) return
    setBusy(true)
    const answer = await send(...given)
    setBusy(false)
    if (answer.kind === 'failed') {
      const troubles = fieldTroublesOf(answer)
      return setTrouble({ sentence: unplacedTrouble(answer, troubles, shown), fields: troubles })
    }
    setTrouble(nothing)
    onDone(answer.value)
  }
  const troubleOf = (...keys: readonly string[]) => keys.map((key) => fields.get(key)).find(Boolean)
  return { isBusy, trouble: sentence, troubleOf, submit, forget: () => setTrouble(nothing) }
}
