import { type Operations, reportKinds } from '../core/operations.ts'
import { answerDone, errorAnswer, jsonAnswer } from './answers.ts'
import { isEnough, type Route, route } from './router.ts'

/** Looking back: rehearsals and reports. */
export function reportRoutes(operations: Operations): readonly Route[] {
  const security = oneRun(() => operations.report('security', { month: undefined, upstream: undefined }))
  return [
    route('GET', '/upstreams/:name/rehearsal', 'viewer', async ({ parameter }) => {
      return answerDone(await operations.rehearse(parameter('name')))
    }),
    route('GET', '/support-bundle', 'administrator', async () =>
      jsonAnswer(await operations.supportBundle()),
    ),
    route('GET', '/reports/:kind', 'viewer', async ({ parameter, query, caller }) => {
      const kind = reportKinds.find((each) => each === parameter('kind'))
      if (kind === undefined) return errorAnswer(`there is no report ${parameter('kind')}`, 404)
      if (kind === 'security') {
        if (isEnough(caller.access, 'administrator')) return answerDone(await security())
        return errorAnswer('this needs the role administrator', 403)
      }
      const month = query.get('month') ?? undefined
      const upstream = query.get('upstream') ?? undefined
      return answerDone(await operations.report(kind, { month, upstream }))
    }),
  ]
}

/** Who asks while it runs gets what it comes to: the report on security reads the whole audit and every backup. */
function oneRun<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => {
    running ??= work().finally(() => {
      running = undefined
    })
    return running
  }
}
