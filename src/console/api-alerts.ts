import type { Operations } from '../core/operations.ts'
import { answerDone, jsonAnswer } from './answers.ts'
import { whoOf } from './request-fields.ts'
import { type Route, route } from './router.ts'

/** Alerts, and what will become one. */
export function alertRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/alerts', async () => jsonAnswer(await operations.alerts())),
    route('POST', '/alerts/test', async (asked) => answerDone(await operations.testAlert(whoOf(asked)))),
    route('GET', '/calendar', async () => jsonAnswer(await operations.calendar())),
  ]
}
