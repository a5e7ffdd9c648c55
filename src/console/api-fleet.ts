import type { Operations } from '../core/operations.ts'
import { answerDone, jsonAnswer } from './answers.ts'
import { type Route, route } from './router.ts'

/** The box and its head office; other boxes. */
export function fleetRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/fleet', 'viewer', async () => jsonAnswer(await operations.fleet())),
    route('GET', '/fleet/managed', 'viewer', async () => jsonAnswer(await operations.managed())),
    route('POST', '/fleet/pull', 'administrator', async (asked) =>
      answerDone(await operations.pullFleet(asked.caller.who)),
    ),
    route('GET', '/fleet/identity', 'administrator', async () =>
      answerDone(await operations.fleetIdentity()),
    ),
    route('GET', '/fleet/boxes', 'viewer', async () => jsonAnswer(await operations.fleetBoxes())),
  ]
}
