import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatDuration, parseDuration } from './time.ts'

describe('durations of the setup document', () => {
  const rows: readonly (readonly [string, number | undefined])[] = [
    ['90s', 90_000],
    ['15m', 900_000],
    ['4h', 14_400_000],
    ['5d', 432_000_000],
    ['0s', 0],
    ['5', undefined],
    ['5 d', undefined],
    ['-5d', undefined],
    ['1.5h', undefined],
    ['5w', undefined],
    ['5D', undefined],
    ['', undefined],
    ['1d12h', undefined],
    ['5toString', undefined],
  ]
  for (const [text, ms] of rows)
    it(`reads '${text}' as ${ms ?? 'none'}`, () => assert.equal(parseDuration(text), ms))

  it('come back as the same time, in the largest whole unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999 }), fc.constantFrom('s', 'm', 'h', 'd'), (n, unit) => {
        const ms = parseDuration(`${n}${unit}`) ?? assert.fail()
        assert.equal(parseDuration(formatDuration(ms)), ms)
      }),
    )
    assert.equal(formatDuration(86_400_000), '1d')
    assert.equal(formatDuration(90_000), '90s')
    assert.equal(formatDuration(5_400_000), '90m')
  })
})
