import { answerDone, errorAnswer, jsonAnswer } from './answers.ts'
import type { Entrance } from './entrance.ts'
import { readFields } from './request-fields.ts'
import { type Answer, type Route, type Routed, route } from './router.ts'

/** Day passes: a technician who comes once needs no account. */
export function passRoutes(entrance: Entrance): readonly Route[] {
  const { ports, passes } = entrance
  return [
    route('GET', '/passes', 'administrator', () => jsonAnswer(passes.list())),
    route('POST', '/passes', 'administrator', (asked) => make(entrance, asked)),
    route('DELETE', '/passes/:id', 'administrator', (asked) => {
      const id = asked.parameter('id')
      if (!passes.revoke(id)) return errorAnswer(`there is no day pass ${id}`, 404)
      ports.people.record(asked.caller.who, `day pass ${id}: withdrawn`)
      return answerDone({ kind: 'done' })
    }),
  ]
}

async function make({ ports, passes }: Entrance, asked: Routed<never>): Promise<Answer> {
  const guest = (await readFields(asked)).text('guest').trim()
  const { operator, who } = asked.caller
  if (operator === undefined) return errorAnswer('day passes are made by who signed in with a password', 403)
  if (!/^[^\p{Cc}]{1,64}$/u.test(guest))
    return errorAnswer('say in 1 to 64 characters for whom the day pass is', 422)
  const made = passes.make(operator, guest)
  if (made === undefined) return errorAnswer('too many day passes wait to be used: withdraw some', 409)
  ports.people.record(who, `day pass ${made.id}: made for ${JSON.stringify(guest)}`)
  return jsonAnswer({ kind: 'done', ...made })
}
