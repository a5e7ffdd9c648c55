import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hereDocument, powershellQuoted, recipientFilter, shellQuoted } from './quoting.ts'

const evil = [
  '',
  "'",
  "'; touch /tmp/owned; '",
  '$(touch /tmp/owned)',
  '`touch /tmp/owned`',
  '$HOME',
  '\\',
  "\\'",
  '!!',
  '-n',
  '\n',
  '"',
  '*',
  '~',
  'POWERSHELL_END',
  '\u2019; Remove-Mailbox x; \u2018',
]
const withoutNul = fc
  .oneof(fc.constantFrom(...evil), fc.string({ unit: 'binary' }))
  .map((text) => text.toWellFormed().replaceAll('\0', ''))

describe('a word of bash', () => {
  it('is what it was, whatever it holds, for a real bash', () => {
    const words = fc.array(withoutNul, { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(words, (list) => {
        const script = `printf '%s\\0' ${list.map(shellQuoted).join(' ')}`
        const { stdout, status } = spawnSync('bash', ['-s'], { input: script, encoding: 'utf8' })
        assert.equal(status, 0)
        assert.deepEqual(stdout.split('\0').slice(0, -1), list)
      }),
      { numRuns: 30, examples: [[evil]] },
    )
  })

  it('can not hold NUL', () => {
    assert.throws(() => shellQuoted('a\0b'), /NUL/)
  })
})

/** A verbatim string as PowerShell's tokenizer reads it: any of five quotes ends it, unless a second one follows. */
function readVerbatim(source: string): { readonly value: string; readonly rest: string } {
  const isQuote = (letter: string | undefined): boolean => /^['\u2018-\u201b]$/.test(letter ?? '')
  assert.ok(isQuote(source[0]))
  let value = ''
  for (let at = 1; at < source.length; at++) {
    if (!isQuote(source[at])) value += source[at]
    else if (isQuote(source[at + 1])) value += source[at++]
    else return { value, rest: source.slice(at + 1) }
  }
  return assert.fail('the string does not end')
}

describe('a string of PowerShell', () => {
  it('ends where it should, for the tokenizer’s five kinds of single quotes', () => {
    const letters = fc.constantFrom("'", '\u2018', '\u2019', '\u201a', '\u201b', '"', '$', '`', ';', 'a')
    const lines = fc
      .oneof(withoutNul, fc.string({ unit: letters }))
      .map((text) => text.replace(/[\r\n]/g, ''))
    fc.assert(
      fc.property(lines, (text) => {
        assert.deepEqual(readVerbatim(`${powershellQuoted(text)}; rest`), { value: text, rest: '; rest' })
      }),
    )
  })

  it('is one line', () => {
    for (const text of ['a\nb', 'a\rb', 'a\0b']) assert.throws(() => powershellQuoted(text), /line breaks/)
  })
})

describe('a here-document', () => {
  it('is what it was, for a real bash', () => {
    const lines = fc.array(
      withoutNul.map((text) => text.replaceAll('\n', '')),
      { minLength: 1 },
    )
    fc.assert(
      fc.property(lines, (list) => {
        const text = `${list.filter((line) => line !== 'END').join('\n')}\n`
        const { stdout } = spawnSync('bash', ['-s'], {
          input: `cat ${hereDocument(text, 'END')}\n`,
          encoding: 'utf8',
        })
        assert.equal(stdout, text)
      }),
      { numRuns: 30 },
    )
  })

  it('does not take a text that would end it', () => {
    assert.throws(() => hereDocument('a\nEND\nrm -rf /', 'END'), /holds the line END/)
  })
})

describe('a recipient filter', () => {
  it('writes a quote within an address twice, before PowerShell’s own quoting', () => {
    const filter = recipientFilter(["o'brien@contoso.com", 'anna@contoso.com'])
    assert.equal(
      filter,
      "PrimarySmtpAddress -eq 'o''brien@contoso.com' -or PrimarySmtpAddress -eq 'anna@contoso.com'",
    )
    assert.equal(readVerbatim(powershellQuoted(filter)).value, filter)
  })
})
