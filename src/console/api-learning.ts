import type { AdoptionWish, Operations } from '../core/operations.ts'
import { boundsOf } from '../core/recipient-bounds.ts'
import { answerDone, jsonAnswer } from './answers.ts'
import { type Fields, readFields } from './request-fields.ts'
import { isEnough, type Route, route } from './router.ts'

/** What the box learned of devices, known and unknown, and the window that lets unknown ones in. */
export function learningRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/devices/:name', 'viewer', async ({ parameter }) => {
      return answerDone(await operations.device(parameter('name')))
    }),
    route('GET', '/devices/:name/whereabouts', 'technician', async ({ parameter }) => {
      return answerDone(await operations.findDevice(parameter('name')))
    }),
    route('GET', '/sightings', 'viewer', async () => jsonAnswer(await operations.sightings())),
    route('POST', '/sightings/adopt', 'technician', async (asked) => {
      const wish = adoptionWish(await readFields(asked))
      const isBounded = !isEnough(asked.caller.access, 'administrator')
      const bounded = isBounded ? { ...wish, allowedRecipients: boundsOf(await operations.devices()) } : wish
      return answerDone(await operations.adopt(bounded, asked.caller.who))
    }),
    route('GET', '/takeover', 'viewer', async () => jsonAnswer(await operations.takeOver())),
    route('POST', '/takeover', 'technician', async (asked) => {
      const fields = await readFields(asked)
      const [subnet, forMs] = [fields.text('subnet'), fields.number('forMs')]
      return answerDone(await operations.openTakeOver(subnet, forMs, asked.caller.who))
    }),
    route('DELETE', '/takeover', 'technician', async (asked) =>
      answerDone(await operations.closeTakeOver(asked.caller.who)),
    ),
  ]
}

const adoptionWish = (fields: Fields): AdoptionWish => ({
  address: fields.text('address'),
  name: fields.optionalText('name'),
  pinMac: fields.flag('pinMac'),
  passwordless: fields.flag('passwordless'),
})
