import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { messageIdOf, messageNumberOf } from './message-id.ts'

const numbers = fc.oneof(
  fc.integer({ min: 1, max: 100_000 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
)

describe('message ids', () => {
  const rows: readonly (readonly [number, string])[] = [
    [1, '1'],
    [10, 'A'],
    [31, 'Z'],
    [32, '10'],
    [1024, '100'],
    [Number.MAX_SAFE_INTEGER, '7ZZZZZZZZZZ'],
  ]
  for (const [n, id] of rows) it(`${n} is ${id}`, () => assert.equal(messageIdOf(n), id))

  it('come back as the same number', () => {
    fc.assert(fc.property(numbers, (n) => assert.equal(messageNumberOf(messageIdOf(n)), n)))
  })

  it('are understood as people type them: any case, O for 0, I and L for 1', () => {
    fc.assert(
      fc.property(numbers, fc.array(fc.boolean(), { minLength: 11, maxLength: 11 }), (n, slips) => {
        const typed = [...messageIdOf(n)]
          .map((letter, at) =>
            slips[at] ? ({ '0': 'o', '1': 'l' }[letter] ?? letter.toLowerCase()) : letter,
          )
          .join('')
        assert.equal(messageNumberOf(typed), n)
      }),
    )
    assert.equal(messageNumberOf('Io'), 32)
  })

  for (const text of ['', '0', '00', 'U', '7K/3', '-1', ' 7', 'ZZZZZZZZZZZ', '111111111111'])
    it(`'${text}' is none`, () => assert.equal(messageNumberOf(text), undefined))

  for (const n of [0, -1, 1.5, Number.NaN, 2 ** 53])
    it(`there is no message ${n}`, () => assert.throws(() => messageIdOf(n), RangeError))
})
