import type { Enrolled, Enrolment, SecondFactorView } from '../core/console-session.ts'
import { answerDone, codedAnswer, errorAnswer, jsonAnswer } from './answers.ts'
import { cookieOf } from './cookies.ts'
import type { Entrance } from './entrance.ts'
import { tooBusy } from './guesses.ts'
import { callerAt, checkPassword } from './password-check.ts'
import type { Proved } from './ports.ts'
import { readFields } from './request-fields.ts'
import { type Answer, type Route, type Routed, route } from './router.ts'
import { begun, otherPassword, withCookie } from './sign-in.ts'

type Own = (entrance: Entrance, asked: Routed<never>, operator: string) => Answer | Promise<Answer>

/** What operators change of their own: password and second factor. */
export function ownAccountRoutes(entrance: Entrance): readonly Route[] {
  const own = (method: 'GET' | 'POST' | 'PUT', pattern: string, handle: Own): Route =>
    route(method, pattern, 'viewer', (asked) => {
      const { operator } = asked.caller
      if (operator !== undefined) return handle(entrance, asked, operator)
      return errorAnswer('this is for who signed in with a password of their own', 403)
    })
  return [
    own('PUT', '/session/password', changePassword),
    own('GET', '/session/second-factor', ({ ports }, _, operator) => {
      const view: SecondFactorView = {
        isOn: ports.factors.isOn(operator),
        isRequired: isRequired({ ports }, operator),
        recoveryCodesLeft: ports.factors.recoveryCodesLeft(operator),
      }
      return jsonAnswer(view)
    }),
    own('POST', '/session/second-factor', draft),
    own('POST', '/session/second-factor/confirm', confirm),
    own('POST', '/session/second-factor/remove', remove),
  ]
}

const isRequired = ({ ports }: Pick<Entrance, 'ports'>, operator: string): boolean => {
  const role = ports.people.standing(operator)?.role
  return role !== undefined && ports.factors.isRequired(role)
}

/** The new password ends every session of the operator; this browser gets a new one. */
const changePassword: Own = async (entrance, asked, operator) => {
  const fields = await readFields(asked)
  const [old, password] = [fields.text('old'), fields.text('password')]
  const proof = await provePassword(entrance, asked, operator, old)
  if (proof.kind === 'not') return proof.answer
  const { turns, ports, guesses } = entrance
  const done = await turns.take(callerAt(asked.from, guesses, asked.from), () =>
    ports.people.setPassword(proof.proved, password, asked.caller.who),
  )
  if (done === undefined) return tooBusy()
  if (done.kind === 'refused') return answerDone(done)
  const { standing, cookie } = begun(entrance, asked, operator)
  return withCookie(standing, cookie)
}

type PasswordProof =
  | { readonly kind: 'proved'; readonly proved: Proved }
  | { readonly kind: 'not'; readonly answer: Answer }

/** Who sits down at a browser that somebody left open must not take the account over. */
async function provePassword(
  entrance: Entrance,
  asked: Routed<never>,
  operator: string,
  password: string,
): Promise<PasswordProof> {
  const check = await checkPassword(entrance, asked, operator, password)
  switch (check.kind) {
    case 'put-off':
      return { kind: 'not', answer: check.answer }
    case 'wrong':
      return {
        kind: 'not',
        answer: codedAnswer('wrong-present-password', 'this is not your present password', 403),
      }
    case 'right': {
      const { proved } = check
      return entrance.stands(proved) ? { kind: 'proved', proved } : { kind: 'not', answer: otherPassword() }
    }
  }
}

const draft: Own = async (entrance, asked, operator) => {
  const password = (await readFields(asked)).text('password')
  const proof = await provePassword(entrance, asked, operator, password)
  if (proof.kind === 'not') return proof.answer
  const made = entrance.ports.factors.draft(operator)
  entrance.drafts.set(operator, { ...proof.proved, draft: made })
  const { secret, uri } = made
  const enrolment: Enrolment = { secret, uri }
  return jsonAnswer(enrolment)
}

/** In the place of the one there was. */
const confirm: Own = async (entrance, asked, operator) => {
  const code = (await readFields(asked)).text('code')
  const shown = entrance.drafts.try(operator)
  if (shown === undefined || !entrance.stands(shown))
    return errorAnswer('this took too long, or too many tries: begin again', 409)
  const done = entrance.ports.factors.confirm(shown.draft, code, asked.caller.who)
  if (done.kind === 'refused') return errorAnswer(done.sentence, 403)
  entrance.drafts.spend(operator)
  const { standing, cookie } = begun(entrance, asked, operator)
  const enrolled: Enrolled = { kind: 'enrolled', recoveryCodes: done.recoveryCodes, standing }
  return withCookie(enrolled, cookie)
}

const remove: Own = async (entrance, asked, operator) => {
  const password = (await readFields(asked)).text('password')
  if (isRequired(entrance, operator))
    return errorAnswer('a second factor is a must here: set up a new one in its place', 409)
  const proof = await provePassword(entrance, asked, operator, password)
  if (proof.kind === 'not') return proof.answer
  if (!entrance.ports.factors.remove(operator, asked.caller.who))
    return errorAnswer('there is no second factor', 409)
  entrance.sessions.keep(cookieOf(asked) ?? '')
  return jsonAnswer({ kind: 'done' })
}
