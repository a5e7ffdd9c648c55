import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DataDecoder, type DataEnd } from './data-decoder.ts'

/** Feeds the octets in pieces of these lengths, the rest at once. */
function decode(octets: Buffer, lengths: readonly number[] = [], dataEnd: DataEnd = 'crlf') {
  const decoder = new DataDecoder(dataEnd)
  const content: Buffer[] = []
  let at = 0
  for (const length of [...lengths, octets.length]) {
    const piece = octets.subarray(at, at + length)
    at += piece.length
    const fed = decoder.feed(piece)
    content.push(fed.content)
    if (fed.rest !== undefined) {
      const rest = Buffer.concat([fed.rest, octets.subarray(at)]).toString('latin1')
      return { content: Buffer.concat(content).toString('latin1'), rest, isLax: fed.isLax }
    }
  }
  return { content: Buffer.concat(content).toString('latin1'), rest: undefined, isLax: false }
}

const whole = (text: string) => decode(Buffer.from(text, 'latin1'))

describe('DATA', () => {
  it('ends at CRLF.CRLF and keeps what comes behind', () => {
    assert.deepEqual(whole('a\r\nb\r\n.\r\nQUIT\r\n'), {
      content: 'a\r\nb\r\n',
      rest: 'QUIT\r\n',
      isLax: false,
    })
  })

  it('may be empty', () => {
    assert.deepEqual(whole('.\r\n'), { content: '', rest: '', isLax: false })
    assert.deepEqual(whole('\r\n.\r\n'), { content: '\r\n', rest: '', isLax: false })
  })

  it('takes one of two dots at the start of a line away', () => {
    assert.equal(whole('..a\r\n..\r\na..b\r\n...\r\n.\r\n').content, '.a\r\n.\r\na..b\r\n..\r\n')
  })

  it('keeps a single dot that a careless device did not double', () => {
    assert.equal(whole('.profile\r\n.\r\n').content, '.profile\r\n')
  })

  // The endings known from SMTP smuggling: content, each of them.
  const endings = [
    '\n.\n',
    '\r.\r',
    '\r.\n',
    '\n.\r',
    '\n.\r\n',
    '\r\n.\n',
    '\r.\r\n',
    '\r\n.\r',
    '\r\n\0.\r\n',
    '\r\n.\0\r\n',
  ]
  for (const ending of endings) {
    it(`does not end at ${JSON.stringify(ending)}`, () => {
      const { content, rest } = whole(`a${ending}MAIL FROM:<evil@x.test>\r\n.\r\n`)
      assert.equal(rest, '')
      assert.equal(content, `a${ending}MAIL FROM:<evil@x.test>\r\n`)
    })
  }

  it('understands the same however it is cut', () => {
    const texts = fc.array(fc.constantFrom('\r', '\n', '.', '\r\n', '\r\n.', '\r\n.\r\n', 'a', '\0'), {
      maxLength: 40,
    })
    const cuts = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 60 })
    fc.assert(
      fc.property(texts, cuts, (parts, lengths) => {
        const octets = Buffer.from(`${parts.join('')}\r\n.\r\nNOOP`, 'latin1')
        assert.deepEqual(decode(octets, lengths), decode(octets))
      }),
      { numRuns: 3000 },
    )
  })

  it('gives back what a client doubled', () => {
    const texts = fc.array(fc.constantFrom('.', '..', 'a', '\r\n', '.a', ''), { maxLength: 40 })
    fc.assert(
      fc.property(texts, (parts) => {
        const content = `${parts.join('')}\r\n`
        const doubled = content.replace(/^\./gm, '..')
        assert.deepEqual(whole(`${doubled}.\r\n`), { content, rest: '', isLax: false })
      }),
      { numRuns: 2000 },
    )
  })
})

describe('DATA of a device that ends it by LF', () => {
  const lf = (text: string) => decode(Buffer.from(text, 'latin1'), [], 'lf')
  const table: readonly (readonly [
    said: string,
    content: string,
    rest: string | undefined,
    isLax: boolean,
  ])[] = [
    ['a\nb\n.\nMAIL', 'a\nb\n', 'MAIL', true],
    ['a\r\nb\r\n.\nMAIL', 'a\r\nb\r\n', 'MAIL', true],
    ['a\n.\r\nMAIL', 'a\n', 'MAIL', true],
    ['a\r\n.\r\nMAIL', 'a\r\n', 'MAIL', false],
    ['.\n', '', '', true],
    ['..\n...\n.\n', '.\n..\n', '', true],
    ['.a\n.\n', '.a\n', '', true],
    ['a\r.\r\n', 'a\r.', undefined, false],
    ['a\n.\rb', 'a\n.\rb', undefined, false],
  ]
  for (const [said, content, rest, isLax] of table) {
    it(JSON.stringify(said), () => assert.deepEqual(lf(said), { content, rest, isLax }))
  }

  it('is understood the same however it is cut', () => {
    const texts = fc.array(fc.constantFrom('\r', '\n', '.', '\n.\n', '\r\n.\r\n', 'a'), { maxLength: 40 })
    const cuts = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 60 })
    fc.assert(
      fc.property(texts, cuts, (parts, lengths) => {
        const octets = Buffer.from(`${parts.join('')}\n.\nNOOP`, 'latin1')
        assert.deepEqual(decode(octets, lengths, 'lf'), decode(octets, [], 'lf'))
      }),
      { numRuns: 3000 },
    )
  })
})
