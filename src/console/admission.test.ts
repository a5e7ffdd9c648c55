import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { consolePorts } from './console-ports.fixture.ts'
import { consoleSite } from './console-site.ts'
import { Entrance } from './entrance.ts'
import type { ConsolePorts } from './ports.ts'
import { type Access, type Answer, type Asked, accesses, answerTo, type Route } from './router.ts'

const roles = ['administrator', 'technician', 'viewer'] as const
type Role = (typeof roles)[number]

interface Box {
  readonly entrance: Entrance
  readonly ask: (asked: Partial<Asked>) => Promise<Answer>
  readonly routes: readonly Route[]
}

/** Operators are named as their roles; tokens, too. */
function box(changes: Partial<ConsolePorts> = {}): Box {
  const ports = consolePorts()
  const standing = (name: string) => {
    const role = roles.find((each) => each === name)
    return role && { role, mark: 'first' }
  }
  const entrance = new Entrance({
    ...ports,
    people: { ...ports.people, standing },
    tokens: {
      check: (token) => {
        const role = roles.find((each) => each === token)
        return role ? { kind: 'known', name: token, role } : { kind: 'refused', sentence: 'no such token' }
      },
    },
    isKnownHost: (host) => host === 'branch-07.local',
    ...changes,
  })
  const site = consoleSite(entrance)
  return {
    entrance,
    routes: site.routes,
    ask: (asked) => answerTo(site, { ...plain, ...asked }),
  }
}

const host = 'branch-07.local:8025'
const plain: Asked = {
  method: 'GET',
  path: '/',
  query: new URLSearchParams(),
  headers: { host },
  from: '192.168.7.9',
  at: '',
  isSecure: false,
  body: (async function* () {})(),
  takeTime() {},
}

/** The headers of a page of ours, on which somebody in this role is signed in. */
function pageOf({ entrance }: Box, role: Role): { host: string; cookie: string; 'inkpost-proof': string } {
  const token = entrance.sessions.begin(role, plain.from)
  return { host, cookie: `inkpost=${token}`, 'inkpost-proof': entrance.sessions.look(token)?.proof ?? '' }
}

const sentence = ({ body }: Answer): string => JSON.parse(String(body)).error
const pathOf = ({ pattern }: Route): string => pattern.replace(/:\w+/g, 'x')
const isEnough = (role: Role, access: Access): boolean => accesses.indexOf(role) <= accesses.indexOf(access)

const api = box().routes.filter(({ pattern }) => pattern.startsWith('/api/'))
const closed = api.filter(({ access }) => access !== 'everybody')
const changing = api.filter(({ method }) => method !== 'GET')

describe('every route of the API', () => {
  it('is here to be tried', () => {
    assert.ok(closed.length > 50, `${closed.length} routes`)
  })

  it('is open to everybody only where one comes in', () => {
    const open = api.filter(({ access }) => access === 'everybody')
    assert.deepEqual(open.map(({ method, pattern }) => `${method} ${pattern}`).sort(), [
      'DELETE /api/v1/session',
      'GET /api/v1/session',
      'POST /api/v1/claim',
      'POST /api/v1/session',
      'POST /api/v1/session/code',
      'POST /api/v1/session/enrol',
      'POST /api/v1/session/pass',
    ])
  })

  for (const each of closed) {
    const { method, access, pattern } = each
    const path = pathOf(each)
    it(`${method} ${pattern} refuses who is not signed in, and whose session is none`, async () => {
      for (const cookie of ['', 'inkpost=', 'inkpost=x', '__Host-inkpost=x']) {
        const answer = await box().ask({ method, path, headers: { host, cookie } })
        assert.equal(answer.status, 401, cookie)
        assert.equal(sentence(answer), 'sign in first')
      }
      const answer = await box().ask({ method, path, headers: { host, authorization: 'Bearer x' } })
      assert.equal(answer.status, 401)
    })

    it(`${method} ${pattern} refuses roles below ${access}`, async () => {
      const here = box()
      for (const role of roles.filter((each) => !isEnough(each, access))) {
        const answer = await here.ask({ method, path, headers: pageOf(here, role) })
        assert.equal(answer.status, 403, role)
        assert.equal(sentence(answer), `this needs the role ${access}`)
        const byToken = await here.ask({ method, path, headers: { host, authorization: `Bearer ${role}` } })
        assert.equal(byToken.status, 403, `token ${role}`)
      }
    })
  }

  for (const each of changing.filter(({ access }) => access !== 'everybody' && access !== 'box'))
    it(`${each.method} ${each.pattern} refuses a change without the proof of the page`, async () => {
      const here = box()
      const page = pageOf(here, 'administrator')
      for (const proof of ['', 'x', page.cookie.slice('inkpost='.length)]) {
        const headers = { ...page, 'inkpost-proof': proof }
        const answer = await here.ask({ method: each.method, path: pathOf(each), headers })
        assert.equal(answer.status, 403, proof)
        assert.match(sentence(answer), /proof of the page/)
      }
    })

  for (const each of changing)
    it(`${each.method} ${each.pattern} refuses a change from a page elsewhere`, async () => {
      const here = box()
      const page = each.access === 'everybody' ? { host } : pageOf(here, 'administrator')
      for (const origin of [
        'http://evil.example',
        'null',
        'http://branch-07.local',
        'http://branch-07.local:8026',
        'https://branch-07.local:8025',
        'http://branch-07.local:8025.evil.example',
      ]) {
        const headers = { ...page, origin }
        const answer = await here.ask({ method: each.method, path: pathOf(each), headers })
        assert.equal(answer.status, 403, origin)
        assert.match(sentence(answer), /a page that is not of this box/)
      }
      for (const site of ['cross-site', 'same-site', 'none']) {
        const headers = { ...page, 'sec-fetch-site': site }
        assert.equal((await here.ask({ method: each.method, path: pathOf(each), headers })).status, 403, site)
      }
    })

  for (const each of api)
    it(`${each.method} ${each.pattern} is not there under a strange name, nor for another network`, async () => {
      const { method } = each
      const headers = { ...pageOf(box(), 'administrator'), host: 'evil.example' }
      assert.equal((await box().ask({ method, path: pathOf(each), headers })).status, 421)
      const elsewhere = box({ mayVisit: () => false })
      const page = pageOf(elsewhere, 'administrator')
      assert.equal((await elsewhere.ask({ method, path: pathOf(each), headers: page })).status, 403)
    })
})

describe('a page of this box', () => {
  const drop = (changes: Partial<Asked>) => ({
    method: 'DELETE',
    path: '/api/v1/passes/none',
    ...changes,
  })

  it('may change what its role may, also where the port is the scheme’s own', async () => {
    const here = box()
    const page = pageOf(here, 'administrator')
    for (const [isSecure, said, origin] of [
      [false, host, `http://${host}`],
      [false, 'branch-07.local:80', 'http://branch-07.local'],
      [false, 'branch-07.local', 'http://branch-07.local:80'],
      [true, 'branch-07.local:443', 'https://branch-07.local'],
      [true, 'BRANCH-07.local', 'https://branch-07.local:443'],
    ] as const) {
      const cookie = isSecure ? `__Host-${page.cookie}` : page.cookie
      const headers = { ...page, cookie, host: said, origin, 'sec-fetch-site': 'same-origin' }
      assert.equal((await here.ask(drop({ headers, isSecure }))).status, 404, origin)
    }
  })

  it('has another cookie with encryption than without: neither stands for the other', async () => {
    const here = box()
    const page = pageOf(here, 'administrator')
    assert.equal((await here.ask({ path: '/api/v1/passes', headers: page })).status, 200)
    assert.equal((await here.ask({ path: '/api/v1/passes', headers: page, isSecure: true })).status, 401)
    const other = { ...page, cookie: `__Host-${page.cookie}` }
    assert.equal((await here.ask({ path: '/api/v1/passes', headers: other })).status, 401)
  })

  it('is refused HEAD where it is refused GET', async () => {
    assert.equal((await box().ask({ method: 'HEAD', path: '/api/v1/passes' })).status, 401)
  })
})

describe('a script’s token', () => {
  it('needs no cookie and no proof, and a browser’s cookie beside it is not looked at', async () => {
    const here = box()
    const { cookie } = pageOf(here, 'administrator')
    const asked = { method: 'DELETE', path: '/api/v1/passes/none' }
    const right = { host, authorization: 'Bearer administrator' }
    assert.equal((await here.ask({ ...asked, headers: right })).status, 404)
    const wrong = await here.ask({ ...asked, headers: { host, cookie, authorization: 'Bearer nobody' } })
    assert.equal(wrong.status, 401)
    assert.equal(wrong.headers['www-authenticate'], 'Bearer')
  })

  it('makes no way in, for nobody: no day pass, token, password, operator', async () => {
    const here = box()
    const headers = { host, authorization: 'Bearer administrator' }
    for (const [method, path] of [
      ['POST', '/api/v1/tokens'],
      ['POST', '/api/v1/passes'],
      ['PUT', '/api/v1/session/password'],
      ['POST', '/api/v1/session/second-factor'],
      ['DELETE', '/api/v1/operators/anna/second-factor'],
      ['POST', '/api/v1/restore'],
      ['POST', '/api/v1/storages/sda2/take-over'],
      ['POST', '/api/v1/decommission'],
    ] as const) {
      const body = (async function* () {
        yield Buffer.from('{"guest":"Bob"}')
      })()
      assert.equal((await here.ask({ method, path, headers, body })).status, 403, path)
    }
  })
})

describe('a stream of events', () => {
  it('is the session’s or the token’s that let it in, whatever else its headers say', async () => {
    const owners: (string | undefined)[] = []
    const open = ({ owner }: { readonly owner: string | undefined }) => {
      owners.push(owner)
      return { kind: 'full', reason: 'a test' } as const
    }
    const here = box({ live: { open } })
    const { cookie } = pageOf(here, 'viewer')
    const ask = (headers: object) => here.ask({ path: '/api/v1/events', headers: { host, ...headers } })
    for (const authorization of [undefined, 'Basic x1', 'Basic x2', 'Bearer', 'x'])
      await ask({ cookie, ...(authorization !== undefined && { authorization }) })
    for (const other of ['inkpost-x=1; ', 'x=2; ']) await ask({ cookie: `${other}${cookie}` })
    assert.deepEqual(new Set(owners), new Set([cookie.slice('inkpost='.length)]))
    owners.length = 0
    for (const authorization of ['Bearer viewer', 'bearer viewer', 'BEARER   viewer'])
      await ask({ cookie, authorization })
    assert.deepEqual(owners, ['viewer', 'viewer', 'viewer'])
  })
})
