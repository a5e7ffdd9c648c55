import type { AnswerCode } from '../core/answer-code.ts'
import type { EditTrouble } from '../core/edits.ts'
import type { Done } from '../core/operations.ts'
import type { Answer } from './router.ts'

export const textAnswer = (body: string, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=UTF-8' },
  body,
})

export const jsonAnswer = (value: object, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})

/** Of the API: why it did not come to anything; of an edit with what a page needs to know of that. */
export const errorAnswer = (error: string, status: number, trouble?: EditTrouble): Answer =>
  jsonAnswer({ error, ...(trouble && { trouble }) }, status)

/** The same with the word by which pages tell it in other languages. */
export const codedAnswer = (code: AnswerCode, error: string, status: number): Answer =>
  jsonAnswer({ error, code }, status)

/** To a script's token, of what is a way in. `what`: `operators are made`. */
export const tokenRefused = (what: string): Answer =>
  errorAnswer(`${what} by who signed in with a password`, 403)

/** What an operation that may be refused came to: its result, or 409 with the reason, 422 where it is wrong in itself. */
export function answerDone(done: Done): Answer {
  if (done.kind === 'done') return jsonAnswer(done)
  return errorAnswer(done.reason, done.isWrongInput === true ? 422 : 409, done.trouble)
}

export function answerFound(found: object | undefined, what: string): Answer {
  return found ? jsonAnswer(found) : errorAnswer(`there is no ${what}`, 404)
}
