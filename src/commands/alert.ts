import type { PastAlert, RaisedAlert } from '../core/alerts.ts'
import type { AlertsView, ChannelTest, Operations } from '../core/operations.ts'
import type { WallMs } from '../core/time.ts'
import { second } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import { colourOf, type Paint } from './paint.ts'
import { oneLine, wrap } from './plain-text.ts'
import { isSent, waitForOutcome } from './send-test.ts'
import { age, localTime, span } from './times.ts'
import { done, failed, refusedBy, type Verdict } from './verdict.ts'

/** `alert list`: what is wrong, and what was. */
export function listAlerts(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const view = await operations.alerts()
    const now = call.world.clock.wall()
    await show(call, view, (paint) => alertLines(view, now, paint))
    return done
  })
}

function alertLines({ active, past }: AlertsView, now: WallMs, paint: Paint): readonly string[] {
  const nothing = active.length === 0 ? ['No alerts.'] : []
  const over = past.length === 0 ? [] : ['', paint('dim', 'OVER')]
  return [
    ...nothing,
    ...active.flatMap((alert) => activeLines(alert, now, paint)),
    ...over,
    ...past.flatMap((alert) => pastLines(alert, now)),
  ]
}

const activeLines = ({ severity, sentence, remedy, since }: RaisedAlert, now: WallMs, paint: Paint) => [
  ...indented(`${severity}: ${sentence} (${age(since, now)})`).map((line, at) =>
    at === 0 ? paint(colourOf(severity), line) : line,
  ),
  ...(remedy === '' ? [] : indented(`→ ${remedy}`).map((line) => `  ${line}`)),
]

const pastLines = ({ severity, sentence, since, until }: PastAlert, now: WallMs): readonly string[] =>
  indented(`${severity}, ${localTime(since, now)} for ${span(until - since)}: ${sentence}`)

const indented = (text: string): readonly string[] =>
  wrap(text, 96).map((line, at) => (at === 0 ? line : `  ${line}`))

/** `alert test`: by every channel; 1 unless all that are set up took it, the mail up to its next hop. */
export function testAlerts(call: Call, timeoutMs: number): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.testAlert(call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    const answers = await Promise.all(
      result.answers.map((answer) => withOutcome(call, operations, answer, timeoutMs)),
    )
    await show(call, answers, () => answers.map(testLine))
    if (answers.every(({ answer }) => answer.kind === 'off'))
      return failed('nobody is told of alerts: set gateway.postmaster, alerts.webhook or alerts.syslog')
    const bad = answers.filter(({ answer }) => answer.kind === 'failed').map(({ channel }) => channel)
    return bad.length === 0 ? done : failed(`not told by ${bad.join(', ')}`)
  })
}

/** The mail's answer is the next hop's. */
async function withOutcome(
  call: Call,
  operations: Operations,
  test: ChannelTest,
  timeoutMs: number,
): Promise<ChannelTest> {
  if (test.message === undefined) return test
  const view = await waitForOutcome(call, operations, test.message, timeoutMs)
  const row = view?.recipients[0]
  if (!row)
    return { ...test, answer: { kind: 'failed', detail: `message ${test.message} is not there any more` } }
  const where = `message ${test.message} to ${row.address}: ${row.state}`
  if (isSent(row.state))
    return { ...test, answer: { kind: 'told', detail: `${where} by ${row.upstream ?? 'the box itself'}` } }
  return {
    ...test,
    answer: { kind: 'failed', detail: `${where} after ${timeoutMs / second} s: ${row.reason}` },
  }
}

const words = { told: 'ok', failed: 'FAILED', off: 'off' } as const

const testLine = ({ channel, answer }: ChannelTest): string =>
  oneLine(`${channel.padEnd(8)} ${words[answer.kind].padEnd(6)}  ${answer.detail}`)
