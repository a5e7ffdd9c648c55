import { type Cost, costText } from '../core/month-use.ts'
import { describeSize } from '../core/size.ts'
import { textTable } from './text-table.ts'

export interface MonthLine {
  readonly name: string
  readonly mails: number
  readonly recipients: number
  readonly octets: number
  readonly failed: number
  /** Undefined: the setup document names no price. */
  readonly cost: Cost | undefined
}

export interface MonthFacts {
  readonly box: string
  /** `2026-11` */
  readonly month: string
  /** The month goes on. */
  readonly isRunning: boolean
  readonly upstreams: readonly MonthLine[]
  readonly devices: readonly MonthLine[]
}

/** What was sent in a month and what it cost. */
export function monthReport({ box, month, isRunning, upstreams, devices }: MonthFacts): string {
  const hasCost = upstreams.some(({ cost }) => cost !== undefined)
  return [
    `Mail of ${month}${isRunning ? ' so far' : ''}, gateway "${box}"`,
    '',
    ...(upstreams.length === 0
      ? ['Nothing was sent.']
      : [
          ...table('WAY OUT', upstreams, hasCost),
          '',
          ...table(
            'DEVICE',
            devices,
            devices.some(({ cost }) => cost !== undefined),
          ),
          '',
          'Recipients are what is charged: a mail to three counts three times, and so does its size. The month is',
          'that of UTC, as in the bill. FAILED are recipients that got nothing.',
          ...(hasCost ? ['Costs are reckoned with the price in the settings; the bill counts.'] : []),
        ]),
    '',
  ].join('\n')
}

function table(title: string, lines: readonly MonthLine[], hasCost: boolean): readonly string[] {
  return textTable(
    [title, 'MAILS', 'RECIPIENTS', 'SIZE', 'FAILED', ...(hasCost ? ['COST'] : [])],
    lines.map(({ name, mails, recipients, octets, failed, cost }) => [
      name,
      String(mails),
      String(recipients),
      describeSize(octets),
      String(failed),
      ...(hasCost ? [cost === undefined ? '' : costText(cost)] : []),
    ]),
    new Set([1, 2, 3, 4, 5]),
  )
}
