import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Operations } from '../core/operations.ts'
import { errorAnswer } from './answers.ts'
import { pageRoutes } from './api-pages.ts'
import { BadRequest } from './request-fields.ts'
import { type Access, type Answer, answerTo } from './router.ts'

/** Asks a route of the pages over operations of which only these are there. */
function ask(
  operations: Partial<Operations>,
  [method, path]: readonly [string, string],
  { body = {}, access = 'administrator' }: { readonly body?: object; readonly access?: Access } = {},
): Promise<Answer> {
  const [name = '', query = ''] = path.split('?')
  return answerTo(
    {
      routes: pageRoutes(operations as Operations),
      admit: () => ({ kind: 'admitted', caller: { access, who: 'a test' } }),
      notFound: () => errorAnswer('not there', 404),
      notAllowed: () => errorAnswer('not so', 405),
      failed: (error) => errorAnswer(String(error), error instanceof BadRequest ? error.status : 500),
    },
    {
      method,
      path: name,
      query: new URLSearchParams(query),
      headers: {},
      from: '',
      isSecure: false,
      takeTime() {},
      body: (async function* () {
        yield Buffer.from(JSON.stringify(body))
      })(),
    },
  )
}

describe('a way out is removed', () => {
  it('by a revision that is a number, or by none', async () => {
    const asked: (number | undefined)[] = []
    const removeUpstream: Operations['removeUpstream'] = async (_name, _who, revision) => {
      asked.push(revision)
      return { kind: 'refused', reason: 'a test' }
    }
    for (const revision of ['?revision=abc', '?revision=', '?revision=1.5'])
      assert.equal((await ask({ removeUpstream }, ['DELETE', `/upstreams/x${revision}`])).status, 400)
    for (const revision of ['', '?revision=7'])
      await ask({ removeUpstream }, ['DELETE', `/upstreams/x${revision}`])
    assert.deepEqual(asked, [undefined, 7])
  })
})
