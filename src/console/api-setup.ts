import type { DeviceWish, Operations } from '../core/operations.ts'
import { answerDone, errorAnswer, jsonAnswer } from './answers.ts'
import { type Fields, largestBody, readFields } from './request-fields.ts'
import { type Answer, isEnough, isPerson, type Route, type Routed, route } from './router.ts'
import { openingOf, reachOpeningOf, removalOpeningOf } from './widening.ts'

/** The setup document, its audit, devices and aliases. */
export function setupRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/setup', 'administrator', async () => jsonAnswer({ text: await operations.exportSetup() })),
    route('POST', '/setup', 'administrator', (asked) => apply(asked, operations)),
    route('GET', '/azure-script', 'administrator', async ({ query }) => {
      const isLost = query.get('lost') === 'true'
      return answerDone(
        await operations.azureScript({ upstream: query.get('upstream') ?? undefined, isLost }),
      )
    }),
    route('GET', '/devices', 'viewer', async () => jsonAnswer(await operations.devices())),
    route('POST', '/devices', 'technician', async (asked) => {
      const wish = deviceWish(await readFields(asked))
      if (!isEnough(asked.caller.access, 'administrator')) {
        const opening = openingOf(wish) ?? reachOpeningOf(wish.allowedRecipients, await operations.devices())
        if (opening !== undefined) return errorAnswer(`this needs the role administrator: ${opening}`, 403)
      }
      return answerDone(await operations.addDevice(wish, asked.caller.who))
    }),
    route('DELETE', '/devices/:name', 'technician', async (asked) => {
      if (!isEnough(asked.caller.access, 'administrator')) {
        const opening = removalOpeningOf(asked.parameter('name'), await operations.devices())
        if (opening !== undefined) return errorAnswer(`this needs the role administrator: ${opening}`, 403)
      }
      return answerDone(await operations.removeDevice(asked.parameter('name'), asked.caller.who))
    }),
    route('GET', '/devices/:name/card', 'technician', async ({ parameter }) => {
      return answerDone(await operations.card(parameter('name')))
    }),
    route('POST', '/devices/:name/rotate', 'technician', async (asked) => {
      const strong = (await readFields(asked)).flag('strong')
      return answerDone(await operations.rotateDevice(asked.parameter('name'), strong, asked.caller.who))
    }),
    route('GET', '/aliases', 'viewer', async () => jsonAnswer(await operations.aliases())),
    route('POST', '/aliases', 'technician', async (asked) => {
      const fields = await readFields(asked)
      return answerDone(await operations.addAlias(fields.text('name'), fields.texts('to'), asked.caller.who))
    }),
    route('DELETE', '/aliases/:name', 'technician', async (asked) => {
      return answerDone(await operations.removeAlias(asked.parameter('name'), asked.caller.who))
    }),
  ]
}

async function apply(asked: Routed<never>, operations: Operations): Promise<Answer> {
  const fields = await readFields(asked, largestBody)
  const { access, who } = asked.caller
  const options = {
    check: fields.flag('check'),
    who,
    ...(access !== 'box' && { keepsAdministrator: true }),
    ...(!isPerson(asked.caller) && { keepsOperators: true }),
  }
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
