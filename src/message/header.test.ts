import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { addressParser } from 'postal-mime'
import { parseAddress } from '../core/address.ts'
import { wallMs } from '../core/time.ts'
import { decodeText } from './charset.ts'
import { formatDate, parseDate } from './date-field.ts'
import { cleanFileName, declaredType, uniqueName } from './file-name.ts'
import {
  findField,
  joinHeader,
  makeField,
  rawValue,
  removeFields,
  replaceField,
  splitHeader,
} from './header.ts'
import { findHeaderEnd } from './header-end.ts'
import { parseMailboxes } from './mailbox-list.ts'
import { decodeWords, encodeWords, phrase } from './words.ts'

const octets = (text: string): Buffer => Buffer.from(text, 'latin1')
const text = (joined: Uint8Array): string => Buffer.from(joined).toString('latin1')

describe('header fields', () => {
  const header = octets('Subject:  a\r\n b\nX-A : 1\n \n c\rTo:x\r\nX-A: \xe9\r\n\r\n')

  it('keep every octet of what is not touched', () => {
    const fields = splitHeader(header)
    assert.equal(text(joinHeader(fields)), text(header))
    const changed = replaceField(removeFields(fields, 'subject'), makeField('To', 'y'))
    assert.equal(text(joinHeader(changed)), 'X-A : 1\n \n c\rTo: y\r\nX-A: \xe9\r\n\r\n')
  })

  it('are unfolded, a line of blanks being a fold', () => {
    const fields = splitHeader(header)
    assert.deepEqual(
      fields.map((field) => [field.name, rawValue(field)]),
      [
        ['Subject', 'a b'],
        ['X-A', '1  c'],
        ['To', 'x'],
        ['X-A', '\xe9'],
      ],
    )
    assert.equal(findField(fields, 'x-a')?.name, 'X-A')
  })

  it('take no value with a line end in it', () => {
    for (const value of ['a\r\nBcc: x', 'a\nb', 'a\rb', 'a\r\n'])
      assert.throws(() => makeField('X', value), RangeError)
    assert.equal(text(makeField('X', 'a\r\n b').octets), 'X: a\r\n b\r\n')
  })

  it('of a value are replaced where the first stood, the others dropped', () => {
    const fields = splitHeader(octets('A: 1\nB: 2\nA: 3\n'))
    assert.deepEqual(
      replaceField(fields, makeField('a', 'x')).map((field) => field.name),
      ['a', 'B'],
    )
  })
})

describe('end of the header', () => {
  const end = (mail: string, isComplete = true) =>
    findHeaderEnd(octets(mail), { start: 0, resumeAt: 0, isComplete })
  const table: readonly (readonly [mail: string, end: number])[] = [
    ['A: b\r\n\r\nx', 8],
    ['A: b\n\nx', 6],
    ['A: b\r\rx', 6],
    ['A: b\r\n \r\nC: d\r\n\r\n', 17],
    ['A: b\r\ntext here\r\n', 6],
    ['A: b', 4],
    ['\r\nx', 2],
    ['text', 0],
    ['From x\nA: b\n\n', 13],
    [' folded at once', 0],
  ]
  for (const [mail, place] of table) {
    it(JSON.stringify(mail), () => assert.deepEqual(end(mail), { kind: 'found', end: place }))
  }

  it('waits for octets that may still change it', () => {
    assert.deepEqual(end('A: b\r\n\r', false), { kind: 'more', resumeAt: 6 })
    assert.deepEqual(end('A: b\r\nC', false), { kind: 'more', resumeAt: 6 })
  })

  it('does not wait for the end of a text without lines', () => {
    assert.deepEqual(end(`A: b\r\n${'x '.repeat(600)}`, false), { kind: 'found', end: 6 })
  })
})

describe('words', () => {
  it('come back from encoding as they were, each encoded word at most 75 characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), (words) => {
        const encoded = encodeWords(words)
        assert.ok(encoded.split('\r\n ').every((word) => word.length <= 75))
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what decoding takes out
        const shown = words.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim()
        assert.equal(decodeWords(encoded.replaceAll('\r\n', '')), shown)
      }),
      { numRuns: 300 },
    )
  })

  it('never hold a line end after decoding', () => {
    assert.equal(decodeWords('=?utf-8?Q?a=0D=0ABcc:_x?='), 'a Bcc: x')
  })

  it('make display names that read back', () => {
    for (const name of ['Anna', 'Front desk', 'a "b" \\c', 'Meier, Anna', 'Büro', '=?utf-8?Q?x?=', 'a@b.c']) {
      assert.deepEqual(parseMailboxes(`${phrase(name)} <x@y.example>`), [
        { name, address: 'x@y.example', said: 'x@y.example' },
      ])
    }
  })
})

describe('mailboxes', () => {
  const table: readonly (readonly [
    value: string,
    expected: readonly (readonly [name: string, address: string | undefined])[],
  ])[] = [
    ['"x"<y@z.example>', [['x', 'y@z.example']]],
    ['y@Z.Example', [['', 'y@z.example']]],
    ['<y@z.example', [['', 'y@z.example']]],
    ['scanner', [['scanner', undefined]]],
    ['undisclosed-recipients:;', []],
    [
      'Team: a@b.c, "Q, R" <d@e.f>;, x@y.z',
      [
        ['', 'a@b.c'],
        ['Q, R', 'd@e.f'],
        ['', 'x@y.z'],
      ],
    ],
    ['=?utf-8?q?evil=40x.example=2C?= <a@b.c>', [['evil@x.example,', 'a@b.c']]],
    ['', []],
  ]
  for (const [value, expected] of table) {
    it(JSON.stringify(value), () =>
      assert.deepEqual(
        parseMailboxes(value).map(({ name, address }) => [name, address]),
        expected,
      ),
    )
  }
})

describe('a mailbox without anything else', () => {
  it('is read as the parser of lists reads it', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,70}$/)
    const domain = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9.-]{0,20}$/)
    fc.assert(
      fc.property(word, domain, fc.boolean(), (local, at, hasBrackets) => {
        const value = hasBrackets ? `<${local}@${at}>` : `${local}@${at}`
        const [only, ...others] = addressParser(value, { flatten: true })
        assert.deepEqual(others, [])
        assert.deepEqual(parseMailboxes(value), [
          { name: only?.name, address: parseAddress(only?.address ?? ''), said: only?.address },
        ])
      }),
      { numRuns: 1000 },
    )
  })
})

describe('dates of a header', () => {
  const table: readonly (readonly [value: string, expected: string | undefined])[] = [
    ['Wed, 19 Feb 2025 12:13:19 -0500', '2025-02-19T17:13:19Z'],
    ['19 Feb 25 12:13 GMT', '2025-02-19T12:13:00Z'],
    ['Wed, 19-Feb-2025 12:13:19 +0100 (CET)', '2025-02-19T11:13:19Z'],
    ['Wednesday, 19 February 2025 12:13:19 EST', '2025-02-19T17:13:19Z'],
    ['Wed, 19 Feb 2025 12:13:19', undefined],
    ['Wed, 31 Feb 2025 12:13:19 +0000', undefined],
    ['2025-02-19 12:13:19', undefined],
    ['Wed, 19 Feb 2025 25:13:19 +0000', undefined],
    ['', undefined],
  ]
  for (const [value, expected] of table) {
    it(JSON.stringify(value), () =>
      assert.equal(parseDate(value), expected === undefined ? undefined : Date.parse(expected)),
    )
  }

  it('are written so that they read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e9 }), (seconds) =>
        assert.equal(parseDate(formatDate(wallMs(seconds * 1000))), seconds * 1000),
      ),
    )
  })
})

describe('file names', () => {
  const table: readonly (readonly [said: string, name: string | undefined])[] = [
    ['a.pdf', 'a.pdf'],
    ['/etc/passwd', 'passwd'],
    ['C:\\x\\a.pdf', 'a.pdf'],
    ['..', undefined],
    [' \t', undefined],
    ['a\u202efdp.exe', 'afdp.exe'],
    ['a\u0000b', 'a b'],
    [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(196)}.pdf`],
  ]
  for (const [said, name] of table) {
    it(`${JSON.stringify(said.slice(0, 20))} is ${name?.slice(0, 20)}`, () =>
      assert.equal(cleanFileName(said), name))
  }

  it('tell the type where the part does not', () => {
    assert.equal(declaredType('application/octet-stream', 'A.PDF'), 'application/pdf')
    assert.equal(declaredType('application/octet-stream', 'a.tiff'), 'image/tiff')
    assert.equal(declaredType('application/octet-stream', undefined), 'application/octet-stream')
    assert.equal(declaredType('text/plain', 'a.pdf'), 'text/plain')
    assert.equal(declaredType('image/jpg', undefined), 'image/jpeg')
  })

  it('are made unique', () => {
    const taken = new Set<string>()
    assert.deepEqual(
      ['a.pdf', 'A.pdf', 'a.pdf', 'a'].map((name) => uniqueName(name, taken)),
      ['a.pdf', 'A-2.pdf', 'a-3.pdf', 'a'],
    )
  })
})

describe('charsets', () => {
  const table: readonly (readonly [octets: string, label: string | undefined, expected: string])[] = [
    ['B\xfcro', 'iso-8859-1', 'Büro'],
    ['B\xfcro', undefined, 'Büro'],
    ['B\xc3\xbcro', 'us-ascii', 'Büro'],
    ['\x83X', 'cp932', 'ス'],
    ['\x1b$B%9\x1b(B', 'ISO-2022-JP', 'ス'],
    ['\xe9', 'no-such-charset', 'é'],
  ]
  for (const [raw, label, expected] of table) {
    it(`${label} ${JSON.stringify(raw)}`, () => assert.equal(decodeText(octets(raw), label), expected))
  }
})
