import { timeWords } from '../core/local-time.ts'
import type { WallMs } from '../core/time.ts'

/** One thing that a mail tells: an alert, that it is over, or a sentence of its own. */
export interface ToldAlert {
  readonly event: 'raised' | 'still' | 'over' | 'summary' | 'test'
  readonly severity: 'notice' | 'warning' | 'alarm'
  readonly sentence: string
  readonly remedy: string
  readonly since: WallMs
  readonly at: WallMs
  /** More than 1: it came and went so often within the hour. */
  readonly times: number
}

export interface AlertLetter {
  readonly subject: string
  readonly text: string
}

/** The mail of a box to its postmaster: what is wrong, since when, what to do. Times are the zone's. */
export function alertMail(box: string, zone: string, alerts: readonly ToldAlert[]): AlertLetter {
  const [first] = alerts
  const others = alerts.length - 1
  const subject = first ? `[${box}] ${headline(first)}${others > 0 ? ` (and ${others} more)` : ''}` : ''
  const text = [
    ...alerts.flatMap((alert) => [...paragraph(alert, zone), '']),
    `Everything at a glance: \`inkpost status\` on ${box}.`,
    '',
  ].join('\n')
  return { subject: subject.replace(/\s+/g, ' ').slice(0, 160), text }
}

function headline({ event, severity, sentence }: ToldAlert): string {
  const [line = ''] = sentence.split('\n')
  switch (event) {
    case 'raised':
      return `${severity}: ${line}`
    case 'still':
      return `${severity}, still: ${line}`
    case 'over':
      return `over: ${line}`
    case 'summary':
    case 'test':
      return line
  }
}

function paragraph(alert: ToldAlert, zone: string): readonly string[] {
  const { event, severity, sentence, remedy, since, at, times } = alert
  const span = `since ${timeWords(since, zone)} ${zone}`
  const often = times > 1 ? [`It came and went ${times} times within an hour.`] : []
  const help = remedy === '' ? [] : [`What to do: ${remedy}`]
  switch (event) {
    case 'raised':
    case 'still':
      return [`${severity.toUpperCase()} ${span}`, sentence, ...often, ...help]
    case 'over':
      return [`OVER: ${timeWords(since, zone)} to ${timeWords(at, zone)} ${zone}`, sentence, ...often]
    case 'summary':
    case 'test':
      return [sentence, ...help]
  }
}
