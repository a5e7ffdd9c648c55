import type { Operations } from '../core/operations.ts'
import { answerDone, jsonAnswer } from './answers.ts'
import { type Route, route } from './router.ts'

/** Which of two boxes with one identity sends. */
export function identityRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/identity', 'viewer', async () => jsonAnswer(await operations.identity())),
    route('POST', '/identity/keep', 'administrator', async (asked) =>
      answerDone(await operations.keepIdentity(asked.caller.who)),
    ),
  ]
}
