import type { Operations } from '../core/operations.ts'
import { answerDone, jsonAnswer } from './answers.ts'
import { readFields, whoOf } from './request-fields.ts'
import { type Route, route } from './router.ts'

/** Operators, the claim code, and forgetting a person's address. */
export function peopleRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/operators', async () => jsonAnswer(await operations.operators())),
    route('POST', '/operators', async (asked) => {
      const fields = await readFields(asked)
      const [name, role, password] = [fields.text('name'), fields.text('role'), fields.text('password')]
      return answerDone(await operations.addOperator(name, role, password, whoOf(asked)))
    }),
    route('PUT', '/operators/:name/password', async (asked) => {
      const password = (await readFields(asked)).text('password')
      return answerDone(await operations.setOperatorPassword(asked.parameter('name'), password, whoOf(asked)))
    }),
    route('DELETE', '/operators/:name', async (asked) => {
      return answerDone(await operations.removeOperator(asked.parameter('name'), whoOf(asked)))
    }),
    route('GET', '/claim', async () => jsonAnswer(await operations.claim())),
    route('POST', '/forget', async (asked) => {
      const address = (await readFields(asked)).text('address')
      return answerDone(await operations.forget(address, whoOf(asked)))
    }),
  ]
}
