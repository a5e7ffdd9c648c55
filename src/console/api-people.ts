import type { Operations } from '../core/operations.ts'
import { answerDone, jsonAnswer } from './answers.ts'
import { readFields } from './request-fields.ts'
import { type Route, route } from './router.ts'

/** Operators, the claim code, and forgetting a person's address. */
export function peopleRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/operators', 'administrator', async () => jsonAnswer(await operations.operators())),
    route('POST', '/operators', 'administrator', async (asked) => {
      const fields = await readFields(asked)
      const [name, role, password] = [fields.text('name'), fields.text('role'), fields.text('password')]
      return answerDone(await operations.addOperator(name, role, password, asked.caller.who))
    }),
    route('PUT', '/operators/:name/password', 'administrator', async (asked) => {
      const password = (await readFields(asked)).text('password')
      return answerDone(
        await operations.setOperatorPassword(asked.parameter('name'), password, asked.caller.who),
      )
    }),
    route('DELETE', '/operators/:name', 'administrator', async (asked) => {
      return answerDone(await operations.removeOperator(asked.parameter('name'), asked.caller.who))
    }),
    route('GET', '/claim', 'box', async () => jsonAnswer(await operations.claim())),
    route('POST', '/forget', 'administrator', async (asked) => {
      const address = (await readFields(asked)).text('address')
      return answerDone(await operations.forget(address, asked.caller.who))
    }),
  ]
}
