import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { operationsDouble } from '../commands/operations-double.fixture.ts'
import type { OperatorRole } from '../core/setup.ts'
import { jsonAnswer } from './answers.ts'
import { peopleRoutes } from './api-people.ts'
import { type Answer, answerTo, type Caller, type Method } from './router.ts'

const anna: Caller = { access: 'administrator', who: 'anna', operator: 'anna' }
const token: Caller = { access: 'administrator', who: 'token backup' }
const box: Caller = { access: 'box', who: 'command line' }

function site(roles: Readonly<Record<string, OperatorRole>>) {
  const { operations, asked } = operationsDouble()
  const people = Object.entries(roles).map(([name, role]) => ({ name, role, hasSecondFactor: false }))
  const routes = peopleRoutes({ ...operations, operators: async () => people })
  const ask = (caller: Caller, method: Method, path: string, fields: object = {}): Promise<Answer> =>
    answerTo(
      {
        routes,
        admit: () => ({ kind: 'admitted', caller }),
        notFound: () => jsonAnswer({}, 404),
        notAllowed: () => jsonAnswer({}, 405),
        failed: (error) => jsonAnswer({ error: String(error) }, 500),
      },
      {
        method,
        path,
        query: new URLSearchParams(),
        headers: {},
        from: '',
        at: '',
        isSecure: false,
        takeTime() {},
        body: (async function* () {
          yield Buffer.from(JSON.stringify(fields))
        })(),
      },
    )
  return { ask, asked }
}

describe('people', () => {
  it('are made, changed and removed by people and at the box, by no token', async () => {
    const bob = { name: 'bob', role: 'administrator', password: 'correct horse' }
    for (const [caller, status] of [
      [token, 403],
      [anna, 200],
      [box, 200],
    ] as const) {
      const { ask, asked } = site({ anna: 'administrator' })
      assert.equal((await ask(caller, 'POST', '/operators', bob)).status, status)
      assert.equal((await ask(caller, 'PUT', '/operators/anna/password', bob)).status, status)
      assert.equal((await ask(caller, 'DELETE', '/operators/anna/second-factor')).status, status)
      assert.equal((await ask(caller, 'DELETE', '/operators/carl')).status, status)
      assert.equal(asked.length, status === 403 ? 0 : 4)
    }
  })

  it('give the box away at the box only', async () => {
    const { ask, asked } = site({ anna: 'administrator' })
    await ask(anna, 'DELETE', '/operators/anna')
    await ask(box, 'DELETE', '/operators/anna')
    assert.deepEqual(asked, [
      ['removeOperator', 'anna', 'anna', { keepsAdministrator: true }],
      ['removeOperator', 'anna', 'command line', { keepsAdministrator: false }],
    ])
  })
})
