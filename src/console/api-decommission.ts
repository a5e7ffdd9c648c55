import type { Operations } from '../core/operations.ts'
import { answerDone, errorAnswer } from './answers.ts'
import { readFields } from './request-fields.ts'
import { type Route, route } from './router.ts'

/** The end of the box; its name is typed by who wants it. */
export const decommissionRoutes = (operations: Operations): readonly Route[] => [
  route('POST', '/decommission', 'administrator', async (asked) => {
    const { access, operator, who } = asked.caller
    if (access !== 'box' && operator === undefined)
      return errorAnswer('a box is decommissioned by who signed in with a password', 403)
    return answerDone(await operations.decommission((await readFields(asked)).text('name'), who))
  }),
]
