import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { healthOf, withSessions } from './device-health.ts'
import type { DeviceMarks } from './page-spool.ts'
import type { SessionRecord } from './spool.ts'
import { wallMs } from './time.ts'
import type { VerdictCode } from './verdict.ts'

const mark = (at: number, code: VerdictCode) => ({ session: `S${at}`, at: wallMs(at), code })
const none: DeviceMarks = {
  device: 'Scanner',
  mail: undefined,
  fault: undefined,
  other: undefined,
  lastMail: undefined,
}
const word = (marks: Partial<DeviceMarks>, isEnabled = true) =>
  healthOf(isEnabled, { ...none, ...marks }).word

const record = (
  id: string,
  endedAt: number,
  code: VerdictCode,
  changes: Partial<SessionRecord> = {},
): SessionRecord => ({
  id,
  startedAt: wallMs(endedAt),
  endedAt: wallMs(endedAt),
  address: '192.168.7.20',
  listener: 'submission',
  device: 'Scanner',
  helo: '',
  tls: '',
  messages: [],
  result: '',
  verdict: { code, sentence: '', evidence: [], cure: undefined },
  lines: [],
  ...changes,
})

describe('how a device does', () => {
  it('is said by its last session that came to something', () => {
    assert.equal(word({}), 'never seen')
    assert.equal(word({ mail: mark(1, 'F1') }), 'OK')
    assert.equal(word({ mail: mark(1, 'F1'), fault: mark(2, 'A5') }), 'wrong password')
    assert.equal(word({ mail: mark(3, 'F1'), fault: mark(2, 'A5') }), 'OK')
    assert.equal(word({ mail: mark(3, 'F1'), other: mark(4, 'F4') }), 'OK')
    assert.equal(word({ other: mark(4, 'F4') }), 'no mail')
    assert.equal(word({ mail: mark(3, 'F1') }, false), 'switched off')
  })

  it('counts sessions that are not on the disk yet, and those that were meant to be of it', () => {
    const marks = withSessions({ ...none, mail: mark(5, 'F1'), lastMail: wallMs(5) }, [
      record('X', 9, 'A2', { device: undefined, about: 'Scanner' }),
      record('Y', 8, 'F1', { device: 'another' }),
      record('Z', 7, 'F4'),
    ])
    assert.equal(marks.fault?.session, 'X')
    assert.equal(healthOf(true, marks).word, 'password mistyped')
    assert.equal(marks.lastMail, 5)
    const later = withSessions(marks, [record('M', 10, 'F1', { messages: [] })])
    assert.equal(later.other?.session, 'M')
  })
})
