import { type Context, Hono } from 'hono'
import type { DeviceWish, Operations } from '../core/operations.ts'
import { answerDone } from './api-answers.ts'
import { type Fields, nameOf, readFields, readLimit, whoOf } from './request-fields.ts'

/** The setup document, its audit, devices and aliases. */
export function setupRoutes(operations: Operations): Hono {
  return new Hono()
    .get('/setup', async (c) => c.json({ text: await operations.exportSetup() }))
    .post('/setup', (c) => apply(c, operations))
    .get('/audit', async (c) => c.json(await operations.audit(readLimit(c, 100))))
    .get('/devices', async (c) => c.json(await operations.devices()))
    .post('/devices', async (c) => {
      const wish = deviceWish(await readFields(c))
      return answerDone(c, await operations.addDevice(wish, whoOf(c)))
    })
    .delete('/devices/:name', async (c) => {
      return answerDone(c, await operations.removeDevice(nameOf(c, 'name'), whoOf(c)))
    })
    .get('/devices/:name/card', async (c) => answerDone(c, await operations.card(nameOf(c, 'name'))))
    .post('/devices/:name/rotate', async (c) => {
      const strong = (await readFields(c)).flag('strong')
      return answerDone(c, await operations.rotateDevice(nameOf(c, 'name'), strong, whoOf(c)))
    })
    .get('/aliases', async (c) => c.json(await operations.aliases()))
    .post('/aliases', async (c) => {
      const fields = await readFields(c)
      return answerDone(c, await operations.addAlias(fields.text('name'), fields.texts('to'), whoOf(c)))
    })
    .delete('/aliases/:name', async (c) => {
      return answerDone(c, await operations.removeAlias(nameOf(c, 'name'), whoOf(c)))
    })
}

async function apply(c: Context, operations: Operations): Promise<Response> {
  const fields = await readFields(c)
  const options = { check: fields.flag('check'), who: whoOf(c) }
  const result = await operations.applySetup(fields.text('text'), options)
  return c.json(result, result.kind === 'invalid' ? 422 : 200)
}

function deviceWish(fields: Fields): DeviceWish {
  return {
    name: fields.text('name'),
    addresses: fields.texts('addresses'),
    sender: fields.optionalText('sender'),
    owner: fields.optionalText('owner'),
    allowedRecipients: fields.texts('allowedRecipients'),
    strong: fields.flag('strong'),
    passwordless: fields.flag('passwordless'),
  }
}
