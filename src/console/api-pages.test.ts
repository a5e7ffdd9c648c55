import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeviceSheet } from '../core/device-view.ts'
import type { DeviceView, Operations, StatusView } from '../core/operations.ts'
import { wallMs } from '../core/time.ts'
import { errorAnswer } from './answers.ts'
import { learningRoutes } from './api-learning.ts'
import { pageRoutes } from './api-pages.ts'
import { setupRoutes } from './api-setup.ts'
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
      routes: [pageRoutes, setupRoutes, learningRoutes].flatMap((routes) => routes(operations as Operations)),
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

const today = wallMs(Date.UTC(2026, 10, 29))
const closed = {
  route: undefined,
  addresses: ['192.168.7.20', '192.168.8.0/24'],
  mac: '00:11:22:33:44:55',
  tls: 'modern',
  weak_until: '',
  require_tls: true,
} as const

describe('a technician adds a device', () => {
  const add = async (wish: object, access: Access): Promise<number> => {
    const addDevice: Operations['addDevice'] = async () => ({ kind: 'refused', reason: 'a test' })
    const devices: Operations['devices'] = async () => []
    return (
      await ask({ addDevice, devices }, ['POST', '/devices'], { body: { name: 'New', ...wish }, access })
    ).status
  }

  it('that one host is without a password, or a network with one; a network without takes an administrator', async () => {
    for (const network of ['10.0.0.0/8', 'attached', '192.168.7.0/31', 'fd00::/64', 'fd00::1/32']) {
      const wish = { passwordless: true, addresses: ['192.168.7.20', network] }
      assert.equal(await add(wish, 'technician'), 403, network)
      assert.equal(await add(wish, 'administrator'), 409, network)
      assert.equal(await add({ addresses: [network] }, 'technician'), 409, network)
    }
    for (const host of ['192.168.7.20', '192.168.7.20/32', 'fd00::1', 'fd00::1/128'])
      assert.equal(await add({ passwordless: true, addresses: [host] }, 'technician'), 409, host)
  })
})

describe('a technician removes a device, and adds or adopts it anew', () => {
  const device = (name: string, allowedRecipients: readonly string[]) =>
    ({ name, username: `${name.toLowerCase()}1`, allowedRecipients }) as Partial<DeviceView> as DeviceView
  const bounded = [device('X', ['*@contoso.com']), device('Y', ['bob@fabrikam.com']), device('Z', [])]
  const ends = { kind: 'refused', reason: 'a test' } as const

  it('to write to whom the devices of the box may already, no further', async () => {
    const add = async (allowedRecipients: readonly string[], access: Access, devices = bounded) => {
      const operations = { devices: async () => devices, addDevice: async () => ends }
      const body = { name: 'X', addresses: ['192.168.7.20'], passwordless: true, allowedRecipients }
      return (await ask(operations, ['POST', '/devices'], { body, access })).status
    }
    for (const wider of [[], ['*'], ['*@fabrikam.com'], ['*@contoso.com', 'eve@evil.example']]) {
      assert.equal(await add(wider, 'technician'), 403, wider.join())
      assert.equal(await add(wider, 'administrator'), 409, wider.join())
    }
    assert.equal(await add(['anna@contoso.com', 'bob@fabrikam.com'], 'technician'), 409)
    assert.equal(await add([], 'technician', [device('Z', [])]), 409, 'where nobody is bounded')
  })

  it('and not the last one that is bounded', async () => {
    const remove = async (name: string, access: Access, devices: readonly DeviceView[]) => {
      const operations = { devices: async () => devices, removeDevice: async () => ends }
      return (await ask(operations, ['DELETE', `/devices/${name}`], { access })).status
    }
    const last = bounded.slice(1)
    for (const named of ['Y', 'y', 'y1', 'Y1']) {
      assert.equal(await remove(named, 'technician', last), 403, named)
      assert.equal(await remove(named, 'technician', bounded), 409, named)
      assert.equal(await remove(named, 'administrator', last), 409, named)
    }
    assert.equal(await remove('Z', 'technician', last), 409)
  })

  it('what is adopted is bounded as they are', async () => {
    const wishes: (readonly string[] | undefined)[] = []
    const adopt: Operations['adopt'] = async ({ allowedRecipients }) => {
      wishes.push(allowedRecipients)
      return ends
    }
    for (const access of ['technician', 'administrator'] as const)
      await ask({ adopt, devices: async () => bounded }, ['POST', '/sightings/adopt'], {
        body: { address: '192.168.7.20' },
        access,
      })
    assert.deepEqual(wishes, [['*@contoso.com', 'bob@fabrikam.com'], undefined])
  })
})

describe('a technician changes a device', () => {
  /** Answers by `change`; `edits` are those that were let through. */
  async function changes(
    list: readonly Readonly<Record<string, unknown>>[],
    {
      access = 'technician',
      allowed = ['*@contoso.com', 'bob@fabrikam.com'],
      settings = {},
      hasPassword = true,
    }: Partial<Place> = {},
  ): Promise<readonly number[]> {
    const sheet = {
      settings: { ...closed, allowed_recipients: allowed, ...settings },
      hasPassword,
      revision: 7,
    } as Partial<DeviceSheet> as DeviceSheet
    const revisions: (number | undefined)[] = []
    const operations: Partial<Operations> = {
      deviceSheet: async () => ({ kind: 'done', sheet }),
      status: async () => ({ clock: { wall: today } }) as StatusView,
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
    readonly settings: Partial<DeviceSheet['settings']>
    readonly hasPassword: boolean
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

  it('lets nobody else in as it, and weakens its encryption for 30 days at most', async () => {
    const weaker = [
      { addresses: ['192.168.7.20', '192.168.7.0/24'] },
      { addresses: ['attached'] },
      { require_tls: false },
      { require_tls: null },
      { tls: 'legacy' },
      { tls: 'plain', weak_until: '2026-12-30' },
      { tls: 'vintage', weak_until: null },
    ]
    assert.deepEqual(
      await changes(weaker),
      weaker.map(() => 403),
    )
    assert.deepEqual(
      await changes(weaker, { access: 'administrator' }),
      weaker.map(() => 409),
    )
    const bound = { hasPassword: false }
    assert.deepEqual(await changes([{ mac: '' }, { mac: null }], bound), [403, 403])
    const ending = { settings: { tls: 'legacy', weak_until: '2026-12-05' } } as const
    assert.deepEqual(await changes([{ weak_until: '' }, { weak_until: '2027-06-01' }], ending), [403, 403])

    const ordinary = [
      { addresses: ['192.168.8.0/24', '192.168.7.21', 'fd00::7'] },
      { addresses: [] },
      { mac: '00:11:22:33:44:66' },
      { tls: 'legacy', weak_until: '2026-12-29' },
      { tls: null },
    ]
    assert.deepEqual(
      await changes(ordinary),
      ordinary.map(() => 409),
    )
    assert.deepEqual(await changes([{ weak_until: '2026-12-01' }, { tls: 'modern' }], ending), [409, 409])
    const forGood = { settings: { tls: 'vintage' } } as const
    assert.deepEqual(await changes([{ tls: 'legacy' }, { sender_name: 'Scanner' }], forGood), [409, 409])
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
