import type { Operations } from '../core/operations.ts'
import type { FetchWish } from '../core/update-operations.ts'
import { answerDone, jsonAnswer } from './answers.ts'
import { BadRequest, type Fields, readFields } from './request-fields.ts'
import { type Route, route } from './router.ts'

/** The version of the box, and the next one. */
export function updateRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/update', 'viewer', async () => jsonAnswer(await operations.updates())),
    route('POST', '/update/check', 'technician', async (asked) =>
      answerDone(await operations.checkUpdate(asked.caller.who)),
    ),
    route('POST', '/update/fetch', 'administrator', async (asked) =>
      answerDone(await operations.fetchUpdate(fetchWish(await readFields(asked)), asked.caller.who)),
    ),
    route('GET', '/update/sticks', 'administrator', async () => answerDone(await operations.updateSticks())),
    route('POST', '/update/upload', 'administrator', async (asked) => {
      const octets = (await readFields(asked)).number('octets')
      return answerDone(await operations.beginBundle(octets, asked.caller.who))
    }),
    route('POST', '/update/upload/:offset', 'administrator', async (asked) => {
      const offset = asked.parameter('offset')
      if (!/^\d{1,12}$/.test(offset)) throw new BadRequest('the offset has to be a number')
      asked.takeTime()
      return answerDone(await operations.uploadBundle(Number(offset), asked.body, asked.caller.who))
    }),
    route('POST', '/update/install', 'administrator', async (asked) => {
      const isNow = (await readFields(asked)).flag('isNow')
      return answerDone(await operations.installUpdate(isNow, asked.caller.who))
    }),
    route('POST', '/update/cancel', 'administrator', async (asked) =>
      answerDone(await operations.cancelUpdate(asked.caller.who)),
    ),
    route('POST', '/update/rollback', 'administrator', async (asked) =>
      answerDone(await operations.rollBackUpdate(asked.caller.who)),
    ),
  ]
}

function fetchWish(fields: Fields): FetchWish {
  const stick = fields.optionalText('stick')
  const url = fields.optionalText('url')
  if (stick === undefined) return { kind: 'url', url }
  const [storage = '', ...file] = stick.split('/')
  return { kind: 'stick', storage, file: file.join('/') }
}
