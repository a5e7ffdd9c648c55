import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { contentOf } from '../core/content.ts'
import { messageIdOf } from '../core/message-id.ts'
import type { MimePart, PartIndex } from '../core/part-index.ts'
import { wallMs } from '../core/time.ts'
import { decodeText } from './charset.ts'
import { readDecoded } from './decoded-part.ts'
import { type FixUpContext, fixUp } from './fix-up.ts'
import { PartScanner, scanLimits } from './part-scanner.ts'

const corpus = new URL('../../test/corpus/', import.meta.url)
const corpusFile = (path: string): Buffer => readFileSync(new URL(path, corpus))

function scan(mail: string | Uint8Array, cuts: readonly number[] = []): PartIndex {
  const octets = typeof mail === 'string' ? Buffer.from(mail, 'latin1') : mail
  const scanner = new PartScanner()
  let from = 0
  for (const cut of [...cuts, octets.length]) {
    scanner.feed(octets.subarray(from, cut))
    from = cut
  }
  return scanner.finish()
}

const anyContext: FixUpContext = {
  helo: 'x',
  clientAddress: '192.0.2.1',
  hostname: 'h.example',
  protocol: 'SMTP',
  id: messageIdOf(1),
  recipients: [],
  at: wallMs(0),
  clockBelievable: true,
  reversePath: '',
  deviceSender: undefined,
  gatewaySender: undefined,
  charset: 'utf-8',
}

const crlf = (...lines: readonly string[]): string => lines.join('\r\n')
const outline = (index: PartIndex): string[] => index.parts.map((part) => `${part.number} ${part.type}`)
const bodies = (mail: string): string[] => {
  const { parts } = scan(mail)
  return parts
    .filter((part) => !part.type.startsWith('multipart/'))
    .map(({ body }) => mail.slice(body.start, body.end))
}
const onlyPart = (mail: string): MimePart => {
  const part = scan(mail).parts.at(-1)
  assert.ok(part)
  return part
}

describe('part index', () => {
  it('numbers parts as IMAP does, the top multipart being 0', () => {
    const mail = crlf(
      'Content-Type: multipart/mixed; boundary=out',
      '',
      'preamble',
      '--out',
      'Content-Type: multipart/alternative; boundary=in',
      '',
      '--in',
      '',
      'plain',
      '--in',
      'Content-Type: text/html',
      '',
      '<p>',
      '--in--',
      'epilogue',
      '--out',
      'Content-Type: application/pdf; name=a.pdf',
      '',
      'pdf',
      '--out--',
      'epilogue',
    )
    assert.deepEqual(outline(scan(mail)), [
      '0 multipart/mixed',
      '1 multipart/alternative',
      '1.1 text/plain',
      '1.2 text/html',
      '2 application/pdf',
    ])
    assert.deepEqual(bodies(mail), ['plain', '<p>', 'pdf'])
    assert.deepEqual(
      scan(mail).parts.map((part) => part.parent),
      [undefined, '0', '1', '1', '0'],
    )
  })

  it('calls the only part of a mail 1', () => {
    assert.deepEqual(outline(scan('Subject: x\r\n\r\nHello')), ['1 text/plain'])
  })

  it('knows line ends of every kind, mixed', () => {
    for (const end of ['\r\n', '\n', '\r']) {
      const mail = [
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        '',
        'one',
        '--b',
        'X: y',
        '',
        'two',
        '--b--',
        '',
      ].join(end)
      assert.deepEqual(bodies(mail), ['one', 'two'], JSON.stringify(end))
    }
  })

  const structures: readonly (readonly [name: string, mail: string, bodies: readonly string[]])[] = [
    [
      'a missing end boundary',
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo',
      ['one', 'two'],
    ],
    [
      'a missing inner end boundary',
      'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nin\n--b\n\ntwo\n--b--',
      ['in', 'two'],
    ],
    [
      'a boundary with colons',
      'Content-Type: multipart/mixed; boundary="a:1_b:2"\n\n--a:1_b:2\n\none\n--a:1_b:2--',
      ['one'],
    ],
    [
      'a delimiter with colons that ends a header',
      'Content-Type: multipart/mixed; boundary="a:1"\n\n--a:1\nX: y\n--a:1\n\ntwo\n--a:1--',
      ['', 'two'],
    ],
    [
      'blanks behind a boundary',
      'Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\none\n--b-- \n',
      ['one'],
    ],
    [
      'a longer boundary inside a shorter one',
      'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bc\n\n--bc\n\nin\n--bc--\n--b\n\nout\n--b--',
      ['in', 'out'],
    ],
    [
      'a line that only starts like a boundary',
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--bb\nstill\n--b--',
      ['one\n--bb\nstill'],
    ],
    ['an empty part', 'Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\ntwo\n--b--', ['', 'two']],
    [
      'a quoted-printable multipart',
      'Content-Type: multipart/mixed; boundary="=_b"\nContent-Transfer-Encoding: quoted-printable\n\n--=_b\n\na=b\n--=_b--',
      ['a=b'],
    ],
    [
      'no blank line before the text',
      'Subject: Alarm\nPower failed at 10:00\nTemperature: 40\n',
      ['Power failed at 10:00\nTemperature: 40\n'],
    ],
    ['a mail without header', 'Power failed\nat 10\n', ['Power failed\nat 10\n']],
    ['an mbox line in front', 'From scan@x Mon Jan 1\nSubject: x\n\ntext', ['text']],
    ['a fold of blanks only', 'Subject: x\n \nX-A: b\n\ntext', ['text']],
    [
      'a multipart whose boundary never comes',
      'Content-Type: multipart/mixed; boundary=b\n\nwords\n',
      ['words\n'],
    ],
    ['a multipart without a boundary', 'Content-Type: multipart/mixed\n\nwords\n', ['words\n']],
    [
      'message/rfc822 with a boundary inside',
      'Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--',
      ['Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--'],
    ],
    ['nothing at all', '', ['']],
  ]
  for (const [name, mail, expected] of structures) {
    it(`reads ${name}`, () => assert.deepEqual(bodies(mail), expected))
  }

  const headers: readonly (readonly [header: string, expected: Partial<MimePart>])[] = [
    ['Content-Type:application/pdf;name="DOC.pdf"', { type: 'application/pdf', fileName: 'DOC.pdf' }],
    [
      'Content-Type: TEXT/Plain; Charset=UTF-8 (a comment)',
      { type: 'text/plain', parameters: { charset: 'UTF-8' } },
    ],
    ['Content-Type: application/octet-stream; name=My scan.pdf', { fileName: 'My scan.pdf' }],
    ['Content-Type: image/tiff; name="=?iso-8859-1?Q?B=FCro.tif?="', { fileName: 'Büro.tif' }],
    ["Content-Type: image/tiff; name*0*=utf-8''B%C3; name*1*=%BCro; name*2=.tif", { fileName: 'Büro.tif' }],
    [
      "Content-Disposition: attachment; filename*=iso-8859-1'de'B%FCro.pdf; filename=x.pdf",
      { fileName: 'Büro.pdf', disposition: 'attachment' },
    ],
    ['Content-Disposition: attachment; filename="B\xfcro.pdf"', { fileName: 'Büro.pdf' }],
    ['Content-Disposition: attachment; filename="B\xc3\xbcro.pdf"', { fileName: 'Büro.pdf' }],
    ['Content-Disposition: filename=a.pdf', { fileName: 'a.pdf', disposition: 'attachment' }],
    ['Content-Disposition: attachment; filename="C:\\scan\\a.pdf"', { fileName: 'a.pdf' }],
    ['Content-Disposition: attachment; filename="../../etc/passwd"', { fileName: 'passwd' }],
    ['Content-Disposition: attachment; filename="=?utf-8?Q?a=0D=0Ab.pdf?="', { fileName: 'a b.pdf' }],
    ['Content-Disposition: inline; filename="a.pdf" size=3', { fileName: 'a.pdf', disposition: 'inline' }],
    ['Content-Type: pdf; name=a.pdf', { type: 'application/octet-stream', fileName: 'a.pdf' }],
    ['Content-Type: image/png\r\n\tname="a.png"', { type: 'image/png', fileName: 'a.png' }],
    ['Content-Disposition: attachment filename=a.pdf', { fileName: 'a.pdf', disposition: 'attachment' }],
    ['Content-Type: text', { type: 'text/plain' }],
    ['Content-ID: <a@b>', { contentId: 'a@b' }],
    ['Content-Transfer-Encoding: BASE64', { encoding: 'base64' }],
    ['Content-Transfer-Encoding: utf-8', { encoding: '7bit' }],
    [
      'Content-Type: message/partial; number=1; total=3;\r\n id="<x@y>"',
      { type: 'message/partial', parameters: { number: '1', total: '3', id: '<x@y>' } },
    ],
  ]
  for (const [header, expected] of headers) {
    it(`reads ${JSON.stringify(header)}`, () => {
      const part = onlyPart(`${header}\r\n\r\n`)
      for (const [name, value] of Object.entries(expected))
        assert.deepEqual({ [name]: part[name as keyof MimePart] }, { [name]: value })
    })
  }

  const sizes: readonly (readonly [encoding: string, body: string, decoded: string, isPlain: boolean])[] = [
    ['base64', 'TWFu', 'Man', true],
    ['base64', 'TWE=', 'Ma', true],
    ['base64', 'TQ==\r\n', 'M', true],
    ['base64', 'TW\r\nFu', 'Man', true],
    ['base64', 'TQ', 'M', false],
    ['base64', 'T', '', false],
    ['base64', 'TW!Fu', 'Man', false],
    ['base64', 'TQ==TQ==', 'MM', false],
    ['base64', 'T===', '', false],
    ['base64', 'TWFu====', 'Man', false],
    ['base64', '', '', true],
    ['quoted-printable', 'a=3Db=\r\nc', 'a=bc', false],
    ['quoted-printable', 'a=3db= \t\nc', 'a=bc', false],
    ['quoted-printable', 'a=XYb==41', 'a=XYb=A', false],
    ['quoted-printable', 'end  \r\nnext \t', 'end\r\nnext', false],
    ['quoted-printable', 'a=4', 'a=4', false],
    ['quoted-printable', 'a=', 'a', false],
    ['7bit', 'a\r\nb\n', 'a\r\nb\n', false],
    ['binary', '\x00\xff', '\x00\xff', false],
    ['x-uuencode', 'begin 644 a.txt\n#0V%T\n`\nend\n', 'Cat', false],
  ]
  for (const [encoding, body, decoded, isPlain] of sizes) {
    it(`tells the decoded size of ${encoding} ${JSON.stringify(body)}`, async () => {
      const mail = `Content-Transfer-Encoding: ${encoding}\r\n\r\n${body}`
      const part = onlyPart(mail)
      const octets = await readDecoded(contentOf(Buffer.from(mail, 'latin1')), part)
      assert.equal(octets.toString('latin1'), decoded)
      assert.equal(part.decodedSize, decoded.length)
      assert.equal(part.isPlainBase64, isPlain)
    })
  }

  it('knows letters behind padding in a later piece', () => {
    const mail = 'Content-Transfer-Encoding: base64\r\n\r\nTQ==TWFu'
    assert.equal(scan(mail, [mail.length - 4]).parts[0]?.isPlainBase64, false)
  })

  it('ends an inner multipart where the outer delimiter stands', () => {
    const mail =
      'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nin\n--b--\n'
    assert.equal(scan(mail).parts[1]?.body.end, mail.indexOf('\n--b--'))
  })

  it('tells 8-bit octets, lone line ends and the longest line', () => {
    const facts = ({ has8bit, hasBareLineEnds, longestLine }: PartIndex) => ({
      has8bit,
      hasBareLineEnds,
      longestLine,
    })
    assert.deepEqual(facts(scan('A: b\r\n\r\nxyz12')), {
      has8bit: false,
      hasBareLineEnds: false,
      longestLine: 5,
    })
    assert.deepEqual(facts(scan('A: b\r\n\r\n\xe9\n')), {
      has8bit: true,
      hasBareLineEnds: true,
      longestLine: 4,
    })
    assert.equal(scan('A: b\r\n\r\nx\ry').hasBareLineEnds, true)
    assert.equal(scan('A: b\r\n\r\nx\r').hasBareLineEnds, true)
  })
})

describe('limits of the part index', () => {
  const nested = (depth: number): string =>
    Array.from({ length: depth }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`)
      .concat('\ntext')
      .join('')

  it('takes sixteen multiparts apart, one inside the other', () => {
    const index = scan(nested(scanLimits.depth))
    assert.equal(index.isCut, false)
    assert.equal(index.parts.length, scanLimits.depth + 1)
  })

  it('leaves the seventeenth whole', () => {
    const index = scan(nested(scanLimits.depth + 1))
    assert.equal(index.isCut, true)
    assert.equal(index.parts.at(-1)?.type, 'application/octet-stream')
  })

  it('gives everything behind the 500th part to that part', () => {
    const mail = `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(600)}--b--\n`
    const index = scan(mail)
    assert.equal(index.isCut, true)
    assert.equal(index.parts.length, scanLimits.parts)
    assert.equal(index.parts.at(-1)?.body.end, mail.length)
  })

  it('ends a header at 256 KiB, the same for any cut', () => {
    const mail = Buffer.from(`${'X-Long: 0123456789\r\n'.repeat(20000)}\r\ntext`)
    const index = scan(mail)
    assert.equal(index.isCut, true)
    assert.ok(index.headerEnd <= scanLimits.headerOctets)
    assert.deepEqual(scan(mail, [100_000, 262_144, 300_000]), index)
  })
})

describe('headers meant to keep a reader busy', () => {
  const many = 250_000
  const values: readonly (readonly [name: string, value: string])[] = [
    ['blanks', ' '.repeat(many)],
    ['semicolons', ';'.repeat(many)],
    ['open comments', ' ('.repeat(many / 2)],
    ['open quotes', '"\\'.repeat(many / 2)],
    ['parameters', ' a=b;'.repeat(many / 5)],
    ['sections', ' a*1=b;'.repeat(many / 7)],
    ['dots', `<a@${'.'.repeat(many)}`],
    ['encoded words', '=?a?Q?'.repeat(many / 6)],
    ['at signs', '<@'.repeat(many / 2)],
    ['commas', 'a,'.repeat(many / 2)],
    ['raw octets', '"\\"\xe9'.repeat(many / 4)],
  ]
  const names = ['Content-Type: a/b;', 'Content-Disposition:', 'Content-Transfer-Encoding:', 'Content-ID:']
  for (const [name, value] of values) {
    it(`are read in one go: ${name}`, () => {
      for (const field of names) assert.equal(scan(`${field}${value}\r\n\r\ntext`).parts[0]?.decodedSize, 4)
      for (const field of ['From:', 'Date:', 'Message-ID:', 'Subject:']) {
        assert.ok(fixUp(Buffer.from(`${field}${value}\r\n`, 'latin1'), anyContext).header.length > 0)
      }
    })
  }

  it('are read in one go: lines that end in CR alone', () => {
    assert.equal(scan(`${'A:b\r'.repeat(60_000)}\rtext`).parts[0]?.decodedSize, 4)
  })
})

/** Lines that make trouble, so that random mails are made of them rather than of noise. */
const line = fc.constantFrom(
  '--a',
  '--a--',
  '--b',
  '--b--',
  '--a ',
  '--',
  '-',
  '',
  ' ',
  'text',
  'Content-Type: multipart/mixed; boundary=a',
  'Content-Type: multipart/mixed; boundary="b"',
  'Content-Type: text/html;',
  ' charset=utf-8',
  'Content-Transfer-Encoding: base64',
  'Content-Transfer-Encoding: quoted-printable',
  'TWFu',
  'TQ==',
  'a=3D=',
  '=',
  'blank \t',
  '\xe9',
)
const lineEnd = fc.constantFrom('\r\n', '\r\n', '\n', '\r')
const roughMail = fc
  .array(fc.tuple(line, lineEnd), { maxLength: 40 })
  .map((lines) => Buffer.from(lines.flat().join(''), 'latin1'))
const cutPlaces = (length: number) =>
  fc.array(fc.nat({ max: length }), { maxLength: 20 }).map((places) => places.toSorted((a, b) => a - b))

describe('part index of a stream', () => {
  it('is the same however the stream is cut', () => {
    fc.assert(
      fc.property(
        roughMail.chain((mail) => fc.tuple(fc.constant(mail), cutPlaces(mail.length))),
        ([mail, cuts]) => assert.deepEqual(scan(mail, cuts), scan(mail)),
      ),
      { numRuns: 1500 },
    )
  })

  it('is the same fed octet by octet', () => {
    fc.assert(
      fc.property(roughMail, (mail) =>
        assert.deepEqual(
          scan(
            mail,
            Array.from({ length: mail.length }, (_, n) => n),
          ),
          scan(mail),
        ),
      ),
      { numRuns: 500 },
    )
  })

  it('is the same with a header that was taken apart before', () => {
    fc.assert(
      fc.property(roughMail, (mail) => {
        const { headerEnd } = scan(mail)
        const { header, fields } = fixUp(mail.subarray(0, headerEnd), anyContext)
        const body = mail.subarray(headerEnd)
        const scanner = new PartScanner()
        scanner.feedHeader(header, fields)
        scanner.feed(body)
        assert.deepEqual(scanner.finish(), scan(Buffer.concat([header, body])))
      }),
      { numRuns: 1000 },
    )
  })

  it('tells decoded sizes that decoding finds, for any octets', async () => {
    await fc.assert(
      fc.asyncProperty(roughMail, async (mail) => {
        for (const part of scan(mail).parts.filter((p) => !p.type.startsWith('multipart/'))) {
          assert.equal((await readDecoded(contentOf(mail), part)).length, part.decodedSize)
        }
      }),
      { numRuns: 500 },
    )
  })
})

/** A part as a device would make it, with its octets. */
const encodedPart = fc
  .record({
    octets: fc.uint8Array({ maxLength: 400 }),
    name: fc.constantFrom('scan.pdf', 'Büro 1.tif', 'スキャン.pdf', 'a;b.pdf'),
    encoding: fc.constantFrom('base64', 'quoted-printable'),
  })
  .map(({ octets, name, encoding }) => ({ octets, name, encoding, body: encode(octets, encoding) }))

function encode(octets: Uint8Array, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(octets).toString('base64').replace(/.{76}/g, '$&\r\n')
  return Array.from(octets, (octet) => `=${octet.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
    .replace(/.{72}/g, '$&=\r\n')
}

describe('part index against another reader', () => {
  it('finds the octets and names that postal-mime finds', async () => {
    const mails = fc.array(encodedPart, { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(mails, async (list) => {
        const parts = list.map(({ name, encoding, body }) =>
          crlf(
            '--b_1',
            `Content-Type: application/pdf; name="=?utf-8?B?${Buffer.from(name).toString('base64')}?="`,
            'Content-Disposition: attachment',
            `Content-Transfer-Encoding: ${encoding}`,
            '',
            `${body}\r\n`,
          ),
        )
        const mail = Buffer.from(
          `Content-Type: multipart/mixed; boundary="b_1"\r\n\r\n${parts.join('')}--b_1--\r\n`,
        )
        const theirs = (await PostalMime.parse(mail)).attachments
        const ours = scan(mail).parts.slice(1)
        assert.equal(ours.length, theirs.length)
        for (const [n, part] of ours.entries()) {
          const decoded = await readDecoded(contentOf(mail), part)
          assert.deepEqual(decoded, Buffer.from(list[n]?.octets ?? []))
          if (list[n]?.encoding === 'base64') assert.equal(part.isPlainBase64, true)
          const their = theirs[n]?.content
          assert.ok(their instanceof ArrayBuffer)
          if (list[n]?.encoding === 'base64') assert.deepEqual(decoded, Buffer.from(their))
          assert.equal(part.fileName, theirs[n]?.filename)
        }
      }),
      { numRuns: 200 },
    )
  })
})

interface ExpectedPart {
  readonly body: Readonly<Record<string, unknown>>
  readonly offset_body: number
  readonly offset_end: number
}

/** Where this reader differs from the corpus's parser, and why ours is meant so. */
const otherReadings: Readonly<Record<string, string>> = {
  'malformed/000.eml': 'a delimiter ends a header, so these are parts',
  'malformed/001.eml': 'a lone CR ends a line',
  'malformed/004.eml': 'a delimiter is a whole line; words around a boundary that never comes are kept',
  'malformed/007.eml': 'an inner multipart is found although a delimiter ends its header',
  'malformed/009.eml': 'an outer delimiter ends inner parts that were never closed',
  'malformed/011.eml': 'an outer delimiter ends inner parts that were never closed',
  'malformed/012.eml': 'an outer delimiter ends inner parts that were never closed',
  'malformed/013.eml': 'a delimiter at the end opens an empty part',
  'malformed/014.eml': 'a delimiter at the end opens an empty part',
  'malformed/016.eml': 'an outer delimiter ends inner parts that were never closed',
  'malformed/019.eml': 'a line that is no field ends a header',
  'malformed/020.eml': 'the first Content-Type counts',
  'malformed/021.eml': 'the first Content-Type counts',
  'malformed/022.eml': 'a message inside stays one part up to the next outer delimiter',
  'thirdparty/005.eml': 'a delimiter does not stand in the middle of a line',
  'thirdparty/015.eml': 'an outer delimiter ends a message inside',
}

/** Base64 that is none: the other parser shows the letters, or drops a last octet; devices need what can be saved. */
const otherDecoding: ReadonlySet<string> = new Set(['thirdparty/002.eml', 'rfc/000.eml'])

describe('part index of the malformed corpus', () => {
  for (const folder of ['malformed', 'thirdparty', 'rfc']) {
    for (const name of readdirSync(new URL(`stalwart/${folder}/`, corpus)).filter((file) =>
      file.endsWith('.eml'),
    )) {
      const path = `${folder}/${name}`
      const why = otherReadings[path]
      it(`${path} ${why ? `(read otherwise: ${why})` : ''}`, async () => {
        const raw = corpusFile(`stalwart/${path}`)
        const expected: { parts: ExpectedPart[] } = JSON.parse(
          corpusFile(`stalwart/${path.replace('.eml', '.json')}`).toString(),
        )
        const isForLf = expected.parts[0]?.offset_end !== raw.length && raw.includes('\r\n')
        const mail = isForLf ? Buffer.from(raw.toString('latin1').replaceAll('\r\n', '\n'), 'latin1') : raw
        const theirs = expected.parts.filter((part) => !('Multipart' in part.body))
        const ours = scan(mail).parts.filter((part) => !part.type.startsWith('multipart/'))
        const isSame =
          theirs.length === ours.length &&
          theirs.every(
            (part, n) => part.offset_body === ours[n]?.body.start && part.offset_end === ours[n]?.body.end,
          )
        assert.equal(
          isSame,
          why === undefined,
          JSON.stringify([theirs.map((p) => [p.offset_body, p.offset_end]), ours.map((p) => p.body)]),
        )
        if (why !== undefined || otherDecoding.has(path)) return
        for (const [n, part] of ours.entries()) await assertSameBody(mail, part, theirs[n])
      })
    }
  }
})

async function assertSameBody(
  mail: Buffer,
  part: MimePart,
  expected: ExpectedPart | undefined,
): Promise<void> {
  const octets = await readDecoded(contentOf(mail), part)
  const [kind, body] = Object.entries(expected?.body ?? {})[0] ?? []
  if (Array.isArray(body)) assert.deepEqual(octets, Buffer.from(body))
  else if (kind !== 'Message') assert.equal(decodeText(octets, part.parameters['charset']), body)
}

describe('part index of what devices send', () => {
  const expected: Record<
    string,
    {
      subject: string
      attachments: { filename: string; contentType: string; bytes: number; sha256: string }[]
    }
  > = JSON.parse(corpusFile('device-wire/expected.json').toString())
  for (const [name, { attachments }] of Object.entries(expected).filter(([file]) => file.endsWith('.eml'))) {
    it(`${name}`, async () => {
      const mail = corpusFile(`device-wire/${name}`)
      const index = scan(mail)
      const files = index.parts.filter((part) => part.fileName !== undefined)
      assert.equal(files.length, attachments.length)
      for (const [n, part] of files.entries()) {
        const octets = await readDecoded(contentOf(mail), part)
        assert.equal(part.fileName, attachments[n]?.filename)
        assert.equal(part.type, attachments[n]?.contentType)
        assert.equal(part.decodedSize, attachments[n]?.bytes)
        assert.equal(createHash('sha256').update(octets).digest('hex'), attachments[n]?.sha256)
      }
    })
  }

  it('keeps a message/partial as one part', () => {
    const index = scan(corpusFile('device-wire/s4-canon-message-partial.2-of-3.eml'))
    assert.deepEqual(outline(index), ['1 message/partial'])
    assert.equal(index.parts[0]?.parameters['number'], '2')
    const brackets = scan(
      corpusFile('device-wire/s5-scanner-message-partial-id-in-angle-brackets.1-of-2.eml'),
    )
    assert.match(brackets.parts[0]?.parameters['id'] ?? '', /^<.+>$/)
  })
})
