import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { type Address, parseAddress } from '../core/address.ts'
import { wallMs } from '../core/time.ts'
import { deliveryReport, type ReportFacts } from './dsn.ts'
import { plainMail } from './own-mail.ts'
import { testPage } from './test-page.ts'

function address(text: string): Address {
  const parsed = parseAddress(text)
  assert.ok(parsed, text)
  return parsed
}

const at = wallMs(Date.parse('2026-05-04T10:00:00Z'))

const facts: ReportFacts = {
  from: address('inkpost@contoso.com'),
  fromName: 'Mail gateway',
  to: [address('reception@contoso.com')],
  date: at,
  headerMessageId: '12.abc@branch-07.contoso.com',
  reportingMta: 'branch-07.contoso.com',
  device: 'Büro 1',
  originalSubject: 'Scan für Anna',
  arrival: at,
  envid: 'QQ314159',
  recipients: [
    {
      address: address('anna@contoso.com'),
      orcpt: 'rfc822;Anna@contoso.com',
      action: 'failed',
      status: '5.1.1',
      reason: 'The address does not exist.',
      remedy: 'Correct it in the address book of the printer.',
      diagnostic: '550 5.1.1 no such user\r\nInjected: yes é',
      remoteMta: 'mx.contoso.com',
      lastAttempt: at,
    },
    {
      address: address('bob@contoso.com'),
      action: 'delayed',
      status: '4.4.1',
      reason: '',
      remedy: '',
      willRetryUntil: at,
    },
  ],
  originalHeader: Buffer.from(
    `From: a@x.example\nSubject: =?utf-8?Q?Scan_f=C3=BCr_Anna?=\nX-Raw: \xe9\nX-Long: ${'x'.repeat(2000)}\n\n`,
    'latin1',
  ),
}

const script = `
import sys, json, email, email.policy
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
def shape(p):
    return {"type": p.get_content_type(), "defects": [str(d) for d in p.defects],
            "fields": [[k, str(v)] for k, v in p.items()],
            "parts": [shape(c) for c in p.get_payload()] if p.is_multipart() else [],
            "text": None if p.is_multipart() else p.get_payload(decode=True).decode("latin1")}
print(json.dumps(shape(m)))
`

interface Shape {
  readonly type: string
  readonly defects: readonly string[]
  readonly fields: readonly (readonly [string, string])[]
  readonly parts: readonly Shape[]
  readonly text: string | null
}

const python = (mail: Uint8Array): Shape =>
  JSON.parse(execFileSync('python3', ['-c', script], { input: mail, encoding: 'utf8' }))
const defects = (shape: Shape): string[] => [...shape.defects, ...shape.parts.flatMap(defects)]
const value = (shape: Shape | undefined, name: string): string | undefined =>
  shape?.fields.find(([field]) => field === name)?.[1]

describe('delivery report', () => {
  const shape = python(deliveryReport(facts))

  it('is read by Python without a defect', () => {
    assert.deepEqual(defects(shape), [])
    assert.equal(shape.type, 'multipart/report')
    assert.deepEqual(
      shape.parts.map((part) => part.type),
      ['text/plain', 'message/delivery-status', 'text/rfc822-headers'],
    )
  })

  it('says who, what and why to a person', () => {
    assert.equal(value(shape, 'Subject'), 'Not delivered: Scan für Anna')
    assert.equal(value(shape, 'Auto-Submitted'), 'auto-replied')
    const text = Buffer.from(shape.parts[0]?.text ?? '', 'latin1').toString()
    for (const words of [
      'Büro 1',
      'anna@contoso.com: not delivered',
      'does not exist',
      'Correct it',
      'bob@contoso.com: delayed',
    ]) {
      assert.ok(text.includes(words), words)
    }
  })

  it('says it to programs, for each recipient', () => {
    const [message, anna, bob] = shape.parts[1]?.parts ?? []
    assert.equal(value(message, 'Reporting-MTA'), 'dns; branch-07.contoso.com')
    assert.equal(value(message, 'Original-Envelope-Id'), 'QQ314159')
    assert.equal(value(anna, 'Original-Recipient'), 'rfc822;Anna@contoso.com')
    assert.equal(value(anna, 'Final-Recipient'), 'rfc822; anna@contoso.com')
    assert.equal(value(anna, 'Action'), 'failed')
    assert.equal(value(anna, 'Status'), '5.1.1')
    assert.equal(value(anna, 'Diagnostic-Code'), 'smtp; 550 5.1.1 no such user Injected: yes ?')
    assert.equal(value(anna, 'Injected'), undefined)
    assert.equal(value(bob, 'Action'), 'delayed')
    assert.equal(value(bob, 'Will-Retry-Until'), 'Mon, 4 May 2026 10:00:00 +0000')
    assert.equal(shape.parts[1]?.parts.length, 3)
  })

  it('returns the header in lines that travel', () => {
    const text = shape.parts[2]?.text ?? ''
    assert.match(text, /^From: a@x\.example\r?\nSubject: =\?utf-8/)
    assert.match(text, /X-Raw: \?/)
    const octets = Buffer.from(deliveryReport(facts)).toString('latin1')
    assert.ok(octets.split('\r\n').every((line) => line.length <= 998))
    assert.doesNotMatch(octets, /(?<!\r)\n|\r(?!\n)|[\x80-\xff]/)
  })

  it('is the same every time', () => assert.deepEqual(deliveryReport(facts), deliveryReport(facts)))

  it('of a delay alone and of a success say so', () => {
    const only = (action: 'delayed' | 'relayed') =>
      value(
        python(
          deliveryReport({
            ...facts,
            recipients: [
              { address: address('b@x.example'), action, status: '2.0.0', reason: '', remedy: '' },
            ],
          }),
        ),
        'Subject',
      )
    assert.equal(only('delayed'), 'Delayed: Scan für Anna')
    assert.equal(only('relayed'), 'Delivered: Scan für Anna')
  })
})

describe('mail of the box', () => {
  const mail = {
    from: facts.from,
    fromName: 'Büro-Gateway',
    to: facts.to,
    subject: 'Prüfung',
    date: at,
    headerMessageId: '1@x.example',
    text: 'Grüße\nvon der Box',
  }

  it('is a text', () => {
    const shape = python(plainMail(mail))
    assert.deepEqual(defects(shape), [])
    assert.equal(value(shape, 'From'), 'Büro-Gateway <inkpost@contoso.com>')
    assert.equal(value(shape, 'Auto-Submitted'), 'auto-generated')
    assert.equal(Buffer.from(shape.text ?? '', 'latin1').toString(), 'Grüße\r\nvon der Box\r\n')
  })

  it('carries a file', () => {
    const octets = testPage(['Test (1)', 'größer → ?'])
    const shape = python(
      plainMail({ ...mail, attachment: { name: 'test.pdf', type: 'application/pdf', octets } }),
    )
    assert.deepEqual(defects(shape), [])
    assert.deepEqual(
      shape.parts.map((part) => part.type),
      ['text/plain', 'application/pdf'],
    )
    assert.deepEqual(Buffer.from(shape.parts[1]?.text ?? '', 'latin1'), Buffer.from(octets))
  })

  it('has a page whose cross references point at its objects', () => {
    const page = Buffer.from(testPage(['a'])).toString('latin1')
    const rows = [...page.matchAll(/^(\d{10}) 00000 n $/gm)].map((match) => Number(match[1]))
    assert.deepEqual(
      rows.map((offset, n) => page.slice(offset, offset + 7) === `${n + 1} 0 obj`),
      rows.map(() => true),
    )
    assert.equal(page.slice(Number(/startxref\n(\d+)/.exec(page)?.[1])).slice(0, 4), 'xref')
  })
})
