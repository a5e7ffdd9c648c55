import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Address, parseAddress } from '../core/address.ts'
import { contentOf } from '../core/content.ts'
import type { RouteFacts } from '../core/message.ts'
import { splitHeader } from './header.ts'
import { PartScanner } from './part-scanner.ts'
import { routeFacts } from './route-facts.ts'

function address(text: string): Address {
  const parsed = parseAddress(text)
  assert.ok(parsed, text)
  return parsed
}

function facts(mail: string, to: readonly string[] = ['a@x.example']): Promise<RouteFacts> {
  const octets = Buffer.from(mail, 'latin1')
  const scanner = new PartScanner()
  scanner.feed(octets)
  const index = scanner.finish()
  const header = octets.subarray(0, index.headerEnd)
  return routeFacts({
    index,
    header,
    fields: splitHeader(header),
    content: contentOf(octets),
    envelope: {
      reversePath: '',
      recipients: to.map((text) => ({ address: address(text) })),
      bodyType: '7BIT',
      smtputf8: false,
      dsn: {},
    },
    headerMessageId: 'a@b.example',
    rewrite: {
      sender: address('s@x.example'),
      senderName: '',
      keepOriginalInReplyTo: true,
      subjectPrefix: '',
    },
    deviceName: 'MFP',
  })
}

const multipart = (type: string, part: string): string =>
  `Content-Type: ${type}; boundary=b\r\n\r\n--b\r\nContent-Type: ${part}\r\n\r\nx\r\n--b--`

describe('what a rebuilt message would lose', () => {
  const table: readonly (readonly [mail: string, to: readonly string[], flags: readonly string[]])[] = [
    ['From: f@x.example\r\nTo: a@x.example\r\n\r\n', ['a@x.example'], []],
    ['From: "F" <f@x.example>\r\nTo: A@x.example\r\n\r\n', ['a@x.example'], ['from-name']],
    [multipart('multipart/signed', 'text/plain'), ['a@x.example'], ['signed']],
    [multipart('multipart/mixed', 'multipart/signed; boundary=c\r\n\r\n--c'), ['a@x.example'], ['signed']],
    [multipart('multipart/encrypted', 'application/pgp-encrypted'), ['a@x.example'], ['encrypted']],
    ['Content-Type: application/pkcs7-mime\r\n\r\n', ['a@x.example'], ['encrypted']],
    [multipart('multipart/mixed', 'text/calendar'), ['a@x.example'], ['calendar']],
    [multipart('multipart/mixed', 'message/rfc822'), ['a@x.example'], ['embedded-message']],
    [multipart('multipart/report', 'text/plain'), ['a@x.example'], ['report']],
    ['Content-Type: message/partial; id=x; number=1\r\n\r\n', ['a@x.example'], ['partial']],
    ['To: a@x.example\r\n\r\n', ['a@x.example', 'b@x.example'], ['envelope-differs']],
    ['To: a@x.example\r\nCc: b@x.example\r\n\r\n', ['a@x.example'], ['envelope-differs']],
    ['To: a@x.example\r\nCc: b@x.example\r\n\r\n', ['b@x.example', 'a@x.example'], []],
    ['', ['a@x.example'], []],
    ['', ['a@x.example', 'b@x.example'], ['envelope-differs']],
  ]
  for (const [mail, to, flags] of table) {
    it(`${flags.join(', ') || 'nothing'}: ${JSON.stringify(mail.slice(0, 60))}`, async () =>
      assert.deepEqual((await facts(mail, to)).fidelity, flags))
  }
})

describe('size of the request to ACS at the end of DATA', () => {
  const scan = (octets: number): string =>
    `To: a@x.example\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.alloc(octets).toString('base64').replace(/.{76}/g, '$&\r\n')}`

  it('is a bound from above while it is far from the limit', async () => {
    const { acsSize, size } = await facts(scan(3_000_000))
    assert.ok(acsSize >= 4_000_000 && acsSize < 4_010_000)
    assert.ok(size > 4_100_000)
  })

  it('is exact near the limit', async () => {
    const { acsSize } = await facts(scan(7_400_000))
    assert.ok(acsSize > 9_866_668 && acsSize < 9_866_668 + 600, `${acsSize}`)
  })

  it('is never below what it is, for text that JSON makes six times as long', async () => {
    const { acsSize } = await facts(`To: a@x.example\r\n\r\n${'\x01'.repeat(900_000)}`)
    assert.ok(acsSize > 5_400_000)
  })
})
