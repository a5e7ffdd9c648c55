import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readAddressCommand } from './path.ts'

const table: readonly (readonly [string, string | undefined])[] = [
  ['MAIL FROM:<a@b.test>', 'a@b.test'],
  ['mail from: <a@b.test>', 'a@b.test'],
  ['MAIL FROM:<>', ''],
  ['MAIL FROM:<Front desk scanner>', 'Front desk scanner'],
  ['MAIL FROM:<local.@b.test>', 'local.@b.test'],
  ['MAIL FROM:<@relay.test:a@b.test>', 'a@b.test'],
  ['MAIL FROM:<"a>b"@b.test> SIZE=1', '"a>b"@b.test'],
  ['MAIL FROM:<jürgen@müller.test>', 'jürgen@müller.test'],
  ['MAIL FROM:a@b.test', undefined],
  ['MAIL FROM:<a\u0085b@b.test>', undefined],
  ['MAIL TO:<a@b.test>', undefined],
  ['RCPT TO:<a@b.test>', undefined],
]

describe('MAIL FROM', () => {
  for (const [line, expected] of table) {
    it(`${line} → ${expected ?? 'not understood'}`, () => {
      assert.equal(readAddressCommand('MAIL FROM', line)?.path, expected)
    })
  }

  it('has parameters: names folded, the first of two counts, unknown ones too', () => {
    const command = readAddressCommand(
      'MAIL FROM',
      'MAIL FROM:<a@b.test> size=10 AUTH=<> SMTPUTF8 SIZE=20 X=a=b',
    )
    assert.deepEqual(command?.parameters, { SIZE: '10', AUTH: '<>', SMTPUTF8: true, X: 'a=b' })
  })
})
