import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { confirmingPart, mintRecoveryCode, readRecoveryCode, recoveryCodeText } from './recovery-code.ts'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codes = fc.uint8Array({ minLength: 22, maxLength: 22 }).map((octets) => mintRecoveryCode(() => octets))

describe('a recovery code', () => {
  it('is six groups of four without look-alikes', () =>
    assert.match(recoveryCodeText(mintRecoveryCode()), /^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/))

  it('is read back however it was typed', () =>
    fc.assert(
      fc.property(codes, (code) => {
        const typed = recoveryCodeText(code).toLowerCase().replaceAll('-', ' ').replaceAll('1', 'l')
        assert.deepEqual(readRecoveryCode(typed), { kind: 'code', code })
      }),
    ))

  it('with one wrong letter is told', () =>
    fc.assert(
      fc.property(codes, fc.nat(23), fc.integer({ min: 1, max: 31 }), (code, at, by) => {
        const wrong = alphabet.charAt((alphabet.indexOf(code.charAt(at)) + by) % 32)
        const read = readRecoveryCode(code.slice(0, at) + wrong + code.slice(at + 1))
        assert.equal(read.kind, 'mistyped')
      }),
    ))

  it('with two neighbours that changed places is told', () =>
    fc.assert(
      fc.property(codes, fc.nat(22), (code, at) => {
        const [one = '', two = ''] = [code[at], code[at + 1]]
        fc.pre(one !== two)
        assert.equal(readRecoveryCode(code.slice(0, at) + two + one + code.slice(at + 2)).kind, 'mistyped')
      }),
    ))

  it('says what is wrong with it', () => {
    const sentence = (typed: string) => {
      const read = readRecoveryCode(typed)
      return read.kind === 'mistyped' ? read.sentence : ''
    }
    assert.match(sentence('ABCD'), /has 24 letters and digits, this one has 4/)
    assert.match(sentence('U'.repeat(24)), /no U in a recovery code/)
  })

  it('is confirmed by its last two groups', () => {
    const code = mintRecoveryCode()
    assert.equal(confirmingPart(code), recoveryCodeText(code).slice(-9).replace('-', ''))
  })
})
