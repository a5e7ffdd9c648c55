import type { Edited as EditAnswer } from '../core/edits.ts'
import type { Refused } from '../core/operations.ts'
import type { Edited } from '../settings/edits.ts'
import { problemText } from '../settings/problem.ts'
import { fieldsOf } from '../settings/row-edits.ts'

/** `place`: of the row or table that was edited, as problems name it; `unknown`: the sentence where it is not there. */
export interface EditPlace {
  readonly place: string
  readonly unknown: string
}

/** What an edit came to, for the page or the script that asked for it. */
export function editAnswer(edited: Edited, { place, unknown }: EditPlace): EditAnswer {
  switch (edited.kind) {
    case 'done': {
      const { changes, remarks, revision } = edited.application
      return { kind: 'done', changes, remarks: remarks.filter(isOf(place)).map(problemText), revision }
    }
    case 'unknown':
      return { kind: 'refused', reason: unknown, trouble: { why: 'unknown' } }
    case 'problems':
      if (edited.isManaged) return managedAnswer(edited)
      return {
        kind: 'refused',
        isWrongInput: true,
        reason: edited.problems.map(problemText).join('\n'),
        trouble: { why: 'invalid', fields: fieldsOf(edited.problems, place) },
      }
    case 'outdated':
      return outdated(edited.revision)
  }
}

/** Nothing is wrong with what was asked for: somebody else decides it. */
export const managedAnswer = ({ problems }: Extract<Edited, { readonly kind: 'problems' }>): Refused => ({
  kind: 'refused',
  reason: problems.map(problemText).join('\n'),
  trouble: { why: 'managed' },
})

const isOf =
  (place: string) =>
  (problem: { readonly place: string }): boolean =>
    problem.place === place || problem.place.startsWith(`${place}: `)

export const outdated = (revision: number): Refused => ({
  kind: 'refused',
  reason: 'the settings changed meanwhile: load them anew',
  trouble: { why: 'outdated', revision },
})
