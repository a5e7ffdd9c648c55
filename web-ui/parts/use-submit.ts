import { useState } from 'preact/hooks'
import type { Answer } from '../box.ts'

export interface Submitting {
  readonly isBusy: boolean
  /** Why the last one came to nothing; empty where it did not. */
  readonly trouble: string
  readonly submit: () => Promise<void>
}

/** A form on its way: busy until the box has answered, then done, or in trouble with the sentence of the box. */
export function useSubmit<T>(send: () => Promise<Answer<T>>, onDone: (value: T) => void): Submitting {
  const [isBusy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState('')
  const submit = async () => {
    setBusy(true)
    const answer = await send()
    setBusy(false)
    setTrouble(answer.kind === 'failed' ? answer.sentence : '')
    if (answer.kind === 'done') onDone(answer.value)
  }
  return { isBusy, trouble, submit }
}
