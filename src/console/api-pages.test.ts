import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeviceSheet } from '../core/device-view.ts'
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
      at: '',
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

describe('a technician changes a device', () => {
  /** Answers by `change`; `edits` are those that were let through. */
  async function changes(
    list: readonly Readonly<Record<string, unknown>>[],
    { access = 'technician', allowed = ['*@contoso.com', 'bob@fabrikam.com'] }: Partial<Place> = {},
  ): Promise<readonly number[]> {
    const sheet = {
      settings: { allowed_recipients: allowed, route: undefined },
      hasPassword: true,
      revision: 7,
    } as Partial<DeviceSheet> as DeviceSheet
    const revisions: (number | undefined)[] = []
    const operations: Partial<Operations> = {
      deviceSheet: async () => ({ kind: 'done', sheet }),
      editDevice: async (_name, _change, _who, revision) => {
        revisions.push(revision)
        return { kind: 'refused', reason: 'a test' }
      },
    }
    const statuses: number[] = []
    for (const change of list)
      statuses.push(
        (await ask(operations, ['PUT', '/devices/scan/settings'], { body: { change }, access })).status,
      )
    assert.ok(access === 'administrator' || revisions.every((revision) => revision === 7))
    return statuses
  }
  interface Place {
    readonly access: Access
    readonly allowed: readonly string[]
  }

  const wider = [
    { allowed_recipients: [] },
    { allowed_recipients: null },
    { allowed_recipients: 'anyone' },
    { allowed_recipients: ['*'] },
    { allowed_recipients: ['*@contoso.com', '*@fabrikam.com'] },
    { allowed_recipients: ['eve@fabrikam.com'] },
    { allowed_recipients: ['victim%elsewhere.com@contoso.com'] },
    { password: null },
    { password: '' },
    { route: ['smarthost'] },
    { sender_name: 'Scanner', route: ['smarthost'] },
  ]

  it('but opens nothing that an administrator closed', async () => {
    assert.deepEqual(
      await changes(wider),
      wider.map(() => 403),
    )
    assert.deepEqual(
      await changes(wider, { access: 'administrator' }),
      wider.map(() => 409),
    )
  })

  it('and narrows it, or touches something else', async () => {
    const narrower = [
      { allowed_recipients: ['*@CONTOSO.com'] },
      { allowed_recipients: ['anna@contoso.com', 'bob@fabrikam.com'] },
      { password: 'another one' },
      { route: null },
      { sender_name: 'Scanner' },
    ]
    assert.deepEqual(
      await changes(narrower),
      narrower.map(() => 409),
    )
    assert.deepEqual(await changes([{ allowed_recipients: ['*@contoso.com'] }], { allowed: [] }), [409])
  })
})
