import type { DeviceWish, Operations } from '../core/operations.ts'
import { answerDone, jsonAnswer } from './answers.ts'
import { type Fields, readFields, whoOf } from './request-fields.ts'
import { type Answer, type Asked, type Route, route } from './router.ts'

/** The setup document, its audit, devices and aliases. */
export function setupRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/setup', async () => jsonAnswer({ text: await operations.exportSetup() })),
    route('POST', '/setup', (asked) => apply(asked, operations)),
    route('GET', '/azure-script', async ({ query }) => {
      const isLost = query.get('lost') === 'true'
      return answerDone(
        await operations.azureScript({ upstream: query.get('upstream') ?? undefined, isLost }),
      )
    }),
    route('GET', '/devices', async () => jsonAnswer(await operations.devices())),
    route('POST', '/devices', async (asked) => {
      const wish = deviceWish(await readFields(asked))
      return answerDone(await operations.addDevice(wish, whoOf(asked)))
    }),
    route('DELETE', '/devices/:name', async (asked) => {
      return answerDone(await operations.removeDevice(asked.parameter('name'), whoOf(asked)))
    }),
    route('GET', '/devices/:name/card', async ({ parameter }) => {
      return answerDone(await operations.card(parameter('name')))
    }),
    route('POST', '/devices/:name/rotate', async (asked) => {
      const strong = (await readFields(asked)).flag('strong')
      return answerDone(await operations.rotateDevice(asked.parameter('name'), strong, whoOf(asked)))
    }),
    route('GET', '/aliases', async () => jsonAnswer(await operations.aliases())),
    route('POST', '/aliases', async (asked) => {
      const fields = await readFields(asked)
      return answerDone(await operations.addAlias(fields.text('name'), fields.texts('to'), whoOf(asked)))
    }),
    route('DELETE', '/aliases/:name', async (asked) => {
      return answerDone(await operations.removeAlias(asked.parameter('name'), whoOf(asked)))
    }),
  ]
}

async function apply(asked: Asked, operations: Operations): Promise<Answer> {
  const fields = await readFields(asked)
  const options = { check: fields.flag('check'), who: whoOf(asked) }
  const result = await operations.applySetup(fields.text('text'), options)
  return jsonAnswer(result, result.kind === 'invalid' ? 422 : 200)
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
