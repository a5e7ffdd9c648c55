import { type Context, Hono } from 'hono'
import type { Operations } from '../core/operations.ts'
import { answerDone, answerFound } from './api-answers.ts'
import { nameOf, readFields, readLimit } from './request-fields.ts'

const actions = ['retry', 'hold', 'release', 'drop'] as const

/** Status, queue, messages, ways out, sessions. */
export function queueRoutes(operations: Operations): Hono {
  return new Hono()
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

/** Piece by piece with back-pressure; a content that breaks in the middle breaks the connection, never ends it quietly. */
async function content(c: Context, operations: Operations): Promise<Response> {
  const id = nameOf(c, 'id')
  const octets = await operations.content(id)
  if (!octets) return c.json({ error: `the content of ${id} is not there` }, 404)
  return c.body(ReadableStream.from(octets), 200, { 'content-type': 'message/rfc822' })
}
