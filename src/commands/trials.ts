import type { Finding } from '../core/diagnosis.ts'
import type { Operations } from '../core/operations.ts'
import { openStates } from '../core/outcome.ts'
import type { Call } from './call.ts'
import { isSent, waitForOutcome } from './send-test.ts'

export interface Trials {
  readonly to: string
  /** Undefined: every way out that sends. */
  readonly upstream: string | undefined
  readonly timeoutMs: number
}

/** A real test mail by each way out, side by side; a finding for each says what came of it. */
export async function sendTrials(
  call: Call,
  operations: Operations,
  { to, upstream, timeoutMs }: Trials,
): Promise<readonly Finding[]> {
  const names = upstream === undefined ? await sendingWays(operations) : [upstream]
  return Promise.all(names.map((name) => sendTrial(call, operations, name, to, timeoutMs)))
}

const notSending = new Set(['retired', 'disabled'])

async function sendingWays(operations: Operations): Promise<readonly string[]> {
  const { upstreams } = await operations.status()
  return upstreams
    .filter(({ kind, state }) => kind !== 'outbox' && !notSending.has(state))
    .map(({ name }) => name)
}

async function sendTrial(
  call: Call,
  operations: Operations,
  name: string,
  to: string,
  timeoutMs: number,
): Promise<Finding> {
  const sent = await operations.sendThrough(name, to)
  if (sent.kind === 'refused') return findingOf(name, 'trouble', `No test mail was sent: ${sent.reason}.`)
  await call.world.err.write(`Test mail ${sent.message} goes by ${name} …\n`)
  const view = await waitForOutcome(call, operations, sent.message, timeoutMs)
  const row = view?.recipients[0]
  if (!row) return findingOf(name, 'trouble', `The test mail by ${name} is not there any more.`)
  if (isSent(row.state)) return findingOf(name, 'ok', `${name} took a test mail to ${to}: ${row.reason}`)
  const sentence = `${name} did not take the test mail (${row.state}): ${row.reason}`
  if (!openStates.has(row.state)) return findingOf(name, 'trouble', sentence)
  // It would go out hours later, when nobody thinks of it any more.
  const dropped = await operations.act('drop', sent.message, call.world.who)
  return findingOf(name, 'trouble', dropped.kind === 'done' ? sentence : `${sentence} It may still go out.`)
}

const findingOf = (name: string, state: 'ok' | 'trouble', sentence: string): Finding => ({
  id: `sender/${name}`,
  area: 'service',
  state,
  sentence,
  remedy: state === 'ok' ? '' : '`inkpost status` names the remedy where the service gave a reason.',
  evidence: [],
})
