import { type Operations, reportKinds } from '../core/operations.ts'
import { answerDone, errorAnswer, jsonAnswer } from './answers.ts'
import { type Route, route } from './router.ts'

/** Looking back: rehearsals and reports. */
export function reportRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/upstreams/:name/rehearsal', 'viewer', async ({ parameter }) => {
      return answerDone(await operations.rehearse(parameter('name')))
    }),
    route('GET', '/support-bundle', 'administrator', async () =>
      jsonAnswer(await operations.supportBundle()),
    ),
    route('GET', '/reports/:kind', 'viewer', async ({ parameter, query }) => {
      const kind = reportKinds.find((each) => each === parameter('kind'))
      if (kind === undefined) return errorAnswer(`there is no report ${parameter('kind')}`, 404)
      const month = query.get('month') ?? undefined
      const upstream = query.get('upstream') ?? undefined
      return answerDone(await operations.report(kind, { month, upstream }))
    }),
  ]
}
