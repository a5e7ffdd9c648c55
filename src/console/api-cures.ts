import type { Operations } from '../core/operations.ts'
import { answerDone, jsonAnswer } from './answers.ts'
import { readFields, whoOf } from './request-fields.ts'
import { type Route, route } from './router.ts'

/** What a session's verdict proposes, applied and taken back. */
export function cureRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/cures', async () => jsonAnswer(await operations.cures())),
    route('POST', '/sessions/:id/cure', async (asked) => {
      const fields = await readFields(asked)
      const options = {
        forMs: fields.optionalNumber('forMs'),
        name: fields.optionalText('name'),
        mayChangeBox: true,
      }
      return answerDone(await operations.cure(asked.parameter('id'), whoOf(asked), options))
    }),
    route('DELETE', '/cures/:id', async (asked) => {
      return answerDone(await operations.undoCure(asked.parameter('id'), whoOf(asked)))
    }),
  ]
}
