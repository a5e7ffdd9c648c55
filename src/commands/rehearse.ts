import type { RefusedGroup, Rehearsal, RehearsedRefusal } from '../core/rehearsal.ts'
import { day } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import type { Paint } from './paint.ts'
import { countOf, oneLine } from './plain-text.ts'
import { type Column, tableLines } from './table.ts'
import { span } from './times.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

/** `rehearse UPSTREAM`: what this way out would have made of the mail of the last 30 days. */
export function rehearse(call: Call, upstream: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.rehearse(upstream)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result.rehearsal, (paint) => rehearsalLines(result.rehearsal, paint))
    return done
  })
}

const whys: Readonly<Record<RehearsedRefusal, string>> = {
  'too-large': 'too large',
  unsuitable: 'signed, encrypted or partial',
  'external-recipient': 'recipient outside of its domains',
  'sender-not-taken': 'sender not taken, no other set',
}

const columns: readonly Column[] = [
  { title: 'WOULD BE REFUSED' },
  { title: 'MAILS', align: 'right' },
  { title: 'RECIPIENTS', align: 'right' },
  { title: 'DEVICES', isFlexible: true },
  { title: 'FOR EXAMPLE', isFlexible: true },
]

function rehearsalLines(rehearsal: Rehearsal, paint: Paint): readonly string[] {
  const { upstream, kind, since, until, mails, deliveries, refused } = rehearsal
  const days = Math.round((until - since) / day)
  const name = oneLine(upstream)
  const heard = `${countOf(mails, 'mail', 'mails')} to ${countOf(deliveries, 'recipient', 'recipients')}`
  if (mails === 0) return [`No mail of the last ${days} days to try ${name} with.`]
  return [
    `${name} (${kind}) with the mail of the last ${days} days: ${heard}.`,
    '',
    ...(refused.length === 0
      ? ['It would have taken every one.']
      : tableLines(columns, refused.map(rowOf), paint)),
    ...sectionOf(senderLines(rehearsal)),
    ...sectionOf(lossLines(rehearsal)),
    ...sectionOf(paceLines(rehearsal)),
    '',
    `To try it with one device: enabled = true, and route = ["${name}"] in its [[device]].`,
    'Devices without a route use it, too, in the order of the [[upstream]] tables.',
  ]
}

const rowOf = ({ why, mails, deliveries, devices, examples }: RefusedGroup): readonly string[] => [
  whys[why],
  String(mails),
  String(deliveries),
  devices.join(', '),
  examples.map(({ message, recipient }) => `${message} to ${recipient}`).join(', '),
]

const sectionOf = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ['', ...lines])

const senderLines = ({ otherSenders }: Rehearsal): readonly string[] =>
  otherSenders
    .slice(0, 10)
    .map(({ from, sender, mails }) =>
      oneLine(`${countOf(mails, 'mail', 'mails')} from ${from} would leave as ${sender}.`),
    )

const lossLines = ({ losses }: Rehearsal): readonly string[] =>
  losses.map(({ flag, mails }) => `${countOf(mails, 'mail', 'mails')} would lose something: ${flag}.`)

function paceLines({ pace }: Rehearsal): readonly string[] {
  const busiest = `Busiest minute, hour, day: ${pace.mostPerMinute}, ${pace.mostPerHour}, ${pace.mostPerDay} mails.`
  const wait =
    pace.waited === 0
      ? 'None would have waited for its quota.'
      : `${countOf(pace.waited, 'mail', 'mails')} would have waited for its quota, the longest ${span(pace.longestWaitMs)}.`
  return [busiest, wait]
}
