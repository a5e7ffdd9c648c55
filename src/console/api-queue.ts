import type { Operations } from '../core/operations.ts'
import { answerDone, answerFound, errorAnswer, jsonAnswer } from './answers.ts'
import { readFields, readLimit, whoOf } from './request-fields.ts'
import { type Answer, type Route, route } from './router.ts'

const actions = ['retry', 'hold', 'release', 'drop'] as const

/** Status, queue, messages, ways out, sessions. */
export function queueRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/status', async () => jsonAnswer(await operations.status())),
    route('GET', '/queue', async (asked) => {
      const all = asked.query.get('all') === 'true'
      return jsonAnswer(await operations.queue({ all, limit: readLimit(asked, 100) }))
    }),
    route('POST', '/queue/actions', async (asked) => {
      const fields = await readFields(asked)
      const action = fields.oneOf('action', actions)
      return answerDone(await operations.act(action, fields.text('selector'), whoOf(asked)))
    }),
    route('GET', '/messages/:id', async ({ parameter }) => {
      const id = parameter('id')
      return answerFound(await operations.message(id), `message ${id}`)
    }),
    route('GET', '/messages/:id/content', (asked) =>
      content(asked.parameter('id'), whoOf(asked), operations),
    ),
    route('POST', '/upstreams/:name/pause', async (asked) => {
      return answerDone(await operations.pause(asked.parameter('name'), whoOf(asked)))
    }),
    route('POST', '/upstreams/:name/resume', async (asked) => {
      return answerDone(await operations.resume(asked.parameter('name'), whoOf(asked)))
    }),
    route('GET', '/upstreams/:name/certificate', async ({ parameter }) => {
      return answerDone(await operations.certificate(parameter('name')))
    }),
    route('GET', '/upstreams/:name/certificate-request', async ({ parameter }) => {
      return answerDone(await operations.certificateRequest(parameter('name')))
    }),
    ...certificateRoutes(operations),
    route('POST', '/test-messages', async (asked) => {
      const fields = await readFields(asked)
      return answerDone(await operations.sendTest(fields.text('device'), fields.text('to')))
    }),
    route('POST', '/doctor', async () => jsonAnswer(await operations.doctor())),
    route('POST', '/upstreams/:name/test-messages', async (asked) => {
      const fields = await readFields(asked)
      return answerDone(await operations.sendThrough(asked.parameter('name'), fields.text('to')))
    }),
    route('GET', '/sessions', async (asked) => jsonAnswer(await operations.sessions(readLimit(asked, 50)))),
    route('GET', '/sessions/:id', async ({ parameter }) => {
      const id = parameter('id')
      return answerFound(await operations.session(id), `session ${id}`)
    }),
  ]
}

/** What may be wished of the certificate by which a service knows this box. */
const certificateRoutes = (operations: Operations): readonly Route[] => [
  route('POST', '/upstreams/:name/certificate/replace-secret', async (asked) => {
    return answerDone(await operations.replaceSecret(asked.parameter('name'), whoOf(asked)))
  }),
  route('POST', '/upstreams/:name/certificate/renew', async (asked) => {
    return answerDone(await operations.renewCertificate(asked.parameter('name'), whoOf(asked)))
  }),
  route('DELETE', '/upstreams/:name/certificate/next', async (asked) => {
    return answerDone(await operations.cancelCertificate(asked.parameter('name'), whoOf(asked)))
  }),
]

async function content(id: string, who: string, operations: Operations): Promise<Answer> {
  const body = await operations.content(id, who)
  if (!body) return errorAnswer(`the content of ${id} is not there`, 404)
  return { status: 200, headers: { 'content-type': 'message/rfc822' }, body }
}
