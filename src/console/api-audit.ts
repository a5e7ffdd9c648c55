import type { AuditFilter, AuditWitness } from '../core/audit.ts'
import { parseHead } from '../core/audit.ts'
import { auditCsv, auditCsvHead } from '../core/audit-csv.ts'
import type { Operations } from '../core/operations.ts'
import { wallMs } from '../core/time.ts'
import { jsonAnswer } from './answers.ts'
import { BadRequest, readFields, readLimit, readNumber } from './request-fields.ts'
import { type Asked, type Route, route } from './router.ts'

/** Who did what. */
export function auditRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/audit', 'administrator', async (asked) =>
      jsonAnswer(await operations.audit(readLimit(asked, 100), filterOf(asked))),
    ),
    route('GET', '/audit.csv', 'administrator', async (asked) => ({
      status: 200,
      headers: {
        'content-type': 'text/csv; charset=utf-8; header=present',
        'content-disposition': 'attachment; filename="audit.csv"',
      },
      body: csvOf(operations, filterOf(asked)),
    })),
    route('POST', '/audit/verify', 'administrator', async (asked) => {
      const heads = (await readFields(asked)).records('witnesses')
      return jsonAnswer(await operations.verifyAudit(heads.map(witnessOf)))
    }),
  ]
}

function filterOf(asked: Asked): AuditFilter {
  const { query } = asked
  const [since, until] = [readNumber(asked, 'since'), readNumber(asked, 'until')]
  return {
    before: readNumber(asked, 'before'),
    who: query.get('who') ?? undefined,
    text: query.get('text') ?? undefined,
    since: since === undefined ? undefined : wallMs(since),
    until: until === undefined ? undefined : wallMs(until),
    weakens: query.has('weakens') ? query.get('weakens') === 'true' : undefined,
  }
}

const page = 500

/** Page by page: a year's audit is never in memory as a whole. */
async function* csvOf(operations: Operations, filter: AuditFilter): AsyncGenerator<Uint8Array> {
  yield Buffer.from(auditCsvHead)
  for (let { before } = filter; ; ) {
    const entries = await operations.audit(page, { ...filter, before })
    if (entries.length > 0) yield Buffer.from(entries.map(auditCsv).join(''))
    if (entries.length < page) return
    before = entries.at(-1)?.id
  }
}

function witnessOf(record: Readonly<Record<string, unknown>>): AuditWitness {
  const head = parseHead(`${record['id']}:${record['hash']}`)
  if (!head) throw new BadRequest('a head of the audit looks like 17: and 64 letters and digits')
  return { ...head, source: String(record['source'] ?? 'what was given') }
}
