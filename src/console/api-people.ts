import { Hono } from 'hono'
import type { Operations } from '../core/operations.ts'
import { answerDone } from './api-answers.ts'
import { nameOf, readFields, whoOf } from './request-fields.ts'

/** Operators, the claim code, and forgetting a person's address. */
export function peopleRoutes(operations: Operations): Hono {
  return new Hono()
    .get('/operators', async (c) => c.json(await operations.operators()))
    .post('/operators', async (c) => {
      const fields = await readFields(c)
      const [name, role, password] = [fields.text('name'), fields.text('role'), fields.text('password')]
      return answerDone(c, await operations.addOperator(name, role, password, whoOf(c)))
    })
    .put('/operators/:name/password', async (c) => {
      const password = (await readFields(c)).text('password')
      return answerDone(c, await operations.setOperatorPassword(nameOf(c, 'name'), password, whoOf(c)))
    })
    .delete('/operators/:name', async (c) => {
      return answerDone(c, await operations.removeOperator(nameOf(c, 'name'), whoOf(c)))
    })
    .get('/claim', async (c) => c.json(await operations.claim()))
    .post('/forget', async (c) => {
      const address = (await readFields(c)).text('address')
      return answerDone(c, await operations.forget(address, whoOf(c)))
    })
}
