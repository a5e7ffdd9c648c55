import type { Operations } from '../core/operations.ts'
import { answerDone, tokenRefused } from './answers.ts'
import { readFields } from './request-fields.ts'
import { isPerson, type Route, route } from './router.ts'

/** The end of the box; its name is typed by who wants it. */
export const decommissionRoutes = (operations: Operations): readonly Route[] => [
  route('POST', '/decommission', 'administrator', async (asked) => {
    if (!isPerson(asked.caller)) return tokenRefused('a box is decommissioned')
    const { who } = asked.caller
    return answerDone(await operations.decommission((await readFields(asked)).text('name'), who))
  }),
]
