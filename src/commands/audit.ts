import {
  type AuditEntry,
  type AuditFilter,
  type AuditVerification,
  headText,
  parseHead,
} from '../core/audit.ts'
import { auditCsv, auditCsvHead } from '../core/audit-csv.ts'
import type { Operations } from '../core/operations.ts'
import { type Call, onBox, show } from './call.ts'
import { countOf, oneLine } from './plain-text.ts'
import { tableLines } from './table.ts'
import { localTime } from './times.ts'
import { done, failed, refusedBy, type Verdict, wrong } from './verdict.ts'

export interface AuditChoice {
  readonly limit: number
  readonly csv: boolean
  readonly verify: boolean
  /** Of a log or a backup: `17:5f3c…`. */
  readonly head?: string
  readonly who?: string
  readonly text?: string
  readonly before?: number
  readonly weakens: boolean
}

/** `audit`: who did what, newest first. */
export function audit(call: Call, choice: AuditChoice): Promise<Verdict> {
  if (choice.verify || choice.head !== undefined) return verify(call, choice.head)
  const filter = {
    who: choice.who,
    text: choice.text,
    before: choice.before,
    weakens: choice.weakens ? true : undefined,
  }
  return onBox(call, async (operations) => {
    if (choice.csv) return await writeCsv(call, operations, filter)
    const entries = await operations.audit(choice.limit, filter)
    await show(call, entries, (paint) =>
      entries.length === 0 ? ['Nothing of that was done yet.'] : auditLines(call, entries, paint),
    )
    return done
  })
}

function auditLines(
  call: Call,
  entries: readonly AuditEntry[],
  paint: Parameters<typeof tableLines>[2],
): readonly string[] {
  const columns = [
    { title: 'ID' },
    { title: 'AT' },
    { title: 'WHO', isFlexible: true },
    { title: 'WHAT', isFlexible: true },
  ]
  const now = call.world.clock.wall()
  return tableLines(
    columns,
    entries.map(({ id, at, who, what, weakens }) => [
      String(id),
      localTime(at, now),
      who,
      weakens ? `${what} (less protected since)` : what,
    ]),
    paint,
  )
}

const page = 500

async function writeCsv({ world }: Call, operations: Operations, filter: AuditFilter): Promise<Verdict> {
  await world.out.write(auditCsvHead)
  for (let { before } = filter; ; ) {
    const entries = await operations.audit(page, { ...filter, before })
    await world.out.write(entries.map(auditCsv).join(''))
    if (entries.length < page) return done
    before = entries.at(-1)?.id
  }
}

/** `audit --verify`: 1 where an entry was changed, left out or cut off. */
async function verify(call: Call, typed: string | undefined): Promise<Verdict> {
  const head = typed === undefined ? undefined : parseHead(typed)
  if (typed !== undefined && head === undefined)
    return wrong('a head of the audit looks like 17: and 64 letters and digits, as in a backup or the log')
  return await onBox(call, async (operations) => {
    const verdict = await operations.verifyAudit(head ? [{ ...head, source: 'what was given' }] : [])
    if (verdict.kind === 'broken') return failed(`the audit is not what it was: ${verdict.sentence}`)
    await show(call, verdict, () => intactLines(verdict, call))
    return done
  })
}

const intactLines = (
  { entries, oldest, head, witnesses }: Extract<AuditVerification, { kind: 'intact' }>,
  { world }: Call,
): readonly string[] => [
  `Intact: ${countOf(entries, 'entry', 'entries')}${oldest === undefined ? '' : ` since ${localTime(oldest, world.clock.wall())}`}, nothing was changed, left out or cut off.`,
  `Compared with ${countOf(witnesses, 'head', 'heads')} that copies or people kept. The head now: ${headText(head) || 'none'}`,
]

/** `forget ADDRESS`: erases a person's address from the history of finished messages. */
export function forget(call: Call, address: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.forget(address, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => [
      oneLine(`Erased from ${countOf(result.count, 'row', 'rows')} of the history.`),
    ])
    return done
  })
}
