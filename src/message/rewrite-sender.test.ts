import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAddress } from '../core/address.ts'
import type { SenderRewrite } from '../core/upstream.ts'
import { readableValue, splitHeader } from './header.ts'
import { rewriteHeader } from './rewrite-sender.ts'

const none: SenderRewrite = {
  sender: undefined,
  senderName: '',
  keepOriginalInReplyTo: true,
  subjectPrefix: '',
}
const noreply = { ...none, sender: parseAddress('noreply@contoso.com') }
const rewrite = (header: string, how: SenderRewrite): string =>
  Buffer.from(rewriteHeader(Buffer.from(header, 'latin1'), how)).toString('latin1')

describe('rewriting the sender', () => {
  it('changes nothing where nothing is asked', () => {
    const header = 'From: "A" <a@x.example>\nSender: b@x.example\r\nX: \xe9\r\n\r\n'
    assert.equal(rewrite(header, none), header)
  })

  it('puts the sender into From under the name the device gave, and the device into Reply-To', () => {
    assert.equal(
      rewrite('To: t@x.example\r\nFrom: "A" <a@x.example>\r\nSender: b@x.example\r\n\r\n', noreply),
      'To: t@x.example\r\nFrom: A <noreply@contoso.com>\r\nReply-To: A <a@x.example>\r\n\r\n',
    )
  })

  it('uses the name of the settings', () => {
    const header = rewrite('From: a@x.example\r\n\r\n', { ...noreply, senderName: 'Büro "1"' })
    assert.equal(readableValue(splitHeader(Buffer.from(header)), 'From'), 'Büro "1" <noreply@contoso.com>')
  })

  it('keeps a Reply-To that is there', () => {
    const header = 'From: a@x.example\r\nReply-To: r@x.example\r\n\r\n'
    assert.equal(rewrite(header, noreply), 'From: noreply@contoso.com\r\nReply-To: r@x.example\r\n\r\n')
  })

  it('keeps no original where it must not or need not', () => {
    const header = 'From: a@x.example\r\n\r\n'
    assert.doesNotMatch(rewrite(header, { ...noreply, keepOriginalInReplyTo: false }), /a@x/)
    assert.doesNotMatch(rewrite('From: NoReply@contoso.com\r\n\r\n', noreply), /Reply-To/)
    assert.doesNotMatch(rewrite('From: scanner\r\n\r\n', noreply), /Reply-To/)
  })

  const prefixes: readonly (readonly [subject: string, prefix: string, expected: string])[] = [
    ['Subject: Scan\r\n', '[Scan]', '[Scan] Scan'],
    ['Subject: =?utf-8?Q?B=C3=BCro?=\r\n', '[Scan] ', '[Scan] Büro'],
    ['Subject: =?utf-8?Q?B=C3=BCro?=\r\n', 'Büro:', 'Büro: Büro'],
    ['Subject:\r\n =?utf-8?Q?B=C3=BCro?=\r\n', 'Ü', 'Ü Büro'],
    ['Subject:\r\n', 'Ü', 'Ü'],
    ['', 'x', 'x'],
  ]
  for (const [subject, prefix, expected] of prefixes) {
    it(`puts ${prefix} before ${JSON.stringify(subject)}`, () => {
      const header = rewrite(`${subject}X: y\r\n\r\n`, { ...none, subjectPrefix: prefix })
      const fields = splitHeader(Buffer.from(header, 'latin1'))
      assert.equal(readableValue(fields, 'Subject'), expected)
      assert.equal(readableValue(fields, 'X'), 'y')
    })
  }

  it('lets no setting and no name open a new field', () => {
    for (const change of [{ senderName: 'a\r\nBcc: x' }, { subjectPrefix: 'a\nBcc: x' }]) {
      assert.throws(() => rewrite('From: a@x.example\r\n\r\n', { ...noreply, ...change }), RangeError)
    }
    const header = rewrite('From: =?utf-8?Q?a=0D=0ABcc=3A_x?= <a@x.example>\r\n\r\n', noreply)
    assert.deepEqual(
      splitHeader(Buffer.from(header)).map((field) => field.name),
      ['From', 'Reply-To'],
    )
  })
})
