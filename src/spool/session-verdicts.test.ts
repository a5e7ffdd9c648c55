import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import Sqlite from 'better-sqlite3'
import type { SessionRecord } from '../core/spool.ts'
import { day } from '../core/time.ts'
import type { Verdict } from '../core/verdict.ts'
import { countIn } from './spool-file.ts'
import { later, noon, testSpool } from './spool-fixture.ts'

const verdict: Verdict = {
  code: 'R1',
  sentence: 'The device Scanner may not write to "anna@contoso.com".',
  evidence: ['RCPT TO:<anna@contoso.com>'],
  cure: {
    kind: 'device-setting',
    device: 'Scanner',
    key: 'allowed_recipients',
    adds: 'anna@contoso.com',
    words: 'Correct the address, or add it to allowed_recipients of Scanner.',
  },
}

const session = (id: string, changes: Partial<SessionRecord> = {}): SessionRecord => ({
  id,
  startedAt: noon,
  endedAt: noon,
  address: '192.168.7.20',
  listener: 'submission',
  device: undefined,
  helo: '',
  tls: '',
  messages: [],
  result: '',
  verdict,
  lines: [],
  ...changes,
})

describe('verdicts on sessions', () => {
  it('are kept with the session, and replaced with it', async () => {
    await using box = await testSpool()
    await box.spool.saveSessions([session('A'), session('B', { verdict: undefined, endedAt: later(-1) })])
    assert.deepEqual(await box.spool.session('A'), session('A'))
    const found = (await box.spool.sessions(10)).map((each) => each.verdict?.code)
    assert.deepEqual(found, ['R1', undefined])
    await box.spool.saveSessions([session('A', { verdict: { ...verdict, code: 'F1' } })])
    assert.equal((await box.spool.session('A'))?.verdict?.code, 'F1')
  })

  it('go with the session when it is too old', async () => {
    await using box = await testSpool()
    await box.spool.saveSessions([session('A'), session('B', { endedAt: later(40 * day) })])
    await box.spool.tidy(later(41 * day), 30 * day, 7 * day)
    assert.equal(countIn(box.file, 'session_verdict'), 1)
  })

  it('tell no address that is forgotten', async () => {
    await using box = await testSpool()
    await box.spool.saveSessions([session('A')])
    await box.spool.forget('Anna@contoso.com')
    assert.ok(!JSON.stringify(await box.spool.session('A')).includes('anna@contoso.com'))
    assert.equal((await box.spool.session('A'))?.verdict?.code, 'R1')
  })

  it('are not in the way of a release that knows none', async () => {
    await using box = await testSpool()
    await box.spool.saveSessions([session('A')])
    const older = new Sqlite(box.file)
    older.pragma('foreign_keys = ON')
    // As release 0.1 writes and removes sessions.
    const row = ['A', 1, 1, '192.168.7.20', 'submission', null, '', '', '[]', '', '[]']
    older.prepare('INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(row)
    older.close()
    assert.equal((await box.spool.session('A'))?.verdict, undefined)
    assert.equal(countIn(box.file, 'session_verdict'), 0)
  })
})
