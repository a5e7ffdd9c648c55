import assert from 'node:assert/strict'
import { request } from 'node:http'
import { describe, it } from 'node:test'
import { textAnswer } from './answers.ts'
import { httpServer, openServer } from './http-server.ts'
import { type Asked, route, type Site } from './router.ts'

const pieceEveryMs = 60
const timeoutMs = 150

async function lengthOf({ body }: Asked): Promise<string> {
  let length = 0
  for await (const piece of body) length += piece.length
  return `${length}`
}

const site: Site = {
  routes: [
    route('POST', '/quick', 'everybody', async (asked) => textAnswer(await lengthOf(asked))),
    route('POST', '/long', 'everybody', async (asked) => {
      asked.takeTime()
      return textAnswer(await lengthOf(asked))
    }),
  ],
  admit: () => ({ kind: 'admitted', caller: { access: 'everybody', who: 'a test' } }),
  notFound: () => textAnswer('', 404),
  notAllowed: () => textAnswer('', 405),
  failed: (error) => textAnswer(String(error), 500),
}

/** Sends ten octets one by one, or stops after some; what came of it. */
async function drip(path: string, octets = 10): Promise<string> {
  const opening = await openServer(httpServer(site, { bodyWithinMs: timeoutMs }), {
    host: '127.0.0.1',
    port: 0,
  })
  if (opening.kind === 'refused') throw new Error(opening.reason)
  await using server = opening
  return await new Promise((resolve) => {
    const outgoing = request({ host: '127.0.0.1', port: server.port, path, method: 'POST', agent: false })
    outgoing.on('error', () => resolve('cut off'))
    outgoing.on('response', (incoming) => incoming.on('data', (text) => resolve(String(text))))
    let sent = 0
    const timer = setInterval(() => {
      if (sent < octets) outgoing.write('x')
      else if (octets === 10) outgoing.end()
      else return
      sent += 1
      if (sent > 10) clearInterval(timer)
    }, pieceEveryMs)
    outgoing.on('close', () => clearInterval(timer))
  })
}

describe('a body that arrives slowly', () => {
  it('is cut off after a while', async () => assert.equal(await drip('/quick'), 'cut off'))
  it('may take its time where the route says so', async () => assert.equal(await drip('/long'), '10'))
  it('is cut off there too when nothing comes any more', async () =>
    assert.equal(await drip('/long', 3), 'cut off'))
})
