import type { AdoptionWish, Operations } from '../core/operations.ts'
import { answerDone, jsonAnswer } from './answers.ts'
import { type Fields, readFields, whoOf } from './request-fields.ts'
import { type Route, route } from './router.ts'

/** What the box learned of devices, known and unknown, and the window that lets unknown ones in. */
export function learningRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/devices/:name', async ({ parameter }) => {
      return answerDone(await operations.device(parameter('name')))
    }),
    route('GET', '/devices/:name/whereabouts', async ({ parameter }) => {
      return answerDone(await operations.findDevice(parameter('name')))
    }),
    route('GET', '/sightings', async () => jsonAnswer(await operations.sightings())),
    route('POST', '/sightings/adopt', async (asked) => {
      return answerDone(await operations.adopt(adoptionWish(await readFields(asked)), whoOf(asked)))
    }),
    route('GET', '/takeover', async () => jsonAnswer(await operations.takeOver())),
    route('POST', '/takeover', async (asked) => {
      const fields = await readFields(asked)
      const [subnet, forMs] = [fields.text('subnet'), fields.number('forMs')]
      return answerDone(await operations.openTakeOver(subnet, forMs, whoOf(asked)))
    }),
    route('DELETE', '/takeover', async (asked) => answerDone(await operations.closeTakeOver(whoOf(asked)))),
  ]
}

const adoptionWish = (fields: Fields): AdoptionWish => ({
  address: fields.text('address'),
  name: fields.optionalText('name'),
  pinMac: fields.flag('pinMac'),
  passwordless: fields.flag('passwordless'),
})
