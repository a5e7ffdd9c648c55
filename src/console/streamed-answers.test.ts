import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { describe, it } from 'node:test'
import { textAnswer } from './answers.ts'
import { httpServer, type OpenServer, openServer } from './http-server.ts'
import { type Answer, type Method, route, type Site } from './router.ts'

/** Pieces that never end, and whether whoever made them was told that nobody wants more. */
function source(first: Promise<void>) {
  const ended = Promise.withResolvers<void>()
  const iterator = {
    async next(): Promise<IteratorResult<Uint8Array>> {
      await first
      return { done: false, value: Buffer.from('a piece') }
    },
    async return(): Promise<IteratorResult<Uint8Array>> {
      ended.resolve()
      return { done: true, value: undefined }
    },
  }
  return { pieces: { [Symbol.asyncIterator]: () => iterator }, ended: ended.promise }
}

const octets = { 'content-type': 'application/octet-stream' }

async function serving(
  handle: () => Answer | Promise<Answer>,
  onGone: () => void = () => {},
): Promise<OpenServer> {
  const site: Site = {
    routes: [route('GET', '/', 'everybody', handle)],
    admit: () => ({ kind: 'admitted', caller: { access: 'everybody', who: 'a test' } }),
    notFound: () => textAnswer('', 404),
    notAllowed: () => textAnswer('', 405),
    failed: (error) => textAnswer(String(error), 500),
  }
  const server = httpServer(site)
  server.on('connection', (socket) => socket.once('close', onGone))
  const opening = await openServer(server, { host: '127.0.0.1', port: 0 })
  return opening.kind === 'open' ? opening : assert.fail(opening.reason)
}

function asking({ port }: OpenServer, method: Method | 'HEAD' = 'GET') {
  const outgoing = request({ host: '127.0.0.1', port, method, agent: false })
  outgoing.on('error', () => {})
  outgoing.end()
  return outgoing
}

const never = new Promise<void>(() => {})

describe('what makes a streamed answer', { timeout: 30_000 }, () => {
  it('is told when its reader leaves in the middle', async () => {
    const { pieces, ended } = source(Promise.resolve())
    await using server = await serving(() => ({ status: 200, headers: octets, body: pieces }))
    const outgoing = asking(server)
    const [incoming] = await once(outgoing, 'response')
    await once(incoming, 'data')
    outgoing.destroy()
    await ended
  })

  it('is told when its reader leaves before the first piece', async () => {
    const { pieces, ended } = source(never)
    await using server = await serving(() => ({ status: 200, headers: octets, body: pieces }))
    const outgoing = asking(server)
    await once(outgoing, 'response')
    outgoing.destroy()
    await ended
  })

  it('is told when its reader left while the answer was made', async () => {
    const { pieces, ended } = source(never)
    const [asked, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await using server = await serving(async () => {
      asked.resolve()
      await gone.promise
      return { status: 200, headers: octets, body: pieces }
    }, gone.resolve)
    const outgoing = asking(server)
    await asked.promise
    outgoing.destroy()
    await ended
  })

  it('cuts the connection off where it fails, since nothing else can be said any more', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a piece')
      throw new Error('the disk is gone')
    }
    await using server = await serving(() => ({ status: 200, headers: octets, body: failing() }))
    const [incoming] = await once(asking(server), 'response')
    await assert.rejects(incoming.toArray(), /aborted/)
  })

  it('is not asked for a piece where only the head is wanted', async () => {
    let isAsked = false
    const pieces = {
      [Symbol.asyncIterator]() {
        isAsked = true
        return source(never).pieces[Symbol.asyncIterator]()
      },
    }
    await using server = await serving(() => ({ status: 200, headers: octets, body: pieces }))
    const [incoming] = await once(asking(server, 'HEAD'), 'response')
    await incoming.toArray()
    assert.equal(isAsked, false)
  })
})
