import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { comparable, domainOf, localPartOf, matchesAny, matchesPattern, parseAddress } from './address.ts'

const read = (text: string) => parseAddress(text) ?? assert.fail(`no address: ${text}`)

describe('an address', () => {
  const good: readonly (readonly [string, string])[] = [
    ['anna@contoso.com', 'anna@contoso.com'],
    ['Anna.Meier@CONTOSO.com', 'Anna.Meier@contoso.com'],
    ['..dots..@contoso.com', '..dots..@contoso.com'],
    ['"a b@c"@contoso.com', '"a b@c"@contoso.com'],
    ['"a\\"b"@contoso.com', '"a\\"b"@contoso.com'],
    ['müller@bücher.example', 'müller@bücher.example'],
    ['scan@localhost', 'scan@localhost'],
    ['scan@[192.168.7.5]', 'scan@[192.168.7.5]'],
    [`${'x'.repeat(64)}@contoso.com`, `${'x'.repeat(64)}@contoso.com`],
  ]
  for (const [text, parsed] of good) it(`reads ${text}`, () => assert.equal(parseAddress(text), parsed))

  const bad = [
    '',
    'anna',
    '@contoso.com',
    'anna@',
    'an na@contoso.com',
    'anna@con toso.com',
    'anna@contoso..com',
    'anna@.contoso.com',
    'anna@contoso.com.',
    'a<b@contoso.com',
    'anna@contoso.com\r\nRCPT TO:<x@y>',
    'anna\u0000@contoso.com',
    'anna@cont\u001boso.com',
    '"an\u0007na"@contoso.com',
    '"open@contoso.com',
    `${'x'.repeat(65)}@contoso.com`,
    `a@${'x'.repeat(260)}.com`,
  ]
  for (const text of bad)
    it(`refuses ${JSON.stringify(text).slice(0, 40)}`, () => assert.equal(parseAddress(text), undefined))

  it('reads what it wrote, and takes it apart again', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (text) => {
        const address = read(text)
        assert.equal(parseAddress(address), address)
        assert.equal(`${localPartOf(address)}@${domainOf(address)}`, address)
      }),
    )
  })

  it('never holds a line end, a blank outside quotes or a control character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom('@a.b', ''),
        (text, domain) => {
          const address = parseAddress(text + domain)
          if (address !== undefined) assert.doesNotMatch(address, /\p{Cc}/u)
        },
      ),
    )
  })
})

describe('a pattern', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['*', 'anna@contoso.com', true],
    ['*@contoso.com', 'anna@contoso.com', true],
    ['*@Contoso.COM', 'anna@contoso.com', true],
    ['*@contoso.com', 'anna@sub.contoso.com', false],
    ['*@contoso.com', 'anna@evilcontoso.com', false],
    ['*@contoso.com', '"x@contoso.com"@evil.example', false],
    ['anna@contoso.com', 'Anna@contoso.com', true],
    ['ANNA@contoso.com', 'anna@contoso.com', true],
    ['anna@contoso.com', 'hanna@contoso.com', false],
    ['', 'anna@contoso.com', false],
  ]
  for (const [pattern, address, matches] of rows)
    it(`'${pattern}' ${matches ? 'takes' : 'leaves'} ${address}`, () =>
      assert.equal(matchesPattern(read(address), pattern), matches))

  it('matches in any case of letters, and one of several is enough', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (text) => {
        const address = read(text)
        assert.ok(matchesPattern(address, comparable(address)))
        assert.ok(matchesPattern(address, address.toUpperCase()))
        assert.ok(matchesAny(address, ['nobody@nowhere.example', `*@${domainOf(address)}`]))
        assert.ok(!matchesAny(address, []))
      }),
    )
  })
})
