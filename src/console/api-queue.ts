import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type Context, Hono } from 'hono'
import type { Operations } from '../core/operations.ts'
import { answerDone, answerFound } from './api-answers.ts'
import { nameOf, readFields, readLimit } from './request-fields.ts'

const actions = ['retry', 'hold', 'release', 'drop'] as const

/** Status, queue, messages, ways out, sessions. */
export function queueRoutes(operations: Operations): Hono<{ Bindings: HttpBindings }> {
  return new Hono<{ Bindings: HttpBindings }>()
    .get('/status', async (c) => c.json(await operations.status()))
    .get('/queue', async (c) => {
      const all = c.req.query('all') === 'true'
      return c.json(await operations.queue({ all, limit: readLimit(c, 100) }))
    })
    .post('/queue/actions', async (c) => {
      const fields = await readFields(c)
      return answerDone(c, await operations.act(fields.oneOf('action', actions), fields.text('selector')))
    })
    .get('/messages/:id', async (c) => {
      const id = nameOf(c, 'id')
      return answerFound(c, await operations.message(id), `message ${id}`)
    })
    .get('/messages/:id/content', (c) => content(c, operations))
    .post('/upstreams/:name/pause', async (c) => answerDone(c, await operations.pause(nameOf(c, 'name'))))
    .post('/upstreams/:name/resume', async (c) => answerDone(c, await operations.resume(nameOf(c, 'name'))))
    .get('/upstreams/:name/certificate', async (c) => {
      return answerDone(c, await operations.certificate(nameOf(c, 'name')))
    })
    .post('/test-messages', async (c) => {
      const fields = await readFields(c)
      return answerDone(c, await operations.sendTest(fields.text('device'), fields.text('to')))
    })
    .get('/sessions', async (c) => c.json(await operations.sessions(readLimit(c, 50))))
    .get('/sessions/:id', async (c) => {
      const id = nameOf(c, 'id')
      return answerFound(c, await operations.session(id), `session ${id}`)
    })
}

type ApiContext = Context<{ Bindings: HttpBindings }>

/**
 * Piece by piece with back-pressure, onto the raw answer: a content that breaks in the middle breaks the connection. (The
 * adapter would end it with the error's text as if it were mail.)
 */
async function content(c: ApiContext, operations: Operations): Promise<Response> {
  const id = nameOf(c, 'id')
  const octets = await operations.content(id)
  if (!octets) return c.json({ error: `the content of ${id} is not there` }, 404)
  const { outgoing } = c.env
  outgoing.writeHead(200, { 'content-type': 'message/rfc822' })
  outgoing.flushHeaders()
  // On trouble the pipeline destroys the connection itself, which is all that can still be said.
  await pipeline(Readable.from(octets), outgoing).catch(() => {})
  return RESPONSE_ALREADY_SENT
}
