import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { SecurityFacts } from '../core/security-facts.ts'
import { wallMs } from '../core/time.ts'
import { securityReport } from './security-report.ts'

const at = (text: string) => wallMs(Date.parse(`${text}T12:00:00Z`))

const facts: SecurityFacts = {
  box: 'branch-07',
  at: at('2026-11-29'),
  isRunning: true,
  versions: {
    inkpost: '0.1.0',
    built: at('2026-11-01'),
    node: '26.10.0',
    openssl: '3.5.4',
    packages: ['nodemailer 10.6.0 (MIT)', 'smtp-server 3.21.6 (MIT-0)'],
  },
  entrances: [
    {
      what: 'mail of devices ("submission")',
      address: '::',
      port: 25,
      encryption: 'TLS 1.0 and up, offered',
      reachableFrom: ['attached', '192.168.7.20'],
      trouble: '',
    },
    {
      what: 'console',
      address: '::',
      port: 443,
      encryption: 'TLS 1.2 and up',
      reachableFrom: ['10.1.0.0/16'],
      trouble: 'closed',
    },
  ],
  waysOut: [
    {
      name: 'acs',
      kind: 'acs-email',
      to: 'https://contoso.communication.azure.com',
      encryption: 'TLS 1.2 and up, certificate verified',
      signsInBy: 'client certificate',
      enabled: true,
    },
    {
      name: 'hub',
      kind: 'smarthost',
      to: 'hub.contoso.com:25',
      encryption: 'none',
      signsInBy: 'nothing',
      enabled: false,
    },
  ],
  devices: [
    {
      name: 'Front desk',
      enabled: true,
      signsInBy: 'password, LOGIN',
      tls: 'TLSv1 AES128-SHA',
      lastSeen: at('2026-11-28'),
      weak: 'TLSv1',
    },
    {
      name: 'UPS',
      enabled: false,
      signsInBy: 'address 192.168.7.20',
      tls: '',
      lastSeen: undefined,
      weak: '',
    },
  ],
  weakenings: [
    {
      what: 'Front desk may use TLS 1.0 and up',
      until: '2027-03-01',
      by: { who: 'anna at the console, 192.168.7.5', at: at('2026-10-01') },
    },
    { what: 'No operator needs a second factor', until: '', by: undefined },
  ],
  operators: [
    { name: 'anna', role: 'administrator', hasSecondFactor: true },
    { name: 'bert', role: 'viewer', hasSecondFactor: false },
  ],
  secondFactor: 'administrators',
  calendar: [
    {
      key: 'secret/acs',
      kind: 'secret',
      what: 'The client secret of acs expires',
      certainty: 'fixed',
      due: '2028-05-01',
      when: '1 May 2028',
      remedy: 'x',
      source: 'y',
    },
  ],
  vault: 'open',
  relay: [],
  diagnosis: {
    at: at('2026-11-29'),
    needsDoing: true,
    findings: [
      {
        id: 'clock',
        area: 'box',
        state: 'attention',
        sentence: 'The clock is not synchronised.',
        remedy: 'Name a time server.',
        evidence: [],
      },
    ],
  },
  audit: {
    kind: 'intact',
    entries: 42,
    oldest: at('2026-01-02'),
    head: { id: 42, hash: 'ab'.repeat(32) },
    witnesses: 7,
  },
  backups: {
    recovery: { kind: 'confirmed', since: at('2026-02-03') },
    copies: [{ name: 'nightly-2026-11-29.inkpost-backup', at: at('2026-11-29'), octets: 80_000 }],
    lastCopy: { at: at('2026-11-29'), trouble: '' },
  },
}

const golden = join(import.meta.dirname, 'golden/security.txt')

describe('the report for a security officer', () => {
  it('is word for word golden/security.txt', () => {
    const text = securityReport(facts)
    assert.equal(text, readFileSync(golden, 'utf8'))
  })

  it('says so where the audit is broken, the relay open, and nothing runs', () => {
    const broken = { kind: 'broken', id: 4, sentence: 'entry 4 was changed, or one before it' } as const
    const text = securityReport({ ...facts, audit: broken, relay: ['strangers may write to x'] })
    assert.match(text, /Audit: BROKEN: entry 4 was changed/)
    assert.match(text, /Open relay: strangers may write to x/)
    const off = securityReport({ ...facts, isRunning: false, relay: undefined })
    assert.match(off, /The gateway is not running: .*\n/)
    assert.match(off, /Open relay: not tried/)
  })

  it('has a word for what is not there', () => {
    const text = securityReport({
      ...facts,
      waysOut: [],
      devices: [],
      weakenings: [],
      operators: [],
      calendar: [],
      backups: {
        recovery: { kind: 'absent' },
        copies: [],
        lastCopy: { at: at('2026-11-29'), trouble: 'no room' },
      },
    })
    for (const words of [
      'Nothing leaves',
      'No device may send',
      'the console is not claimed',
      'There is no recovery code',
      'No nightly copy is on the box',
      'The last nightly copy failed: no room',
    ])
      assert.ok(text.includes(words), words)
  })
})
