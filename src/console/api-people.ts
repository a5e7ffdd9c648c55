import type { Operations } from '../core/operations.ts'
import { answerDone, jsonAnswer, tokenRefused } from './answers.ts'
import { readFields } from './request-fields.ts'
import { type Answer, isPerson, type Route, type Routed, route } from './router.ts'

/** Operators, the claim code, and forgetting a person's address. */
export function peopleRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/operators', 'administrator', async () => jsonAnswer(await operations.operators())),
    route('POST', '/operators', 'administrator', async (asked) => {
      if (!isPerson(asked.caller)) return tokenRefused('operators are made')
      const fields = await readFields(asked)
      const [name, role, password] = [fields.text('name'), fields.text('role'), fields.text('password')]
      return answerDone(await operations.addOperator(name, role, password, asked.caller.who))
    }),
    route('PUT', '/operators/:name/password', 'administrator', async (asked) => {
      if (!isPerson(asked.caller)) return tokenRefused('passwords are made')
      const password = (await readFields(asked)).text('password')
      return answerDone(
        await operations.setOperatorPassword(asked.parameter('name'), password, asked.caller.who),
      )
    }),
    route('DELETE', '/operators/:name', 'administrator', async (asked) => {
      if (!isPerson(asked.caller)) return tokenRefused('operators are removed')
      const { access, who } = asked.caller
      const wish = { keepsAdministrator: access !== 'box' }
      return answerDone(await operations.removeOperator(asked.parameter('name'), who, wish))
    }),
    route('DELETE', '/operators/:name/second-factor', 'administrator', async (asked) => {
      if (!isPerson(asked.caller)) return tokenRefused('second factors are removed')
      return answerDone(await operations.removeSecondFactor(asked.parameter('name'), asked.caller.who))
    }),
    route('GET', '/tokens', 'administrator', async () => jsonAnswer(await operations.tokens())),
    route('POST', '/tokens', 'administrator', (asked) => addToken(operations, asked)),
    route('DELETE', '/tokens/:id', 'administrator', async (asked) => {
      return answerDone(await operations.removeToken(asked.parameter('id'), asked.caller.who))
    }),
    route('GET', '/claim', 'box', async () => jsonAnswer(await operations.claim())),
    route('POST', '/claim/reset', 'box', async (asked) =>
      answerDone(await operations.resetBox(asked.caller.who)),
    ),
    route('POST', '/forget', 'administrator', async (asked) => {
      const address = (await readFields(asked)).text('address')
      return answerDone(await operations.forget(address, asked.caller.who))
    }),
  ]
}

async function addToken(operations: Operations, asked: Routed<never>): Promise<Answer> {
  const { operator: maker, who } = asked.caller
  if (!isPerson(asked.caller)) return tokenRefused('tokens are made')
  const fields = await readFields(asked)
  const [name, role, days] = [fields.text('name'), fields.text('role'), fields.optionalNumber('days')]
  return answerDone(await operations.addToken({ name, role, days, maker }, who))
}
