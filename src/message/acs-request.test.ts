import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Address, parseAddress } from '../core/address.ts'
import { type Content, contentOf } from '../core/content.ts'
import { messageIdOf } from '../core/message-id.ts'
import { wallMs } from '../core/time.ts'
import type { Consignment, SenderRewrite } from '../core/upstream.ts'
import { type AcsAttachment, attachmentOctets } from './acs-attachments.ts'
import { type AcsRequest, acsJson, acsRequest, jsonSize } from './acs-request.ts'
import { deliveryReport } from './dsn.ts'
import { PartScanner } from './part-scanner.ts'

const corpusFile = (path: string): Buffer =>
  readFileSync(new URL(`../../test/corpus/${path}`, import.meta.url))

function address(text: string): Address {
  const parsed = parseAddress(text)
  assert.ok(parsed, text)
  return parsed
}

const rewrite: SenderRewrite = {
  sender: address('noreply@contoso.com'),
  senderName: '',
  keepOriginalInReplyTo: true,
  subjectPrefix: '',
}

interface Case {
  readonly mail: string | Uint8Array
  readonly to?: readonly string[]
  readonly change?: Partial<Consignment>
}

function consignment({ mail, to = ['anna@contoso.com'], change = {} }: Case): Consignment {
  const octets = typeof mail === 'string' ? Buffer.from(mail, 'latin1') : mail
  const scanner = new PartScanner()
  scanner.feed(octets)
  const recipients = to.map((text, n) => ({ address: address(text), number: n + 1 }))
  return {
    message: messageIdOf(1),
    part: 1,
    parts: 1,
    generation: 1,
    operationId: '6f1d7b3e-0000-5000-8000-000000000001',
    envelope: {
      reversePath: address('mfp@contoso.com'),
      recipients,
      bodyType: '7BIT',
      smtputf8: false,
      dsn: {},
    },
    recipients,
    headerMessageId: 'a@b.example',
    subject: 'short',
    rewrite,
    content: contentOf(octets),
    index: scanner.finish(),
    acceptedWall: wallMs(0),
    isRepeat: false,
    isRefusedAsItIs: false,
    ...change,
  }
}

const ask = (of: Case, deviceName?: string): Promise<AcsRequest> =>
  acsRequest(consignment(of), { deviceName })

async function request(of: Case, deviceName?: string): Promise<Extract<AcsRequest, { kind: 'request' }>> {
  const asked = await ask(of, deviceName)
  if (asked.kind !== 'request') throw new Error(asked.kind)
  return asked
}

async function base64Of(content: Content, attachment: AcsAttachment): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of attachmentOctets(content, attachment)) {
    assert.ok(piece.length > 0 && piece.length <= 65536)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('latin1')
}

const mixed = (...parts: readonly string[]): string =>
  `From: "MFP"<mfp@contoso.com>\r\nTo: anna@contoso.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`
const pdf = (header: string, octets = 'pdf'): string =>
  `${header}\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(octets, 'latin1').toString('base64')}`

describe('ACS request', () => {
  it('is the mail in the order and words of the service', async () => {
    const of = {
      mail: 'From: "MFP"<mfp@x.example>\r\nTo: "Anna M" <anna@contoso.com>\r\nSubject: =?utf-8?Q?B=C3=BCro?=\r\nX-Mailer: Canon\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\nContent-Type: application/octet-stream; name=s.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\ncGRm\r\n--b--\r\n',
    }
    const asked = await request(of)
    const json = acsJson(asked.message, asked.attachments, () => 'cGRm')
    assert.equal(
      json,
      '{"headers":{"Message-ID":"<a@b.example>","X-Mailer":"Canon"},"senderAddress":"noreply@contoso.com","content":{"subject":"Büro","plainText":"Hello"},"recipients":{"to":[{"address":"anna@contoso.com","displayName":"Anna M"}]},"attachments":[{"name":"s.pdf","contentType":"application/pdf","contentInBase64":"cGRm"}],"replyTo":[{"address":"mfp@x.example","displayName":"MFP"}],"userEngagementTrackingDisabled":true}',
    )
    assert.equal(asked.size, Buffer.byteLength(json))
  })

  it('is the same every time', async () => {
    const of = { mail: mixed('\r\nHello', pdf('Content-Type: application/pdf')) }
    assert.deepEqual(await request(of), await request(of))
  })
})

describe('ACS request: text', () => {
  it('is read in its charset', async () => {
    const of = {
      mail: 'From: a@x.example\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nB=FCro\r\n',
    }
    assert.deepEqual((await request(of)).message.content, { subject: '(no subject)', plainText: 'Büro\r\n' })
  })

  it('and HTML stand together where they are alternatives', async () => {
    const of = {
      mail: 'Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nHi\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Hi\r\n--b--',
    }
    const { message, attachments } = await request(of)
    assert.deepEqual(message.content, { subject: '(no subject)', plainText: 'Hi', html: '<p>Hi' })
    assert.deepEqual(attachments, [])
  })

  it('that follows another text is a file', async () => {
    const asked = await request({ mail: mixed('\r\none', '\r\ntwo', 'Content-Type: text/html\r\n\r\n<p>') })
    assert.deepEqual(asked.message.content, { subject: '(no subject)', plainText: 'one' })
    assert.deepEqual(
      asked.attachments.map((file) => [file.name, file.contentType]),
      [
        ['scan-1.txt', 'text/plain'],
        ['scan-2.html', 'text/html'],
      ],
    )
  })

  it('that is missing is replaced by the names of the files', async () => {
    for (const text of ['\r\n', '\r\n \r\n', 'Content-Type: application/pdf\r\n\r\n']) {
      const { message } = await request({ mail: mixed(text, pdf('Content-Type: image/tiff; name=a.tif')) })
      assert.deepEqual(message.content, { subject: '(no subject)', plainText: 'Attached: a.tif (3 bytes)' })
    }
    assert.deepEqual((await request({ mail: 'From: a@x.example\r\n\r\n' })).message.content, {
      subject: '(no subject)',
      plainText: '(This message has no text.)',
    })
  })

  it('that is empty gives way to the next', async () => {
    const { message } = await request({ mail: mixed('\r\n', '\r\nwords') })
    assert.deepEqual(message.content, { subject: '(no subject)', plainText: 'words' })
  })

  it('above 1 MB is a file', async () => {
    const asked = await request({ mail: `From: a@x.example\r\n\r\n${'x'.repeat(1_000_001)}` })
    assert.deepEqual(
      asked.attachments.map((file) => [file.name, file.size]),
      [['scan-1.txt', 1_000_001]],
    )
  })

  it('of the subject falls back on the device', async () => {
    const mail = 'Subject: \r\n\r\nx'
    assert.equal((await request({ mail }, 'Front desk')).message.content.subject, 'Scan from Front desk')
    const change = { rewrite: { ...rewrite, subjectPrefix: '[Scan]' } }
    assert.equal((await request({ mail: 'Subject: x\r\n\r\n', change })).message.content.subject, '[Scan] x')
  })
})

describe('ACS request: files', () => {
  const names: readonly (readonly [
    headers: readonly string[],
    expected: readonly (readonly [string, string])[],
  ])[] = [
    [['Content-Type: application/octet-stream; name=A.TIF'], [['A.TIF', 'image/tiff']]],
    [
      ['Content-Type: application/pdf', 'Content-Type: image/jpeg'],
      [
        ['scan-1.pdf', 'application/pdf'],
        ['scan-2.jpg', 'image/jpeg'],
      ],
    ],
    [
      ['Content-Type: application/pdf; name=a.pdf', 'Content-Type: application/pdf; name=A.pdf'],
      [
        ['a.pdf', 'application/pdf'],
        ['A-2.pdf', 'application/pdf'],
      ],
    ],
    [['Content-Type: application/pdf; name=scan'], [['scan.pdf', 'application/pdf']]],
    [['Content-Type: application/octet-stream'], [['scan-1.bin', 'application/octet-stream']]],
    [['Content-Type: text/calendar'], [['scan-1.ics', 'text/calendar']]],
    [['Content-Type: text/plain; name=log.txt'], [['log.txt', 'text/plain']]],
    [['Content-Type: application/octet-stream; name=a.xps'], [['a.xps', 'application/vnd.ms-xpsdocument']]],
  ]
  for (const [headers, expected] of names) {
    it(`${headers.join(' + ')}`, async () => {
      const { attachments } = await request({ mail: mixed(...headers.map((header) => pdf(header))) })
      assert.deepEqual(
        attachments.map((file) => [file.name, file.contentType]),
        expected,
      )
    })
  }

  it('that the HTML shows keep their Content-ID, each once', async () => {
    const image = (id: string): string => pdf(`Content-Type: image/png; name=i.png\r\nContent-ID: <${id}>`)
    const html = 'Content-Type: text/html\r\n\r\n<img src="cid:a%40b"><img src=\'cid:c\'>'
    const { attachments } = await request({
      mail: mixed(html, image('a@b'), image('a@b'), image('c'), image('d')),
    })
    assert.deepEqual(
      attachments.map((file) => [file.name, file.contentId]),
      [
        ['i.png', 'a@b'],
        ['i-2.png', undefined],
        ['i-3.png', 'c'],
        ['i-4.png', undefined],
      ],
    )
  })

  it('that are messages go zipped, and unzip elsewhere', async () => {
    const inner = 'Subject: inner\r\n\r\ntext'
    const of = { mail: mixed('\r\nHi', `Content-Type: message/rfc822\r\n\r\n${inner}`) }
    const { attachments } = await request(of)
    const file = attachments[0]
    assert.ok(file)
    assert.deepEqual([file.name, file.contentType], ['message.eml.zip', 'application/zip'])
    const base64 = await base64Of(consignment(of).content, file)
    assert.equal(base64.length, file.encodedSize)
    const script =
      'import sys,zipfile,io,base64;z=zipfile.ZipFile(io.BytesIO(base64.b64decode(sys.stdin.read())));assert z.testzip() is None;sys.stdout.buffer.write(z.read("message.eml"))'
    assert.equal(execFileSync('python3', ['-c', script], { input: base64, encoding: 'utf8' }), inner)
  })

  it('of a type that the service does not list go zipped once it refused them as they are', async () => {
    const image = 'Content-Type: image/x-icon; name=i\r\nContent-ID: <i>'
    const mail = mixed(
      'Content-Type: text/html\r\n\r\n<img src="cid:i">',
      pdf('Content-Type: application/octet-stream; name=Scan.XPS', 'an xps'),
      pdf('Content-Type: application/pdf; name=a.pdf'),
      pdf(image),
    )
    const first = await request({ mail })
    assert.equal(first.hasOtherForm, true)
    const second = await request({ mail, change: { isRefusedAsItIs: true } })
    assert.deepEqual(
      second.attachments.map((file) => [file.name, file.contentType, file.contentId]),
      [
        ['Scan.XPS.zip', 'application/zip', undefined],
        ['a.pdf', 'application/pdf', undefined],
        ['i', 'image/x-icon', 'i'],
      ],
    )
    assert.equal(second.hasOtherForm, false)
    const [file] = second.attachments
    assert.ok(file)
    const base64 = await base64Of(consignment({ mail }).content, file)
    assert.equal(base64.length, file.encodedSize)
    assert.ok(Buffer.from(base64, 'base64').includes('an xps'))
  })

  it('of listed types have no other form', async () => {
    const types = [
      'application/pdf',
      'image/tiff',
      'text/calendar',
      'application/x-zip-compressed',
      'image/pjpeg',
    ]
    for (const type of types)
      assert.equal(
        (await request({ mail: mixed(pdf(`Content-Type: ${type}; name=a`)) })).hasOtherForm,
        false,
        type,
      )
  })

  it('of a report are one: the report; its words are the text', async () => {
    const report = deliveryReport({
      from: address('inkpost@contoso.com'),
      fromName: '',
      to: [address('it@contoso.com')],
      date: wallMs(0),
      headerMessageId: '1@contoso.com',
      reportingMta: 'branch.contoso.com',
      device: 'MFP',
      originalSubject: 'Scan',
      arrival: wallMs(0),
      recipients: [
        {
          address: address('x@y.example'),
          action: 'failed',
          status: '5.1.1',
          reason: 'No such user',
          remedy: 'Ask',
        },
      ],
      originalHeader: Buffer.from('Subject: Scan\r\n\r\n'),
    })
    const { message, attachments } = await request({ mail: report })
    assert.match(message.content.plainText ?? '', /No such user/)
    assert.deepEqual(
      attachments.map((file) => file.name),
      ['report.eml.zip'],
    )
    assert.equal(message.headers['Auto-Submitted'], 'auto-replied')
  })

  const unsuitable: readonly (readonly [type: string, flag: string])[] = [
    ['multipart/signed; boundary=b', 'signed'],
    ['multipart/encrypted; boundary=b', 'encrypted'],
    ['application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m', 'encrypted'],
    ['application/x-pkcs7-mime; smime-type=signed-data', 'signed'],
    ['message/partial; number=1; total=2; id=x', 'partial'],
  ]
  for (const [type, flag] of unsuitable) {
    it(`${type} is not for this way out`, async () =>
      assert.deepEqual(await ask({ mail: `Content-Type: ${type}\r\n\r\n--b\r\n\r\nx\r\n--b--` }), {
        kind: 'unsuitable',
        flag,
      }))
  }

  it('that are signed only as files go', async () => {
    const { attachments } = await request({
      mail: mixed(pdf('Content-Type: application/pkcs7-mime; name=contract.pdf.p7m')),
    })
    assert.deepEqual(
      attachments.map((file) => file.name),
      ['contract.pdf.p7m'],
    )
  })
})

describe('ACS request: recipients', () => {
  const header = 'To: "Anna" <Anna@contoso.com>, other@contoso.com\r\nCc: bob@contoso.com\r\n'
  const table: readonly (readonly [
    name: string,
    header: string,
    to: readonly string[],
    expected: unknown,
  ])[] = [
    [
      'of To and Cc stay there, the rest is hidden',
      header,
      ['anna@contoso.com', 'bob@contoso.com', 'eve@contoso.com'],
      {
        to: [{ address: 'anna@contoso.com', displayName: 'Anna' }],
        cc: [{ address: 'bob@contoso.com' }],
        bcc: [{ address: 'eve@contoso.com' }],
      },
    ],
    ['of a later part are its own', header, ['bob@contoso.com'], { to: [{ address: 'bob@contoso.com' }] }],
    [
      'nobody may see each other of are behind the sender',
      header,
      ['x@contoso.com', 'y@contoso.com'],
      {
        to: [{ address: 'noreply@contoso.com' }],
        bcc: [{ address: 'x@contoso.com' }, { address: 'y@contoso.com' }],
      },
    ],
    ['who is alone is shown to himself', '', ['x@contoso.com'], { to: [{ address: 'x@contoso.com' }] }],
  ]
  for (const [name, lines, to, expected] of table) {
    it(name, async () =>
      assert.deepEqual((await request({ mail: `${lines}\r\nx`, to })).message.recipients, expected),
    )
  }

  it('completed from a short name are known by it', async () => {
    const recipients = [
      { address: address('anna.meier@contoso.com'), said: 'anna', number: 1 },
      { address: address('b@contoso.com'), number: 2 },
    ]
    const asked = await request({ mail: 'To: anna\r\n\r\nx', change: { recipients } })
    assert.deepEqual(asked.message.recipients, {
      to: [{ address: 'anna.meier@contoso.com' }],
      bcc: [{ address: 'b@contoso.com' }],
    })
  })
})

describe('ACS request: header', () => {
  it('passes what may pass, once, on one line', async () => {
    const mail = `References: <1@x>\r\n <2@x>\r\nIn-Reply-To: <2@x>\r\nImportance: high\r\nX-A: 1\r\nX-a: 2\r\nX-Original-Date: then\r\nX-MS-Acsemail-Validate-Message-Id: true\r\nX-Raw: B\xfcro\r\nX-Long: ${'x'.repeat(1000)}\r\nDate: now\r\nReceived: from\r\n\r\nx`
    assert.deepEqual((await request({ mail })).message.headers, {
      'Message-ID': '<a@b.example>',
      References: '<1@x> <2@x>',
      'In-Reply-To': '<2@x>',
      Importance: 'high',
      'X-A': '1',
      'X-Raw': '=?utf-8?B?QsO8cm8=?=',
    })
  })

  it('has a Message-ID of its own where several requests share a message or the mail has no good one', async () => {
    const own = { 'Message-ID': '<6f1d7b3e-0000-5000-8000-000000000001@contoso.com>' }
    assert.deepEqual((await request({ mail: 'A: b\r\n\r\nx', change: { parts: 2 } })).message.headers, own)
    assert.deepEqual(
      (await request({ mail: 'A: b\r\n\r\nx', change: { headerMessageId: 'a b@c' } })).message.headers,
      own,
    )
  })

  it('answers go to Reply-To, else to the author whose place the sender took', async () => {
    const replyTo = async (mail: string, change = {}) => (await request({ mail, change })).message.replyTo
    assert.deepEqual(await replyTo('From: a@x.example\r\nReply-To: r@x.example\r\n\r\n'), [
      { address: 'r@x.example' },
    ])
    assert.deepEqual(await replyTo('From: a@x.example\r\n\r\n'), [{ address: 'a@x.example' }])
    assert.equal(await replyTo('From: noreply@contoso.com\r\n\r\n'), undefined)
    assert.equal(
      await replyTo('From: a@x.example\r\n\r\n', { rewrite: { ...rewrite, keepOriginalInReplyTo: false } }),
      undefined,
    )
  })

  it('nobody is answered whose address the service would refuse the mail for', async () => {
    const replyTo = async (mail: string) => (await request({ mail })).message.replyTo
    for (const local of ['root@ups', 'scan@[192.168.7.20]', 'jürgen@x.example']) {
      assert.equal(await replyTo(`From: <${local}>\r\n\r\n`), undefined, local)
      const both = `From: a@x.example\r\nReply-To: <${local}>, r@x.example\r\n\r\n`
      assert.deepEqual(await replyTo(both), [{ address: 'r@x.example' }], local)
      const alone = `From: a@x.example\r\nReply-To: <${local}>\r\n\r\n`
      assert.deepEqual(await replyTo(alone), [{ address: 'a@x.example' }], local)
    }
  })

  it('sender is the author where nobody takes his place', async () => {
    const change = { rewrite: { ...rewrite, sender: undefined } }
    assert.equal(
      (await request({ mail: 'From: a@x.example\r\n\r\n', change })).message.senderAddress,
      'a@x.example',
    )
    assert.equal(
      (await request({ mail: 'From: scanner\r\n\r\n', change })).message.senderAddress,
      'mfp@contoso.com',
    )
    const envelope = { ...consignment({ mail: '' }).envelope, reversePath: '' as const }
    assert.deepEqual(await ask({ mail: '', change: { ...change, envelope } }), { kind: 'senderless' })
  })
})

const nasty = fc.string({ unit: 'binary', maxLength: 30 })
const file = fc.record({
  name: nasty,
  octets: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  encoding: fc.constantFrom('base64', 'quoted-printable', '8bit', 'base64 junk'),
})

function encodedBody(octets: Uint8Array, encoding: string): Buffer {
  const base64 = Buffer.from(octets).toString('base64')
  if (encoding === 'base64') return Buffer.from(base64.replace(/.{20}/g, '$&\r\n'))
  if (encoding === 'base64 junk') return Buffer.from(base64.replace(/.{10}/g, '$&!\n'))
  if (encoding === '8bit') return Buffer.from(octets)
  return Buffer.from(Array.from(octets, (octet) => `=${octet.toString(16).padStart(2, '0')}`).join(''))
}

describe('size of an ACS request', () => {
  it('is the length of the JSON with every file in it', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, nasty, fc.array(file, { maxLength: 4 }), async (subject, text, files) => {
        const word = (value: string): string => `=?utf-8?B?${Buffer.from(value).toString('base64')}?=`
        const parts = files.flatMap((one) => [
          Buffer.from(
            `--b_b\r\nContent-Type: application/pdf; name="${word(one.name)}"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: ${one.encoding.split(' ')[0]}\r\n\r\n`,
          ),
          encodedBody(one.octets, one.encoding),
          Buffer.from('\r\n'),
        ])
        const head = `Subject: ${word(subject)}\r\nFrom: a@x.example\r\nContent-Type: multipart/mixed; boundary=b_b\r\n\r\n--b_b\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(text).toString('base64')}\r\n`
        const of = { mail: Buffer.concat([Buffer.from(head), ...parts, Buffer.from('--b_b--\r\n')]) }
        const asked = await request(of)
        const { content } = consignment(of)
        const texts: string[] = []
        for (const attachment of asked.attachments) texts.push(await base64Of(content, attachment))
        const json = acsJson(asked.message, asked.attachments, (n) => texts[n] ?? '')
        assert.equal(asked.size, Buffer.byteLength(json))
        const placeholder = '@@00000000-0000-0000-0000-000000000000:0@@'
        const withPlaceholders = acsJson(asked.message, asked.attachments, () => placeholder)
        assert.equal(jsonSize(withPlaceholders, placeholder.length, asked.attachments), asked.size)
        for (const [n, base64] of texts.entries()) {
          if (files[n]?.encoding !== '8bit')
            assert.deepEqual(Buffer.from(base64, 'base64'), Buffer.from(files[n]?.octets ?? []))
        }
      }),
      { numRuns: 200 },
    )
  })

  it('is the same in pieces: a file of several megabytes', async () => {
    const octets = Buffer.alloc(3_000_001, 'abcdefghi')
    for (const [encoding, body] of [
      ['base64', octets.toString('base64').replace(/.{76}/g, '$&\r\n')],
      ['base64', octets.toString('base64').replace(/.{76}/g, '$&\r\n*')],
      ['8bit', octets.toString()],
    ]) {
      const of = {
        mail: mixed(`Content-Type: application/pdf\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`),
      }
      const { attachments } = await request(of)
      const attachment = attachments[0]
      assert.ok(attachment)
      assert.equal(await base64Of(consignment(of).content, attachment), octets.toString('base64'))
      assert.equal(attachment.encodedSize, octets.toString('base64').length)
    }
  })
})

describe('ACS request of what devices send', () => {
  const expected: Record<
    string,
    {
      subject: string
      text: string | null
      attachments: { filename: string; bytes: number; sha256: string }[]
    }
  > = JSON.parse(corpusFile('device-wire/expected.json').toString())
  for (const [name, { subject, text, attachments }] of Object.entries(expected).filter(([key]) =>
    key.endsWith('.eml'),
  )) {
    it(name, async () => {
      const of = { mail: corpusFile(`device-wire/${name}`) }
      const asked = await request(of)
      assert.equal(asked.message.content.subject, subject)
      const said = asked.message.content.plainText?.replaceAll('\r\n', '\n').trim()
      if (text !== null) assert.equal(said, text)
      else assert.match(said ?? '', /^Attached: /)
      assert.deepEqual(
        asked.attachments.map((one) => one.name),
        attachments.map((one) => one.filename),
      )
      for (const [n, one] of asked.attachments.entries()) {
        const octets = Buffer.from(await base64Of(consignment(of).content, one), 'base64')
        const { createHash } = await import('node:crypto')
        assert.equal(createHash('sha256').update(octets).digest('hex'), attachments[n]?.sha256)
      }
    })
  }
})
