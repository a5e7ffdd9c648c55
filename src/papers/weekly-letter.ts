import { dayWords, timeWords } from '../core/local-time.ts'
import { describeSize } from '../core/size.ts'
import type { WallMs } from '../core/time.ts'

/** Everything that the weekly letter tells. */
export interface WeekFacts {
  readonly box: string
  readonly zone: string
  readonly since: WallMs
  readonly until: WallMs
  /** Deliveries: one per mail and recipient. */
  readonly sent: number
  readonly failed: number
  readonly waiting: number
  readonly oldestWaiting: WallMs | undefined
  readonly ways: readonly WayFacts[]
  /** What ends next, the nearest first. */
  readonly ends: readonly { readonly what: string; readonly when: string }[]
  /** Devices whose last session was in clear or weakly encrypted: `how` is `no encryption` or `TLSv1`. */
  readonly weak: readonly { readonly device: string; readonly how: string; readonly last: WallMs }[]
  /** Devices that usually send and did not. `last`: when they were here; undefined: longer than that is remembered. */
  readonly silent: readonly { readonly device: string; readonly last: WallMs | undefined }[]
  readonly diskFreeBytes: number
  readonly spoolBytes: number
  /** What the month cost so far, in words; undefined: no line. */
  readonly cost: string | undefined
  /** The gravest first; `until` undefined: it lasts. */
  readonly alerts: readonly {
    readonly severity: string
    readonly sentence: string
    readonly since: WallMs
    readonly until: WallMs | undefined
  }[]
}

export interface WayFacts {
  readonly name: string
  readonly sent: number
  readonly failed: number
  /** Not in order now: its state and why; empty where all is well. */
  readonly trouble: string
}

/** Lines of one part; what is above is a number. */
const mostLines = 10

/** The letter that the postmaster reads on a phone on Monday: short, plain, the bad news first. */
export function weeklyLetter(facts: WeekFacts): { readonly subject: string; readonly text: string } {
  const { box, zone, since, until, failed, alerts } = facts
  const isCalm = failed === 0 && alerts.length === 0
  const mood = isCalm
    ? 'all well'
    : [...count(failed, 'failed'), ...count(alerts.length, alerts.length === 1 ? 'alert' : 'alerts')].join(
        ', ',
      )
  const parts = [
    part(
      'ALERTS',
      alerts.map((alert) => alertLine(alert, zone)),
    ),
    [
      'MAIL',
      `${facts.sent} sent, ${failed} failed, ${facts.waiting} waiting${oldest(facts)}`,
      ...facts.ways.map(wayLine),
      ...(facts.cost === undefined ? [] : [`Cost: ${facts.cost}`]),
    ],
    part(
      'SILENT, USUALLY SENDING',
      facts.silent.map(
        ({ device, last }) =>
          `${device}: ${last === undefined ? 'not here for weeks' : `last here ${dayWords(last, zone)}`}`,
      ),
    ),
    part(
      'ENDS NEXT',
      facts.ends.map(({ what, when }) => `${what}: ${when}`),
    ),
    part(
      'WEAK OR NO ENCRYPTION',
      facts.weak.map(({ device, how, last }) => `${device}: ${how}, last ${dayWords(last, zone)}`),
    ),
    ['DISK', `${describeSize(facts.diskFreeBytes)} free, ${describeSize(facts.spoolBytes)} of mail waits`],
  ].filter((lines) => lines.length > 0)
  const intro = `${box}, ${dayWords(since, zone)} to ${dayWords(until, zone)}`
  const body = parts.map((lines) => lines.join('\n')).join('\n\n')
  return {
    subject: `[${box}] week to ${dayWords(until, zone)}: ${mood}`,
    text: `${intro}\n\n${body}\n\nMore: \`inkpost status\`. No letter any more: weekly_letter = false.\n`,
  }
}

const count = (n: number, word: string): readonly string[] => (n === 0 ? [] : [`${n} ${word}`])

/** Nothing to say is no part. */
function part(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return []
  const rest = lines.length - mostLines
  return [title, ...lines.slice(0, mostLines), ...(rest > 0 ? [`... and ${rest} more`] : [])]
}

const oldest = ({ oldestWaiting, zone }: WeekFacts): string =>
  oldestWaiting === undefined ? '' : ` (oldest of ${timeWords(oldestWaiting, zone)})`

function wayLine({ name, sent, failed, trouble }: WayFacts): string {
  const bad = failed === 0 ? '' : `, ${failed} failed`
  return `${name}: ${sent} sent${bad}${trouble === '' ? '' : `; ${trouble}`}`
}

function alertLine(alert: WeekFacts['alerts'][number], zone: string): string {
  const { severity, sentence, since, until } = alert
  const span =
    until === undefined
      ? `since ${timeWords(since, zone)}`
      : `${timeWords(since, zone)} to ${timeWords(until, zone)}`
  return `${severity}, ${span}: ${sentence}`
}
