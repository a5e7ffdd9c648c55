import { useState } from 'preact/hooks'
import type { Enrolled, SignInAnswer } from '../../../src/core/console-session.ts'
import { ask, stand } from '../../box.ts'
import { useSubmit } from '../../parts/use-submit.ts'

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
  const { trouble, isBusy, submit, forget } = useSubmit(
    (path: string, body: object) => ask<SignInAnswer | Enrolled>('POST', path, { body }),
    take,
  )
  return {
    half,
    trouble,
    isBusy,
    ask: submit,
    enter: ({ standing }) => take(standing),
    startOver: () => {
      setHalf(undefined)
      forget()
    },
  }
}
