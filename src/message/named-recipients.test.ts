import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseAddress } from '../core/address.ts'
import type { EnvelopeRecipient } from '../core/envelope.ts'
import { mailboxesOf } from './acs-recipients.ts'
import { splitHeader } from './header.ts'
import { nameRecipients } from './named-recipients.ts'

function recipient(text: string, said?: string): EnvelopeRecipient {
  const address = parseAddress(text)
  assert.ok(address, text)
  return said === undefined ? { address } : { address, said }
}

const named = (header: string, ...recipients: readonly EnvelopeRecipient[]): string =>
  Buffer.from(nameRecipients(Buffer.from(`${header}\r\n\r\n`), recipients)).toString()

const anna = recipient('anna@contoso.com')
const ben = recipient('ben@contoso.com')
const cleo = recipient('cleo@contoso.com')

interface Case {
  readonly does: string
  readonly header: string
  readonly recipients: readonly EnvelopeRecipient[]
  readonly leaves: string
}

const cases: readonly Case[] = [
  {
    does: 'keeps To and Cc where they name the recipients, with their names',
    header: 'To: =?utf-8?B?w4RubmE=?= <Anna@contoso.com>\r\nSubject: Scan\r\nCc: "Ben, B." <ben@contoso.com>',
    recipients: [anna, ben],
    leaves:
      'Subject: Scan\r\nTo: =?utf-8?B?w4RubmE=?= <anna@contoso.com>\r\nCc: "Ben, B." <ben@contoso.com>\r\n\r\n',
  },
  {
    does: 'hides who stands in the envelope alone',
    header: 'To: anna@contoso.com',
    recipients: [anna, ben, cleo],
    leaves: 'To: anna@contoso.com\r\nBcc: ben@contoso.com,\r\n cleo@contoso.com\r\n\r\n',
  },
  {
    does: 'mails nobody who stands in the header alone, and shows the field as it was',
    header: 'To: Anna <anna@contoso.com>,\r\n Zoe <zoe@elsewhere.example>\r\nCc: yan@elsewhere.example',
    recipients: [anna],
    leaves:
      'To: Anna <anna@contoso.com>\r\nX-Inkpost-To: Anna <anna@contoso.com>,\r\n Zoe <zoe@elsewhere.example>\r\nX-Inkpost-Cc: yan@elsewhere.example\r\n\r\n',
  },
  {
    does: "shows nobody the device's own Bcc",
    header: 'To: anna@contoso.com\r\nBcc: zoe@elsewhere.example, ben@contoso.com',
    recipients: [anna, ben],
    leaves: 'To: anna@contoso.com\r\nBcc: ben@contoso.com\r\n\r\n',
  },
  {
    does: 'leaves no To that names nobody',
    header: 'To: undisclosed-recipients:;\r\nFrom: x@contoso.com',
    recipients: [ben],
    leaves: 'From: x@contoso.com\r\nBcc: ben@contoso.com\r\n\r\n',
  },
  {
    does: 'puts whom the box completed or an alias meant in the place of the short name',
    header: 'To: everybody, cleo',
    recipients: [
      recipient('anna@contoso.com', 'everybody'),
      recipient('ben@contoso.com', 'everybody'),
      recipient('cleo@contoso.com', 'cleo'),
    ],
    leaves: 'To: anna@contoso.com,\r\n ben@contoso.com,\r\n cleo@contoso.com\r\n\r\n',
  },
  {
    does: 'names each once, however often the device did',
    header: 'To: anna@contoso.com, ANNA@contoso.com\r\nto: ben@contoso.com\r\nCc: anna@contoso.com',
    recipients: [anna, ben],
    leaves: 'To: anna@contoso.com,\r\n ben@contoso.com\r\n\r\n',
  },
  {
    does: 'takes the recipients of an earlier journey out',
    header:
      'Resent-To: zoe@elsewhere.example\r\nResent-Bcc: yan@elsewhere.example\r\nResent-From: a@b.example',
    recipients: [anna],
    leaves: 'Resent-From: a@b.example\r\nBcc: anna@contoso.com\r\n\r\n',
  },
  {
    does: 'opens a group for those in it who are recipients',
    header: 'To: Office: anna@contoso.com, zoe@elsewhere.example;',
    recipients: [anna],
    leaves: 'To: anna@contoso.com\r\nX-Inkpost-To: Office: anna@contoso.com, zoe@elsewhere.example;\r\n\r\n',
  },
]

describe('a header for a service without an envelope', () => {
  for (const { does, header, recipients, leaves } of cases) {
    it(does, () => assert.equal(named(header, ...recipients), leaves))
  }

  it('names exactly the recipients, whatever the device wrote', () => {
    const person = fc.constantFrom('anna', 'ben', 'cleo', 'dora').map((name) => `${name}@contoso.com`)
    const field = fc.tuple(
      fc.constantFrom('To', 'CC', 'Bcc', 'tO', 'Resent-To'),
      fc.array(
        fc.oneof(
          person,
          person.map((one) => `"N, N" <${one}>`),
          fc.constant('nobody'),
          fc.constant(''),
        ),
      ),
    )
    fc.assert(
      fc.property(fc.array(field), fc.uniqueArray(person, { minLength: 1 }), (fields, addresses) => {
        const header = fields.map(([name, list]) => `${name}: ${list.join(', ')}\r\n`).join('')
        const left = splitHeader(
          nameRecipients(
            Buffer.from(`${header}\r\n`),
            addresses.map((address) => recipient(address)),
          ),
        )
        const all = ['To', 'Cc', 'Bcc', 'Resent-To'].flatMap((name) => mailboxesOf(left, name))
        assert.deepEqual(all.map(({ address }) => address).toSorted(), addresses.toSorted())
      }),
    )
  })

  it('keeps every line short enough for SMTP', () => {
    const header = `To: ${'very '.repeat(400)}long <anna@contoso.com>`
    for (const line of named(header, anna).split('\r\n')) assert.ok(line.length < 998, `${line.length}`)
  })
})
