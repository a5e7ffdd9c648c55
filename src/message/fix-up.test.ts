import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import type { Address } from '../core/address.ts'
import { parseAddress } from '../core/address.ts'
import { messageIdOf } from '../core/message-id.ts'
import { wallMs } from '../core/time.ts'
import { type FixedUp, type FixUpContext, fixUp } from './fix-up.ts'

function address(text: string): Address {
  const parsed = parseAddress(text)
  assert.ok(parsed)
  return parsed
}

const context: FixUpContext = {
  helo: 'printer',
  clientAddress: '192.168.7.20',
  hostname: 'branch-07.contoso.com',
  protocol: 'ESMTPA',
  id: messageIdOf(33),
  recipients: [address('anna@contoso.com')],
  at: wallMs(Date.parse('2026-05-04T10:00:00Z')),
  clockBelievable: true,
  reversePath: address('mfp@contoso.com'),
  deviceSender: address('scanner@contoso.com'),
  gatewaySender: address('inkpost@contoso.com'),
  charset: 'windows-1252',
}

const fix = (header: string, change: Partial<FixUpContext> = {}): FixedUp =>
  fixUp(Buffer.from(header, 'latin1'), { ...context, ...change })
const lines = (fixed: FixedUp): string[] => Buffer.from(fixed.header).toString('latin1').split('\r\n')
const line = (fixed: FixedUp, name: string): string | undefined =>
  lines(fixed).find((text) => text.toLowerCase().startsWith(`${name.toLowerCase()}:`))

const whole =
  'Date: Mon, 4 May 2026 09:00:00 +0000\r\nMessage-ID: <1@x.example>\r\nFrom: "A"<a@x.example>\r\nSubject: s\r\n'

describe('fix-up of a header', () => {
  it('leaves a whole one as it is, but for Received', () => {
    const fixed = fix(`${whole}\r\n`)
    const received = [
      'Received: from printer ([192.168.7.20])',
      ' by branch-07.contoso.com with ESMTPA id 11',
      ' for <anna@contoso.com>;',
      ' Mon, 4 May 2026 10:00:00 +0000',
    ]
    assert.equal(Buffer.from(fixed.header).toString('latin1'), `${received.join('\r\n')}\r\n${whole}\r\n`)
    assert.deepEqual(fixed.notes, [])
    assert.deepEqual(fixed.had, { date: true, messageId: true, from: true })
    assert.equal(fixed.from, 'a@x.example')
    assert.equal(fixed.fromName, 'A')
    assert.equal(fixed.subject, 's')
    assert.equal(fixed.headerMessageId, '1@x.example')
  })

  it('adds what is missing', () => {
    const fixed = fix('Subject: s\r\nContent-Type: text/plain\r\n')
    assert.equal(line(fixed, 'Date'), 'Date: Mon, 4 May 2026 10:00:00 +0000')
    assert.equal(line(fixed, 'Message-ID'), `Message-ID: <${fixed.headerMessageId}>`)
    assert.match(fixed.headerMessageId, /^11\.[0-9a-z]+@branch-07\.contoso\.com$/)
    assert.equal(line(fixed, 'From'), 'From: scanner@contoso.com')
    assert.equal(line(fixed, 'MIME-Version'), 'MIME-Version: 1.0')
    assert.deepEqual(fixed.had, { date: false, messageId: false, from: false })
    assert.deepEqual(fixed.notes, ['date-added', 'message-id-added', 'from-added', 'mime-version-added'])
    assert.deepEqual(lines(fixed).slice(-2), ['', ''])
  })

  it('says the same twice', () => {
    assert.deepEqual(fix('Subject: s\r\n'), fix('Subject: s\r\n'))
  })

  it('makes a header out of none', () => {
    assert.equal(fix('').from, 'scanner@contoso.com')
  })

  const senders: readonly (readonly [from: string, expected: string])[] = [
    ['From: scanner', 'From: scanner <scanner@contoso.com>'],
    ['From: "Front desk, 2nd"', 'From: "Front desk, 2nd" <scanner@contoso.com>'],
    ['From: <>', 'From: scanner@contoso.com'],
    ['From:', 'From: scanner@contoso.com'],
    ['From: "x"<y@z.example>', 'From: "x"<y@z.example>'],
    ['From: root@localhost', 'From: root@localhost'],
  ]
  for (const [from, expected] of senders) {
    it(`makes ${expected} of ${from}`, () => assert.equal(line(fix(`${from}\r\n`), 'From'), expected))
  }

  it('takes the sender of the device, else of the envelope, else its own', () => {
    assert.equal(fix('', { deviceSender: undefined }).from, 'mfp@contoso.com')
    assert.equal(fix('', { deviceSender: undefined, reversePath: '' }).from, 'inkpost@contoso.com')
    assert.equal(
      fix('', { deviceSender: undefined, reversePath: '', gatewaySender: undefined }).from,
      undefined,
    )
  })

  it('lets one From stand', () => {
    const fixed = fix('From: a@x.example\r\nFrom: b@x.example\r\n')
    assert.equal(lines(fixed).filter((text) => text.startsWith('From:')).length, 1)
    assert.equal(fixed.from, 'a@x.example')
  })

  it('replaces a date that cannot be, and keeps it', () => {
    for (const said of ['Thu, 1 Jan 1970 00:00:00 +0000', 'yesterday', 'Wed, 6 May 2026 10:00:00 +0000']) {
      const fixed = fix(`Date: ${said}\r\n`)
      assert.equal(line(fixed, 'Date'), 'Date: Mon, 4 May 2026 10:00:00 +0000')
      assert.equal(line(fixed, 'X-Original-Date'), `X-Original-Date: ${said}`)
      assert.equal(fixed.had.date, true)
    }
  })

  it('knows no better than the device while its own clock is not believable', () => {
    const fixed = fix('Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n', { clockBelievable: false })
    assert.equal(line(fixed, 'Date'), 'Date: Thu, 1 Jan 2026 00:00:00 +0000')
    assert.equal(line(fix('', { clockBelievable: false }), 'Date'), undefined)
  })

  const ids: readonly (readonly [said: string, expected: RegExp])[] = [
    ['<20250219.CanonTxNo.0485@mfp1.example.net.>', /^20250219\.CanonTxNo\.0485@mfp1\.example\.net$/],
    ['20250219@mfp1', /^11\.[0-9a-z]+@branch-07\.contoso\.com$/],
    ['<a b@c>', /^11\./],
    ['<a@b> <c@d>', /^11\./],
    ['<>', /^11\./],
    [`<${'x'.repeat(300)}@y>`, /^11\./],
  ]
  for (const [said, expected] of ids) {
    it(`mends the Message-ID ${said.slice(0, 50)}`, () => {
      const fixed = fix(`Message-ID: ${said}\r\n`)
      assert.match(fixed.headerMessageId, expected)
      assert.equal(fixed.had.messageId, true)
      assert.equal(lines(fixed).filter((text) => /^message-id:/i.test(text)).length, 1)
    })
  }

  it('removes Bcc and a line that is no field', () => {
    const fixed = fix('From x y\nBcc: boss@contoso.com,\n other@contoso.com\nSubject: s\n')
    assert.doesNotMatch(lines(fixed).join('\n'), /boss|other|From x/)
    assert.ok(fixed.notes.includes('bcc-removed'))
  })

  it('ends every line with CRLF and folds no blank line', () => {
    const fixed = fix('Subject: a\n b\n \n c\rX-A: d\n')
    const text = Buffer.from(fixed.header).toString('latin1')
    assert.ok(text.includes('Subject: a\r\n b\r\n c\r\nX-A: d\r\n'))
    assert.doesNotMatch(text, /(?<!\r)\n|\r(?!\n)/)
  })

  it('writes raw octets in the charset of the device as encoded words', () => {
    const fixed = fix(
      'Subject: B\xfcro\r\nFrom: B\xfcro 1 <a@x.example>\r\nTo: "M\xfcller, A" <m@x.example>\r\nContent-Type: image/tiff; name="B\xfcro.tif"\r\n',
    )
    assert.equal(fixed.subject, 'Büro')
    assert.equal(fixed.fromName, 'Büro 1')
    assert.match(line(fixed, 'From') ?? '', /^From: =\?utf-8\?B\?[^?]+\?= <a@x\.example>$/)
    assert.match(line(fixed, 'To') ?? '', /^To: =\?utf-8\?B\?[^?]+\?= <m@x\.example>$/)
    assert.match(
      line(fixed, 'Content-Type') ?? '',
      /^Content-Type: image\/tiff; name="=\?utf-8\?B\?[^?]+\?="$/,
    )
    assert.ok(fixed.header.every((octet) => octet < 128))
  })

  it('reads what is no UTF-8 as Latin where the device says no other charset', () => {
    const fixed = fix('Subject: \xe4\xf6\xfc caf\xe9\r\nFrom: \xfcser <a@x.example>\r\n', {
      charset: 'utf-8',
    })
    assert.deepEqual([fixed.subject, fixed.fromName], ['äöü café', 'üser'])
    const encoded = Buffer.from('äöü café').toString('base64')
    assert.equal(line(fixed, 'Subject'), `Subject: =?utf-8?B?${encoded}?=`)
  })

  it('leaves UTF-8 alone and reads it', () => {
    const fixed = fix('Subject: B\xc3\xbcro\r\n')
    assert.equal(fixed.subject, 'Büro')
    assert.equal(line(fixed, 'Subject'), 'Subject: B\xc3\xbcro')
  })

  it('cuts what it tells of a subject, not the subject', () => {
    const fixed = fix(`Subject: ${'x'.repeat(300)}\r\n`)
    assert.equal(fixed.subject.length, 200)
    assert.equal(line(fixed, 'Subject')?.length, 309)
  })

  it('repeats of HELO what a name may hold, and of several recipients none', () => {
    const fixed = fix('', {
      helo: 'a\r\nX: b(',
      recipients: [address('a@x.y'), address('b@x.y')],
      clientAddress: 'fe80::1',
    })
    assert.equal(lines(fixed)[0], 'Received: from aX:b ([IPv6:fe80::1])')
    assert.ok(!lines(fixed).slice(0, 4).join('').includes(' for '))
    assert.equal(lines(fix('', { helo: '' }))[0], 'Received: from [192.168.7.20] ([192.168.7.20])')
  })

  it('reads in Python as it reads here', () => {
    const fixed = fix('Subject: =?iso-8859-1?Q?B=FCro?=\r\nFrom: B\xfcro <a@x.example>\r\n')
    const script =
      'import sys,email,email.policy;m=email.message_from_bytes(sys.stdin.buffer.read(),policy=email.policy.default);print(m["subject"],"|",m["from"].addresses[0].display_name,"|",m["date"].datetime.isoformat(),"|",len(m.defects))'
    const said = execFileSync('python3', ['-c', script], {
      input: fixed.header,
      encoding: 'utf8',
      env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
    })
    assert.equal(said.trim(), 'Büro | Büro | 2026-05-04T10:00:00+00:00 | 0')
  })
})
