import type { SessionRecord } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import { isFault, type Verdict as SessionVerdict, stateOf, verdictLine } from '../core/verdict.ts'
import { type Call, onBox, show } from './call.ts'
import type { Paint } from './paint.ts'
import { oneLine, wrap } from './plain-text.ts'
import { type Column, pageWidth, tableLines } from './table.ts'
import { localTime, timeAndAge } from './times.ts'
import { done, failed, type Verdict } from './verdict.ts'

/** `sessions`: recent SMTP sessions, newest first. */
export function sessions(call: Call, options: { readonly limit: number }): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const records = await operations.sessions(options.limit)
    await show(call, records, (paint) => listLines(records, call.world.clock.wall(), paint))
    return done
  })
}

/** `session ID`: one of them with what was said, passwords masked. */
export function session(call: Call, id: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const record = await operations.session(id)
    if (!record) return failed(`there is no session ${id}`)
    await show(call, record, (paint) => sessionLines(record, call.world.clock.wall(), paint))
    return done
  })
}

const columns: readonly Column[] = [
  { title: 'ID' },
  { title: 'BEGAN' },
  { title: 'ADDRESS', isFlexible: true },
  { title: 'LISTENER', isFlexible: true },
  { title: 'DEVICE', isFlexible: true },
  { title: 'CODE' },
  { title: 'STATE', isFlexible: true },
  { title: 'TLS', isFlexible: true },
  { title: 'MESSAGES', isFlexible: true },
]

function listLines(records: readonly SessionRecord[], now: WallMs, paint: Paint): readonly string[] {
  if (records.length === 0) return ['No device has called yet.']
  const rows = records.map((record) => [
    record.id,
    localTime(record.startedAt, now),
    record.address,
    record.listener,
    record.device ?? '',
    record.verdict?.code ?? '',
    stateWord(record),
    record.tls,
    record.messages.join(' '),
  ])
  return tableLines(columns, rows, paint)
}

/** Open, and nothing happened yet; or from before there were verdicts. */
const stateWord = ({ verdict, result }: SessionRecord): string =>
  verdict ? stateOf(verdict) : result || 'open'

const speakers = { device: 'C:', box: 'S:', note: '--' } as const

function sessionLines(record: SessionRecord, now: WallMs, paint: Paint): readonly string[] {
  const facts: readonly (readonly [string, string])[] = [
    ['began', timeAndAge(record.startedAt, now)],
    ['took', `${((record.endedAt - record.startedAt) / 1000).toFixed(1)} s`],
    ['address', record.address],
    ['listener', record.listener],
    ['device', record.device ?? 'unknown'],
    ['calls itself', record.helo],
    ['TLS', record.tls === '' ? 'none' : record.tls],
    ['messages', record.messages.length === 0 ? 'none' : record.messages.join(' ')],
    ['result', record.result],
    ...verdictFacts(record.verdict),
  ]
  return [
    paint('bold', `Session ${record.id}`),
    ...facts.flatMap(([name, value]) => factLines(name, value)),
    '',
    ...(record.lines.length === 0 ? [notKept] : []),
    ...record.lines.map(({ at, from, text }) => {
      const line = `${(at / 1000).toFixed(2).padStart(8)} ${speakers[from]} ${oneLine(text)}`
      return from === 'note' ? paint('dim', line) : line
    }),
  ]
}

const nameWidth = 14

/** A fact in as many lines as it needs. */
const factLines = (name: string, value: string): readonly string[] =>
  wrap(value, pageWidth - nameWidth - 2).map(
    (line, at) => `  ${(at === 0 ? name : '').padEnd(nameWidth)}${line}`,
  )

const notKept = 'What was said is not kept: the session was fine, or it is too old.'

function verdictFacts(verdict: SessionVerdict | undefined): readonly (readonly [string, string])[] {
  if (!verdict) return []
  const { evidence, cure } = verdict
  return [
    ['verdict', verdictLine({ ...verdict, cure: undefined })],
    ...evidence.map((each) => ['evidence', each] as const),
    ...(cure
      ? [['cure', cure.words] as const]
      : isFault(verdict)
        ? [['cure', 'none is known'] as const]
        : []),
  ]
}
