import type { Operations } from '../core/operations.ts'
import { answerDone, jsonAnswer } from './answers.ts'

import { type Route, route } from './router.ts'

/** Alerts, and what will become one. */
export function alertRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/alerts', 'viewer', async () => jsonAnswer(await operations.alerts())),
    route('POST', '/alerts/test', 'technician', async (asked) =>
      answerDone(await operations.testAlert(asked.caller.who)),
    ),
    route('GET', '/health', 'viewer', async () => jsonAnswer(await operations.health())),
    route('GET', '/calendar', 'viewer', async () => jsonAnswer(await operations.calendar())),
  ]
}
