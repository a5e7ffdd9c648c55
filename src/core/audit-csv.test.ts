import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { AuditEntry } from './audit.ts'
import { auditCsv, auditCsvHead } from './audit-csv.ts'
import { wallMs } from './time.ts'

const entry: AuditEntry = {
  id: 7,
  at: wallMs(Date.UTC(2026, 10, 29, 3)),
  who: 'anna at the command line',
  place: 'command line',
  what: 'device "Front desk": tls changed',
  changes: [{ what: 'device "Front desk": tls', before: '', after: 'legacy' }],
  weakens: true,
}

describe('the audit for a spreadsheet', () => {
  it('has a line for each value that was changed', () => {
    assert.equal(auditCsvHead, 'id,at,who,place,what,before,after,weakens\r\n')
    assert.equal(
      auditCsv(entry),
      '7,2026-11-29T03:00:00.000Z,anna at the command line,command line,"device ""Front desk"": tls",,legacy,yes\r\n',
    )
  })

  it('has one line for a deed without values', () => {
    const deed = { ...entry, changes: [], weakens: false, what: 'queue: drop 7K, by hand' }
    assert.match(auditCsv(deed), /,"queue: drop 7K, by hand",,,\r\n$/)
  })

  it('has no cell that a spreadsheet takes for a formula, whatever a device calls itself', () =>
    fc.assert(
      fc.property(fc.constantFrom(...'=+-@\t\r\n'), fc.string(), (start, text) => {
        const line = auditCsv({ ...entry, changes: [], what: start + text })
        const cell = /command line,command line,(.*),,,yes\r\n$/s.exec(line)?.[1] ?? assert.fail(line)
        assert.ok(cell.startsWith(`"'${start}`), cell)
        assert.equal(cell.slice(2, -1).replaceAll('""', '"'), start + text)
      }),
    ))
})
