import type { Operations } from '../core/operations.ts'
import { answerDone, answerFound, errorAnswer, jsonAnswer } from './answers.ts'
import { readFields, readLimit } from './request-fields.ts'
import { type Answer, type Route, route } from './router.ts'

const actions = ['retry', 'hold', 'release', 'drop'] as const

/** Status, queue, messages, ways out, sessions. */
export function queueRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/status', 'viewer', async () => jsonAnswer(await operations.status())),
    route('GET', '/queue', 'viewer', async (asked) => {
      const all = asked.query.get('all') === 'true'
      return jsonAnswer(await operations.queue({ all, limit: readLimit(asked, 100) }))
    }),
    route('POST', '/queue/actions', 'technician', async (asked) => {
      const fields = await readFields(asked)
      const action = fields.oneOf('action', actions)
      const [selector, { who }] = [fields.text('selector'), asked.caller]
      // However it is asked for, a drop can be undone.
      const done = action === 'drop' ? operations.drop(selector, who) : operations.act(action, selector, who)
      return answerDone(await done)
    }),
    route('GET', '/messages/:id', 'viewer', async ({ parameter }) => {
      const id = parameter('id')
      return answerFound(await operations.message(id), `message ${id}`)
    }),
    route('GET', '/messages/:id/content', 'administrator', (asked) =>
      content(asked.parameter('id'), operations, asked.caller.who),
    ),
    route('POST', '/upstreams/:name/pause', 'administrator', async (asked) => {
      return answerDone(await operations.pause(asked.parameter('name'), asked.caller.who))
    }),
    route('POST', '/upstreams/:name/resume', 'administrator', async (asked) => {
      return answerDone(await operations.resume(asked.parameter('name'), asked.caller.who))
    }),
    route('GET', '/upstreams/:name/certificate', 'viewer', async ({ parameter }) => {
      return answerDone(await operations.certificate(parameter('name')))
    }),
    route('GET', '/upstreams/:name/certificate-request', 'administrator', async ({ parameter }) => {
      return answerDone(await operations.certificateRequest(parameter('name')))
    }),
    ...certificateRoutes(operations),
    route('POST', '/test-messages', 'technician', async (asked) => {
      const fields = await readFields(asked)
      return answerDone(await operations.sendTest(fields.text('device'), fields.text('to')))
    }),
    route('POST', '/doctor', 'technician', async () => jsonAnswer(await operations.doctor())),
    route('POST', '/upstreams/:name/test-messages', 'technician', async (asked) => {
      const fields = await readFields(asked)
      return answerDone(await operations.sendThrough(asked.parameter('name'), fields.text('to')))
    }),
    route('GET', '/sessions', 'viewer', async (asked) =>
      jsonAnswer(await operations.sessions(readLimit(asked, 50))),
    ),
    route('GET', '/sessions/:id', 'viewer', async ({ parameter }) => {
      const id = parameter('id')
      return answerFound(await operations.session(id), `session ${id}`)
    }),
  ]
}

/** What may be wished of the certificate by which a service knows this box. */
const certificateRoutes = (operations: Operations): readonly Route[] => [
  route('POST', '/upstreams/:name/certificate/replace-secret', 'administrator', async (asked) => {
    return answerDone(await operations.replaceSecret(asked.parameter('name'), asked.caller.who))
  }),
  route('POST', '/upstreams/:name/certificate/renew', 'administrator', async (asked) => {
    return answerDone(await operations.renewCertificate(asked.parameter('name'), asked.caller.who))
  }),
  route('DELETE', '/upstreams/:name/certificate/next', 'administrator', async (asked) => {
    return answerDone(await operations.cancelCertificate(asked.parameter('name'), asked.caller.who))
  }),
]

/** Never shown in a window: a mail is whatever a device sent. */
const asFile = (name: string): Readonly<Record<string, string>> => ({
  'content-disposition': `attachment; filename="${name.replace(/[^\w.-]/g, '-')}"`,
})

async function content(id: string, operations: Operations, who: string): Promise<Answer> {
  const body = await operations.content(id, who)
  if (!body) return errorAnswer(`the content of ${id} is not there`, 404)
  return { status: 200, headers: { 'content-type': 'message/rfc822', ...asFile(`${id}.eml`) }, body }
}
