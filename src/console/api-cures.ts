import type { Operations } from '../core/operations.ts'
import { answerDone, jsonAnswer } from './answers.ts'
import { readFields } from './request-fields.ts'
import { isEnough, type Route, type Routed, route } from './router.ts'

/** What a session's verdict proposes, applied and taken back. */
export function cureRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/cures', 'viewer', async () => jsonAnswer(await operations.cures())),
    route('POST', '/sessions/:id/cure', 'technician', async (asked) => {
      const fields = await readFields(asked)
      const options = {
        forMs: fields.optionalNumber('forMs'),
        name: fields.optionalText('name'),
        mayChangeBox: mayChangeBox(asked),
      }
      return answerDone(await operations.cure(asked.parameter('id'), asked.caller.who, options))
    }),
    route('DELETE', '/cures/:id', 'technician', async (asked) => {
      const options = { mayChangeBox: mayChangeBox(asked) }
      return answerDone(await operations.undoCure(asked.parameter('id'), asked.caller.who, options))
    }),
  ]
}

const mayChangeBox = ({ caller }: Routed<never>): boolean => isEnough(caller.access, 'administrator')
