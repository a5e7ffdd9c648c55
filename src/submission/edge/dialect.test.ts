import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { repairCommand } from './dialect.ts'
import { readAddressCommand } from './path.ts'
import { commandQuirks } from './quirks.ts'

const greeted = { hasGreeted: true, hasSender: false }
const understood = (said: string): string => repairCommand(said, greeted)?.line ?? said
const quirksOf = (said: string): readonly string[] => repairCommand(said, greeted)?.quirks ?? []

describe('the dialect', () => {
  for (const { name, says, means } of commandQuirks) {
    it(`${name}: ${JSON.stringify(says)} means ${means}`, () => {
      assert.equal(understood(says), means)
      assert.deepEqual(quirksOf(says), [name])
      assert.deepEqual(quirksOf(means), [])
    })
  }

  const table: readonly (readonly [said: string, means: string])[] = [
    ['  helo  ', 'helo unknown'],
    ['EHLO\t', 'EHLO unknown'],
    ['HELO a\tb\x01c', 'HELO a_b_c'],
    [`HELO ${'x'.repeat(400)}`, `HELO ${'x'.repeat(255)}`],
    ['mail from: scanner@contoso.com', 'mail from:<scanner@contoso.com>'],
    ['MAIL FROM :<a@b.test>', 'MAIL FROM:<a@b.test>'],
    ['RCPT TO: a@b.test', 'RCPT TO:<a@b.test>'],
    ['MAIL FROM:a@b.test SIZE=100 BODY=8BITMIME', 'MAIL FROM:<a@b.test> SIZE=100 BODY=8BITMIME'],
    ['MAIL FROM:<a@b.test', 'MAIL FROM:<a@b.test>'],
    ['RCPT TO:a@b.test>', 'RCPT TO:<a@b.test>'],
    ['MAIL FROM:', 'MAIL FROM:<>'],
    ['MAIL FROM:scanner', 'MAIL FROM:<scanner>'],
    ['MAIL FROM: Front desk scanner SIZE=5', 'MAIL FROM:<Front desk scanner> SIZE=5'],
    ['MAIL FROM:"front desk"@b.test', 'MAIL FROM:<"front desk"@b.test>'],
    ['MAIL FROM:Front desk <a@b.test> SIZE=5', 'MAIL FROM:<a@b.test> SIZE=5'],
    ['RCPT TO:"Anna <x>" <a@b.test>', 'RCPT TO:<a@b.test>'],
    ['MAIL FROM:<a@b.c.>', 'MAIL FROM:<a@b.c>'],
    ['MAIL FROM:<a..@b.c..> SIZE=1', 'MAIL FROM:<a@b.c> SIZE=1'],
    ['RCPT TO:<a.@docomo.test.>', 'RCPT TO:<a.@docomo.test>'],
    ['MAIL FROM:<"a."@b.c>', 'MAIL FROM:<"a."@b.c>'],
    ['MAIL FROM:<a@b.test> AUTH=<> SIZE=x BODY=BINARYMIME', 'MAIL FROM:<a@b.test> AUTH=<>'],
    ['MAIL FROM:<a@b.test> AUTH=<>', 'MAIL FROM:<a@b.test> AUTH=<>'],
    ['RCPT TO:<a@b.test> NOTIFY=NEVER SIZE=5', 'RCPT TO:<a@b.test> NOTIFY=NEVER'],
    // Refused as they are: what they mean cannot be said.
    ['RCPT TO:', 'RCPT TO:'],
    ['MAIL FROM:<a<b>>', 'MAIL FROM:<a<b>>'],
    ['MAIL TO:<a@b.test>', 'MAIL TO:<a@b.test>'],
    ['MAIL', 'MAIL'],
    ['c2NhbjE=', 'c2NhbjE='],
  ]
  for (const [said, means] of table) {
    it(`${JSON.stringify(said.slice(0, 60))} means ${JSON.stringify(means.slice(0, 60))}`, () => {
      assert.equal(understood(said), means)
    })
  }

  const plain = [
    'EHLO [192.168.1.21]',
    'helo 00:11:22:33:44:55',
    'EHLO _',
    'HELO fe80::1',
    'HELO localhost.',
    'MAIL FROM:<>',
    'mail from:<a.b@c.test> size=10 body=8bitmime',
    'rcpt to:<jürgen@müller.test>',
    'RCPT TO:<anna>',
    'AUTH PLAIN AHNjYW4xADEyMzQ=',
    'auth login',
    'DATA',
    'STARTTLS',
  ]
  for (const line of plain) {
    it(`leaves ${line} as it is`, () => assert.equal(repairCommand(line, greeted), undefined))
  }

  it('greets for a device that does not, before MAIL and AUTH alone', () => {
    const mute = { hasGreeted: false, hasSender: false }
    for (const line of ['MAIL FROM:<a@b.test>', 'auth login']) {
      assert.deepEqual(repairCommand(line, mute), { before: ['HELO unknown'], line, quirks: ['no-helo'] })
    }
    for (const line of ['EHLO a', 'RCPT TO:<a@b.test>', 'DATA', 'QUIT']) {
      assert.equal(repairCommand(line, mute), undefined)
    }
  })

  it('resets for a device that begins a second mail without RSET', () => {
    assert.deepEqual(repairCommand('MAIL FROM: a@b.test', { hasGreeted: true, hasSender: true }), {
      before: ['RSET'],
      line: 'MAIL FROM:<a@b.test>',
      quirks: ['mail-space', 'mail-no-brackets', 'mail-again'],
    })
  })

  it('finds nothing more to repair in what it repaired, and lets no line end in', () => {
    const starts = fc.constantFrom('MAIL FROM:', 'rcpt to: ', 'MAIL FROM:<', 'HELO ', 'RCPT  TO', ' ')
    const words = fc.constantFrom(
      ...[':', ' ', '\t', '<', '>', '"', '\\', '.', '@', 'a', 'b.c', 'a@b.c', '<a@b.c> '],
      ...['SIZE=1', ' X=<>', '\x00', '\r', '\u2028', 'é'],
    )
    fc.assert(
      fc.property(starts, fc.array(words, { maxLength: 10 }), (start, parts) => {
        const said = `${start}${parts.join('')}`
        const line = understood(said)
        assert.equal(understood(line), line, said)
        assert.equal(line.includes('\n'), false)
        // A bare CR in a path is refused, repaired or not: it would end a line for whoever it is sent on to.
        if (/[\r\0]/.test(line)) {
          assert.equal(
            readAddressCommand('MAIL FROM', line) ?? readAddressCommand('RCPT TO', line),
            undefined,
          )
        }
      }),
      { numRuns: 20_000 },
    )
  })

  it('takes a time in proportion to the line: the longest is understood at once', () => {
    const long = [' ', '.', '<', '"', 'a ', 'a=b ', '\\"', '\t.'].flatMap((part) =>
      ['MAIL FROM:', 'MAIL FROM:<', 'MAIL FROM:<a', 'HELO ', 'RCPT TO', ''].map((start) =>
        `${start}${part.repeat(8192)}`.slice(0, 8192),
      ),
    )
    // A row that goes back over the line takes minutes for these, and the runner's time ends.
    for (const line of long) for (let n = 0; n < 20; n++) understood(line)
  })
})
