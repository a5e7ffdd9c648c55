import type { Enrolled, SignInAnswer, Standing } from '../core/console-session.ts'
import { answerDone, codedAnswer, errorAnswer, jsonAnswer } from './answers.ts'
import { clearCookie, cookieOf, setCookie, withBrowserMark } from './cookies.ts'
import type { Entrance, HalfWay } from './entrance.ts'
import { tooBusy, tooManyGuesses } from './guesses.ts'
import { callerAt, checkPassword } from './password-check.ts'
import type { FactorDraft, Proved } from './ports.ts'
import { readFields } from './request-fields.ts'
import { type Answer, type AnswerHeaders, type Asked, type Route, route } from './router.ts'

/** Claiming a box, signing in and out. */
export function signInRoutes(entrance: Entrance): readonly Route[] {
  return [
    route('GET', '/session', 'everybody', (asked) => {
      return jsonAnswer(standingOf(entrance, cookieOf(asked)))
    }),
    route('POST', '/claim', 'everybody', (asked) => claim(entrance, asked)),
    route('POST', '/session', 'everybody', (asked) => signIn(entrance, asked)),
    route('POST', '/session/code', 'everybody', (asked) => goOnWithCode(entrance, asked)),
    route('POST', '/session/enrol', 'everybody', (asked) => goOnEnrolling(entrance, asked)),
    route('POST', '/session/pass', 'everybody', (asked) => usePass(entrance, asked)),
    route('DELETE', '/session', 'everybody', (asked) => {
      endPresent(entrance, asked)
      const answer = jsonAnswer({ kind: 'done' })
      return { ...answer, headers: { ...answer.headers, ...clearCookie(asked) } }
    }),
  ]
}

async function claim(entrance: Entrance, asked: Asked): Promise<Answer> {
  const { ports, guesses, turns } = entrance
  const fields = await readFields(asked)
  const [code, name, password] = [fields.text('code'), fields.text('name'), fields.text('password')]
  if (!guesses.mayTry(asked.from, claimCode, false)) return tooManyGuesses()
  const caller = callerAt(asked.from, guesses, undefined)
  const done = await turns.take(caller, () => ports.people.claim({ code, name, password }, asked.from))
  if (done === undefined) return tooBusy()
  if (done.kind === 'wrong-code') {
    guesses.fail(asked.from, claimCode)
    return codedAnswer('wrong-claim-code', 'the claim code is another one', 422)
  }
  if (done.kind !== 'done') return answerDone(done)
  return enter(entrance, asked, { operator: name, mark: ports.people.standing(name)?.mark ?? '' })
}

/** Counted like a name; no operator's name has a control character. */
const claimCode = '\u0000claim'

async function signIn(entrance: Entrance, asked: Asked): Promise<Answer> {
  const fields = await readFields(asked)
  const check = await checkPassword(entrance, asked, fields.text('name'), fields.text('password'))
  switch (check.kind) {
    case 'put-off':
      return check.answer
    case 'wrong':
      return codedAnswer('wrong-password', 'name or password is wrong', 403)
    case 'right':
      return enter(entrance, asked, check.proved)
  }
}

/** The password was right: in, or on to the second factor. */
function enter(entrance: Entrance, asked: Asked, proved: Proved): Answer {
  if (!entrance.stands(proved)) return otherPassword()
  const { operator } = proved
  const { ports, halfWay } = entrance
  const about = ports.aboutBox()
  if (ports.factors.isOn(operator)) return told({ kind: 'code-wanted', about, ticket: halfWay.issue(proved) })
  const role = ports.people.standing(operator)?.role
  if (role === undefined || !ports.factors.isRequired(role)) return welcome(entrance, asked, operator)
  const draft = ports.factors.draft(operator)
  const { secret, uri } = draft
  const ticket = halfWay.issue({ ...proved, draft })
  return told({ kind: 'enrolment-wanted', about, ticket, enrolment: { secret, uri } })
}

/** Of one that was right when it was looked at. */
export const otherPassword = (): Answer =>
  errorAnswer('the password was changed meanwhile: sign in with the new one', 403)

const told = (answer: SignInAnswer): Answer => jsonAnswer(answer)

async function goOnWithCode(entrance: Entrance, asked: Asked): Promise<Answer> {
  const fields = await readFields(asked)
  const [ticket, code] = [fields.text('ticket'), fields.text('code')]
  const half = stillHalfWay(entrance, ticket)
  if (half === undefined || half.draft !== undefined) return startAgain()
  const trouble = codeTrouble(entrance, asked, half, code)
  if (trouble !== undefined) return trouble
  entrance.halfWay.spend(ticket)
  return welcome(entrance, asked, half.operator)
}

/** Undefined also where the operator is gone, or has another password by now. */
function stillHalfWay(entrance: Entrance, ticket: string): HalfWay | undefined {
  const half = entrance.halfWay.try(ticket)
  return half !== undefined && entrance.stands(half) ? half : undefined
}

function codeTrouble(
  { ports, guesses }: Entrance,
  { from }: Asked,
  { operator }: HalfWay,
  code: string,
): Answer | undefined {
  if (!guesses.mayTryCode(operator)) return tooManyGuesses()
  const check = ports.factors.check(operator, code, `${operator} at the console, ${from}`)
  switch (check.kind) {
    case 'right':
      guesses.succeedCode(operator)
      return undefined
    case 'blind':
      return errorAnswer(check.sentence, 409)
    case 'wrong':
      guesses.failCode(operator)
      ports.log.write('warn', 'console-code-refused', { from })
      return codedAnswer('wrong-code', 'this code is wrong, or was used already', 403)
  }
}

async function goOnEnrolling(entrance: Entrance, asked: Asked): Promise<Answer> {
  const fields = await readFields(asked)
  const [ticket, code] = [fields.text('ticket'), fields.text('code')]
  const half = stillHalfWay(entrance, ticket)
  if (half?.draft === undefined) return startAgain()
  const done = confirmDraft(entrance, asked, half.draft, code)
  if (done.kind === 'refused') return errorAnswer(done.sentence, 403)
  entrance.halfWay.spend(ticket)
  const { standing, cookie } = begun(entrance, asked, half.operator)
  const enrolled: Enrolled = { kind: 'enrolled', recoveryCodes: done.recoveryCodes, standing }
  return withCookie(enrolled, cookie)
}

/** Somebody else may have turned one on with the same password meanwhile: that one stays. */
function confirmDraft({ ports }: Entrance, { from }: Asked, draft: FactorDraft, code: string) {
  const sentence = 'a second factor was turned on meanwhile: sign in again'
  if (ports.factors.isOn(draft.operator)) return { kind: 'refused', sentence } as const
  return ports.factors.confirm(draft, code, `${draft.operator} at the console, ${from}`)
}

const startAgain = (): Answer =>
  codedAnswer('begin-again', 'this took too long, or too many tries: begin again with name and password', 403)

async function usePass(entrance: Entrance, asked: Asked): Promise<Answer> {
  const token = (await readFields(asked)).text('token')
  const redeemed = entrance.passes.redeem(token, asked.from)
  if (redeemed === undefined)
    return codedAnswer(
      'pass-over',
      'this link was used already, is too old, or was withdrawn: ask for another one',
      403,
    )
  const { session, pass } = redeemed
  endPresent(entrance, asked)
  const who = `${pass.guest} (day pass of ${pass.maker}) at the console, ${asked.from}`
  entrance.ports.people.record(who, 'signed in by a day pass')
  const standing = standingOf(entrance, session)
  return withCookie(standing, cookieFor(asked, standing, session))
}

function welcome(entrance: Entrance, asked: Asked, operator: string): Answer {
  const { standing, cookie } = begun(entrance, asked, operator)
  return withCookie(standing, cookie)
}

/** A new session under a new token; what this browser had before ends. It is a known one from now on. */
export function begun(
  entrance: Entrance,
  asked: Asked,
  operator: string,
): { readonly standing: Standing; readonly cookie: AnswerHeaders } {
  endPresent(entrance, asked)
  const token = entrance.sessions.begin(operator, asked.from)
  entrance.ports.people.record(`${operator} at the console, ${asked.from}`, 'signed in')
  const standing = standingOf(entrance, token)
  const mark = entrance.browsers.mark(operator)
  return { standing, cookie: withBrowserMark(cookieFor(asked, standing, token), asked, mark) }
}

function endPresent({ sessions }: Entrance, asked: Asked): void {
  const token = cookieOf(asked)
  if (token !== undefined) sessions.end(token)
}

const cookieFor = (asked: Asked, standing: Standing, token: string) =>
  setCookie(asked, token, standing.kind === 'signed-in' ? standing.me.leftMs : 0)

export function withCookie(value: object, cookie: AnswerHeaders): Answer {
  const answer = jsonAnswer(value)
  return { ...answer, headers: { ...answer.headers, ...cookie } }
}

function standingOf({ ports, sessions }: Entrance, token: string | undefined): Standing {
  const about = ports.aboutBox()
  const session = token === undefined ? undefined : sessions.look(token)
  if (session === undefined) return { kind: ports.people.isClaimed() ? 'signed-out' : 'unclaimed', about }
  const { operator, guest, role, proof, leftMs } = session
  const isGuest = guest !== undefined
  return { kind: 'signed-in', about, me: { name: guest ?? operator, role, proof, leftMs, isGuest } }
}
