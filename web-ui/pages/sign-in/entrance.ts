import { useState } from 'preact/hooks'
import type { Enrolled, SignInAnswer } from '../../../src/core/console-session.ts'
import { ask, stand } from '../../box.ts'

/** What is still wanted behind a right password. */
export type Half = Extract<SignInAnswer, { readonly ticket: string }> | Enrolled

export interface Entrance {
  /** Undefined: name and password are wanted. */
  readonly half: Half | undefined
  readonly trouble: string
  readonly isBusy: boolean
  readonly ask: (path: string, body: object) => Promise<void>
  /** The codes of a new second factor are written down. */
  readonly enter: (enrolled: Enrolled) => void
  /** Back to name and password. */
  readonly startOver: () => void
}

/** The way in, from name and password to whatever else the box wants to know. */
export function useEntrance(onIn: () => void): Entrance {
  const [half, setHalf] = useState<Half | undefined>(undefined)
  const [trouble, setTrouble] = useState('')
  const [isBusy, setBusy] = useState(false)
  const take = (answer: SignInAnswer | Enrolled) => {
    switch (answer.kind) {
      case 'code-wanted':
      case 'enrolment-wanted':
      case 'enrolled':
        setHalf(answer)
        break
      case 'signed-in':
      case 'signed-out':
      case 'unclaimed':
        stand(answer)
        onIn()
    }
  }
  return {
    half,
    trouble,
    isBusy,
    ask: async (path, body) => {
      setBusy(true)
      const answer = await ask<SignInAnswer | Enrolled>('POST', path, { body })
      setBusy(false)
      setTrouble(answer.kind === 'failed' ? answer.sentence : '')
      if (answer.kind === 'done') take(answer.value)
    },
    enter: ({ standing }) => take(standing),
    startOver: () => {
      setHalf(undefined)
      setTrouble('')
    },
  }
}
