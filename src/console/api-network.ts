import type { Operations } from '../core/operations.ts'
import { answerDone, jsonAnswer } from './answers.ts'
import { readFields } from './request-fields.ts'
import { type Route, route } from './router.ts'

/** The network of the box, and its clock. */
export function networkRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/network', 'viewer', async () => jsonAnswer(await operations.network())),
    route('POST', '/network/try', 'administrator', async (asked) => {
      const network = (await readFields(asked)).table('network')
      return answerDone(await operations.tryNetwork(network, asked.caller.who))
    }),
    route('DELETE', '/network', 'administrator', async (asked) =>
      answerDone(await operations.tryNetwork(null, asked.caller.who)),
    ),
    route('POST', '/network/keep', 'administrator', async (asked) => {
      // Who is at the control socket says how they came to the machine: the socket itself knows no address.
      const said = asked.at === '' ? (await readFields(asked)).optionalText('via') : undefined
      return answerDone(await operations.keepNetwork(said ?? asked.at, asked.caller.who))
    }),
    route('POST', '/network/undo', 'administrator', async (asked) =>
      answerDone(await operations.undoNetwork(asked.caller.who)),
    ),
    route('DELETE', '/network/told/:address', 'administrator', async (asked) =>
      answerDone(await operations.forgetAddress(asked.parameter('address'), asked.caller.who)),
    ),
    route('PUT', '/clock', 'administrator', async (asked) => {
      const wallMs = (await readFields(asked)).number('wallMs')
      return answerDone(await operations.setClock(wallMs, asked.caller.who))
    }),
  ]
}
