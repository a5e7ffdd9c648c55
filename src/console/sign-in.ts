import type { Standing } from '../core/console-session.ts'
import { answerDone, errorAnswer, jsonAnswer } from './answers.ts'
import { clearCookie, cookieOf, setCookie } from './cookies.ts'
import type { ConsolePorts } from './ports.ts'
import { readFields } from './request-fields.ts'
import { type Answer, type Asked, type Route, route } from './router.ts'
import type { Sessions } from './sessions.ts'

type Ports = Pick<ConsolePorts, 'people' | 'aboutBox'>

/** Claiming a box, signing in and out. */
export function signInRoutes(ports: Ports, sessions: Sessions): readonly Route[] {
  const begin = async (operator: string, asked: Asked): Promise<Answer> => {
    const token = sessions.begin(operator, asked.from)
    const standing = await standingOf(asked, ports, sessions, token)
    const leftMs = standing.kind === 'signed-in' ? standing.me.leftMs : 0
    const answer = jsonAnswer(standing)
    return { ...answer, headers: { ...answer.headers, ...setCookie(asked, token, leftMs) } }
  }
  return [
    route('GET', '/session', 'everybody', async (asked) => {
      return jsonAnswer(await standingOf(asked, ports, sessions, cookieOf(asked)))
    }),
    route('POST', '/claim', 'everybody', async (asked) => {
      const fields = await readFields(asked)
      const [code, name, password] = [fields.text('code'), fields.text('name'), fields.text('password')]
      const done = await ports.people.claim({ code, name, password }, asked.from)
      return done.kind === 'done' ? begin(name, asked) : answerDone(done)
    }),
    route('POST', '/session', 'everybody', async (asked) => {
      const fields = await readFields(asked)
      const found = await ports.people.verify(fields.text('name'), fields.text('password'))
      if (found.kind === 'wrong') return errorAnswer('name or password is wrong', 403)
      return begin(found.name, asked)
    }),
    route('DELETE', '/session', 'everybody', async (asked) => {
      const token = cookieOf(asked)
      if (token !== undefined) sessions.end(token)
      const answer = jsonAnswer({ kind: 'done' })
      return { ...answer, headers: { ...answer.headers, ...clearCookie(asked) } }
    }),
  ]
}

async function standingOf(
  _asked: Asked,
  { people, aboutBox }: Ports,
  sessions: Sessions,
  token: string | undefined,
): Promise<Standing> {
  const about = aboutBox()
  const session = token === undefined ? undefined : sessions.find(token)
  if (session === undefined) return { kind: people.isClaimed() ? 'signed-out' : 'unclaimed', about }
  const { operator, role, proof, leftMs } = session
  return { kind: 'signed-in', about, me: { name: operator, role, proof, leftMs, isGuest: false } }
}
