import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import type { Operations } from '../core/operations.ts'
import { minute, wallMs } from '../core/time.ts'
import { jsonAnswer } from './answers.ts'
import { apiRoutes } from './api.ts'
import { noStreams } from './api-live.ts'
import { carefully, settingsRoutes } from './careful-routes.ts'
import { Repeats } from './repeats.ts'
import { BadRequest, largestBody, readFields, readText } from './request-fields.ts'
import { type Answer, type Asked, answerTo, type Caller, route } from './router.ts'

/** A site where each change counts. */
function site() {
  const clock = new JumpingClock(wallMs(0))
  const done: string[] = []
  const begun: number[] = []
  const healed = Promise.withResolvers<void>()
  let revision = 7
  let failures = 0
  const routes = carefully(
    [
      route('GET', '/setup', 'viewer', () => jsonAnswer({ count: done.length })),
      route('POST', '/aliases', 'viewer', async (asked) => {
        const name = (await readFields(asked)).text('name')
        if (failures-- > 0) throw new Error('the disk is gone')
        done.push(name)
        revision++
        return jsonAnswer({ name, count: done.length })
      }),
      route('POST', '/restore', 'viewer', async ({ body }) => {
        for await (const piece of body) done.push(Buffer.from(piece).toString())
        return jsonAnswer({ count: done.length })
      }),
      route('DELETE', '/aliases/:name', 'viewer', ({ parameter }) => {
        done.push(parameter('name'))
        return jsonAnswer({ count: done.length })
      }),
      route('POST', '/doctor', 'viewer', async (asked) => {
        const text = await readText(asked.body, largestBody)
        begun.push(text.length)
        await healed.promise
        return jsonAnswer({})
      }),
    ],
    { repeats: new Repeats(clock), revision: () => revision },
  )
  const ask = (
    headers: Asked['headers'],
    { name = 'a', method = 'POST', path = '/aliases', caller = anna }: Partial<Asks> = {},
  ): Promise<Answer> =>
    answerTo(
      {
        routes,
        admit: () => ({ kind: 'admitted', caller }),
        notFound: () => jsonAnswer({}, 404),
        notAllowed: () => jsonAnswer({}, 405),
        failed: (error) =>
          jsonAnswer({ error: String(error) }, error instanceof BadRequest ? error.status : 500),
      },
      {
        method,
        path,
        query: new URLSearchParams(),
        headers,
        from: '',
        at: '',
        isSecure: false,
        takeTime() {},
        body: (async function* () {
          yield Buffer.from(JSON.stringify({ name }))
        })(),
      },
    )
  return { ask, done, begun, heal: healed.resolve, clock, fail: (times: number) => (failures = times) }
}

interface Asks {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly caller: Caller
}

const anna: Caller = { access: 'viewer', who: 'anna at 192.168.7.9', operator: 'anna' }
const key = { 'idempotency-key': 'k1' }
const said = ({ status, body }: Answer): string => `${status} ${body}`

describe('an Idempotency-Key', () => {
  it('are refused where a file is sent, which is left alone', async () => {
    const { ask, done } = site()
    for (const [name, value] of [
      ['idempotency-key', 'k1'],
      ['if-match', '*'],
    ] as const) {
      const refused = await ask({ [name]: value }, { path: '/restore' })
      assert.equal(refused.status, 400)
      assert.match(String(refused.body), /is not obeyed here, where a file is sent/)
    }
    assert.deepEqual(done, [])
    assert.equal((await ask({}, { path: '/restore' })).status, 200)
  })

  it('makes the same request one action, and its answer the same again', async () => {
    const { ask, done } = site()
    const answers = await Promise.all([ask(key), ask(key), ask(key)])
    answers.push(await ask(key))
    assert.deepEqual([...new Set(answers.map(said))], ['200 {"name":"a","count":1}'])
    assert.deepEqual(done, ['a'])
  })

  it('is refused for another body, another method, another path', async () => {
    const { ask, done } = site()
    await ask(key)
    for (const asks of [{ name: 'b' }, { method: 'DELETE', path: '/aliases/x' }])
      assert.match(said(await ask(key, asks)), /^422 .*used for another request/)
    assert.deepEqual(done, ['a'])
  })

  it('is each caller’s own, wherever an operator comes from', async () => {
    const { ask, done } = site()
    await ask(key)
    await ask(key, { caller: { ...anna, who: 'anna at 10.0.0.1' } })
    assert.equal(done.length, 1)
    await ask(key, { caller: { access: 'viewer', who: 'token "x" at 192.168.7.9' } })
    assert.equal(done.length, 2)
  })

  it('holds for ten minutes, and for the last hundred', async () => {
    const { ask, done, clock } = site()
    await ask(key)
    await clock.jump(10 * minute - 1)
    await ask(key)
    assert.equal(done.length, 1)
    await clock.jump(1)
    await ask(key)
    assert.equal(done.length, 2)
    for (let count = 0; count < 100; count++) await ask({ 'idempotency-key': `other-${count}` })
    await ask(key)
    assert.equal(done.length, 103)
  })

  it('does not keep what failed by our fault', async () => {
    const { ask, done, fail } = site()
    fail(1)
    assert.match(said(await ask(key)), /^500/)
    assert.match(said(await ask(key)), /^200/)
    assert.equal(done.length, 1)
  })

  it('never forgets what is under way: the hundred and first waits', async () => {
    const { ask, begun, heal } = site()
    const doctor = { path: '/doctor' }
    const keyed = (count: number) => ask({ 'idempotency-key': `k${count}` }, doctor)
    const asked = Array.from({ length: 100 }, (_, count) => keyed(count))
    await new Promise((resolve) => setImmediate(resolve))
    const late = await keyed(100)
    assert.match(said(late), /^429 .*under way/)
    assert.equal(late.headers['retry-after'], '2')
    const again = keyed(0)
    heal()
    assert.ok((await Promise.all([...asked, again])).every(({ status }) => status === 200))
    assert.equal(begun.length, 100)
    assert.equal((await keyed(100)).status, 200)
  })

  it('makes no body larger than its route takes', async () => {
    const { ask } = site()
    const name = 'x'.repeat(64_000)
    assert.match(said(await ask(key, { name })), /^413 .*64 kB/)
  })

  it('has to be one', async () => {
    const { ask } = site()
    for (const wrong of ['', 'a b', 'ä', 'x'.repeat(129)])
      assert.match(said(await ask({ 'idempotency-key': wrong })), /^400/)
  })
})

describe('If-Match', () => {
  it('lets a change through that was made from the present revision, and no other', async () => {
    const { ask, done } = site()
    const late = await ask({ 'if-match': '"6"' })
    assert.match(said(late), /^412 .*changed meanwhile \(now revision 7\)/)
    assert.equal(late.headers['etag'], '"7"')
    assert.match(said(await ask({ 'if-match': '"6", "7"' })), /^200/)
    assert.match(said(await ask({ 'if-match': '"7"' })), /^412/)
    assert.match(said(await ask({ 'if-match': '*' })), /^200/)
    assert.equal(done.length, 2)
  })

  it('has the tag that what is read to be changed is told with', async () => {
    const { ask } = site()
    const look = { method: 'GET', path: '/setup' }
    assert.equal((await ask({}, look)).headers['etag'], '"7"')
    await ask({})
    assert.equal((await ask({}, look)).headers['etag'], '"8"')
  })

  it('of two at the same time lets one through', async () => {
    const { ask, done } = site()
    const both = await Promise.all([ask({ 'if-match': '"7"' }), ask({ 'if-match': '"7"' }, { name: 'b' })])
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
    assert.equal(done.length, 1)
  })

  it('keeps nobody waiting behind what writes no settings', async () => {
    const { ask, heal } = site()
    const doctor = ask({ 'if-match': '*' }, { path: '/doctor' })
    assert.equal((await ask({ 'if-match': '"7"' })).status, 200)
    heal()
    assert.equal((await doctor).status, 200)
  })

  it('knows the routes that write settings by patterns that are there', () => {
    const routes = apiRoutes({} as Operations, noStreams)
    const changing = new Set(routes.flatMap(({ method, pattern }) => (method === 'GET' ? [] : [pattern])))
    assert.deepEqual(
      [...settingsRoutes].filter((pattern) => !changing.has(pattern)),
      [],
    )
  })
})
