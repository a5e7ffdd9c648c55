import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { wallMs } from '../core/time.ts'
import { type WeekFacts, weeklyLetter } from './weekly-letter.ts'

const utc = (text: string) => wallMs(Date.parse(`${text}Z`))
const golden = (name: string): string => readFileSync(join(import.meta.dirname, 'golden', name), 'utf8')

const calm: WeekFacts = {
  box: 'branch-07',
  zone: 'Europe/Berlin',
  since: utc('2026-11-16T06:10:00'),
  until: utc('2026-11-23T06:10:00'),
  sent: 412,
  failed: 0,
  waiting: 0,
  oldestWaiting: undefined,
  ways: [{ name: 'acs', sent: 412, failed: 0, trouble: '' }],
  ends: [],
  weak: [],
  silent: [],
  diskFreeBytes: 12_400_000_000,
  spoolBytes: 0,
  cost: undefined,
  alerts: [],
}

const busy: WeekFacts = {
  ...calm,
  sent: 398,
  failed: 3,
  waiting: 11,
  oldestWaiting: utc('2026-11-22T23:41:00'),
  ways: [
    { name: 'acs', sent: 290, failed: 2, trouble: 'paused: the client secret has expired' },
    { name: 'smarthost', sent: 108, failed: 1, trouble: '' },
  ],
  ends: [
    { what: 'The client secret of acs expires', when: '20 Nov 2026' },
    { what: 'The client secret of graph expires', when: 'date not known' },
  ],
  weak: [
    { device: 'Front desk scanner', how: 'TLSv1', last: utc('2026-11-22T15:00:00') },
    { device: 'UPS', how: 'no encryption', last: utc('2026-11-20T01:00:00') },
  ],
  silent: [
    { device: 'Fax 2nd floor', last: utc('2026-11-11T08:00:00') },
    { device: 'Alarm panel', last: undefined },
  ],
  spoolBytes: 48_000_000,
  cost: 'acs 0.14 USD',
  alerts: [
    {
      severity: 'warning',
      sentence: 'acs is paused: the client secret has expired.',
      since: utc('2026-11-20T03:00:00'),
      until: undefined,
    },
    {
      severity: 'notice',
      sentence: 'Unknown devices of 192.168.7.0/24 are let in.',
      since: utc('2026-11-18T09:00:00'),
      until: utc('2026-11-18T10:30:00'),
    },
  ],
}

describe('the weekly letter', () => {
  for (const [name, facts] of [
    ['calm-week.txt', calm],
    ['busy-week.txt', busy],
  ] as const) {
    it(`is word for word golden/${name}`, () => {
      const { subject, text } = weeklyLetter(facts)
      assert.equal(`Subject: ${subject}\n\n${text}`, golden(name))
    })
  }

  it('stays short, however much there is', () => {
    const many = Array.from({ length: 300 }, (_, n) => ({
      device: `Device ${n}`,
      how: 'TLSv1',
      last: busy.until,
    }))
    const { text } = weeklyLetter({ ...busy, weak: many, alerts: Array(200).fill(busy.alerts[1]) })
    assert.ok(text.split('\n').length < 60)
    assert.match(text, /^\.\.\. and 290 more$/m)
    assert.match(text, /^\.\.\. and 190 more$/m)
  })
})
