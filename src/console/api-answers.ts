import type { Context } from 'hono'
import type { Done } from '../core/operations.ts'

/** What an operation that may be refused came to: its result, or 409 with the reason. */
export function answerDone(c: Context, done: Done): Response {
  return done.kind === 'done' ? c.json(done) : c.json({ error: done.reason }, 409)
}

export function answerFound(c: Context, found: object | undefined, what: string): Response {
  return found ? c.json(found) : c.json({ error: `there is no ${what}` }, 404)
}
