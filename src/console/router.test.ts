import assert from 'node:assert/strict'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { textAnswer } from './answers.ts'
import { httpServer, type OpenServer, openServer } from './http-server.ts'
import { route, type Site, under } from './router.ts'

let server: OpenServer
let piecesRead = 0

async function* pieces(): AsyncGenerator<Uint8Array> {
  piecesRead += 1
  yield Buffer.from('one ')
  yield Buffer.from('two')
}

const site: Site = {
  headers: { 'x-everywhere': 'yes' },
  routes: under('/api', [
    route('GET', '/things/:id', 'everybody', ({ parameter, query }) =>
      textAnswer(`${parameter('id')} ${query.get('q')}`),
    ),
    route('PUT', '/things/:id', 'everybody', ({ parameter }) => textAnswer(`put ${parameter('id')}`)),
    route('GET', '/things/:id/parts/:part', 'everybody', ({ parameter }) =>
      textAnswer(`${parameter('part')} of ${parameter('id')}`),
    ),
    route('GET', '/pieces', 'everybody', () => ({ status: 200, headers: {}, body: pieces() })),
    route('POST', '/first-piece', 'everybody', async ({ body }) => {
      for await (const piece of body) return textAnswer(`${piece.length > 0}`, 413)
      return textAnswer('nothing')
    }),
    route('GET', '/trouble', 'everybody', () => {
      throw new Error('the disk is gone')
    }),
  ]),
  guard: ({ headers }) => (headers['x-evil'] ? textAnswer('refused', 421) : undefined),
  admit: () => ({ kind: 'admitted', caller: { access: 'everybody', who: 'a test' } }),
  notFound: ({ path }) => textAnswer(`no ${path}`, 404),
  notAllowed: (_asked, allowed) => textAnswer(`only ${allowed}`, 405),
  failed: (error) => textAnswer(String(error), 500),
}

before(async () => {
  const opening = await openServer(httpServer(site), { host: '127.0.0.1', port: 0 })
  if (opening.kind === 'refused') throw new Error(opening.reason)
  server = opening
})
after(() => server[Symbol.asyncDispose]())

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Ask {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly agent?: Agent
}

function ask(method: string, path: string, { headers = {}, body, agent }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const where = { port: server.port, host: '127.0.0.1', agent: agent ?? false }
    const outgoing = request({ ...where, path, method, headers })
    outgoing.on('error', reject).on('response', async (incoming) => {
      let text = ''
      for await (const piece of incoming) text += piece
      resolve({ status: incoming.statusCode, headers: incoming.headers, body: text })
    })
    outgoing.end(body)
  })
}

describe('a route', () => {
  it('is found by its path, with its parameters decoded', async () => {
    assert.equal((await ask('GET', '/api/things/a%2Fb%20c?q=x+y')).body, 'a/b c x y')
    assert.equal((await ask('GET', '/api/things/7/parts/3')).body, '3 of 7')
    assert.equal((await ask('PUT', '/api/things/7')).body, 'put 7')
  })

  it('is found by an absolute target too', async () => {
    assert.equal((await ask('GET', 'http://elsewhere/api/things/7?q=1')).body, '7 1')
  })

  it('takes what is not percent-encoded properly as it stands', async () => {
    assert.equal((await ask('GET', '/api/things/%zz')).body, '%zz null')
  })

  for (const path of [
    '/api/things/',
    '/api/things',
    '/api/things/7/',
    '/things/7',
    '//api/things/7',
    '/api//7',
  ])
    it(`is not ${path}`, async () => {
      const { status, body, headers } = await ask('GET', path)
      assert.equal(status, 404)
      assert.equal(body, `no ${path}`)
      assert.equal(headers['x-everywhere'], 'yes')
    })
})

describe('methods', () => {
  it('that a path does not have are refused with those it has', async () => {
    for (const method of ['DELETE', 'OPTIONS', 'POST']) {
      const { status, headers, body } = await ask(method, '/api/things/7')
      assert.equal(status, 405, method)
      assert.equal(headers.allow, 'GET, HEAD, PUT')
      assert.equal(body, 'only GET, HEAD, PUT')
    }
    assert.equal((await ask('HEAD', '/api/first-piece')).headers.allow, 'POST')
  })

  it('HEAD tells what GET would, without the body', async () => {
    const { status, headers, body } = await ask('HEAD', '/api/things/7')
    assert.equal(status, 200)
    assert.equal(headers['content-length'], '6')
    assert.equal(body, '')
  })

  it('HEAD of a body in pieces reads none of them', async () => {
    piecesRead = 0
    assert.equal((await ask('HEAD', '/api/pieces')).status, 200)
    assert.equal(piecesRead, 0)
    assert.equal((await ask('GET', '/api/pieces')).body, 'one two')
  })
})

describe('an answer', () => {
  it('may be given before a route is looked for', async () => {
    for (const path of ['/api/things/7', '/nowhere'])
      assert.equal((await ask('GET', path, { headers: { 'x-evil': '1' } })).status, 421)
  })

  it('is made of what a handler throws', async () => {
    const { status, headers, body } = await ask('GET', '/api/trouble')
    assert.equal(status, 500)
    assert.equal(body, 'Error: the disk is gone')
    assert.equal(headers['x-everywhere'], 'yes')
  })

  it('given in the middle of a body leaves the connection in order', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const body = Buffer.alloc(3_000_000, 'x')
    assert.equal((await ask('POST', '/api/first-piece', { body, agent })).status, 413)
    assert.equal((await ask('POST', '/api/things/7', { body, agent })).status, 405)
    assert.equal((await ask('PUT', '/api/things/7', { agent })).body, 'put 7')
    agent.destroy()
  })
})
