import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Operations } from '../core/operations.ts'
import { jsonAnswer } from './answers.ts'
import { reportRoutes } from './api-reports.ts'
import { type Access, type Answer, answerTo } from './router.ts'

const report = { kind: 'done', text: 'a report', data: {} } as const

/** `runs`: one for each time that a report was made. */
function desk() {
  const runs: string[] = []
  const end = Promise.withResolvers<void>()
  const operations: Partial<Operations> = {
    report: async (kind) => {
      runs.push(kind)
      await end.promise
      return report
    },
  }
  const routes = reportRoutes(operations as Operations)
  const ask = (kind: string, access: Access): Promise<Answer> =>
    answerTo(
      {
        routes,
        admit: () => ({ kind: 'admitted', caller: { access, who: 'a test' } }),
        notFound: () => jsonAnswer({}, 404),
        notAllowed: () => jsonAnswer({}, 405),
        failed: (error) => jsonAnswer({ error: String(error) }, 500),
      },
      {
        method: 'GET',
        path: `/reports/${kind}`,
        query: new URLSearchParams(),
        headers: {},
        from: '',
        at: '',
        isSecure: false,
        takeTime() {},
        body: (async function* () {})(),
      },
    )
  return { ask, runs, end: end.resolve }
}

it('the report on security is for administrators, and is made once for all who ask meanwhile', async () => {
  const { ask, runs, end } = desk()
  for (const access of ['viewer', 'technician'] as const)
    assert.equal((await ask('security', access)).status, 403)
  assert.deepEqual(runs, [])
  const asked = [ask('security', 'administrator'), ask('security', 'box'), ask('month', 'viewer')]
  end()
  assert.deepEqual(
    (await Promise.all(asked)).map(({ status }) => status),
    [200, 200, 200],
  )
  assert.deepEqual(runs, ['security', 'month'])
  await ask('security', 'administrator')
  assert.deepEqual(runs, ['security', 'month', 'security'])
})
