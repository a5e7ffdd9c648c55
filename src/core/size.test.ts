import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { describeSize, formatSize, parseSize } from './size.ts'

describe('sizes of the setup document', () => {
  const rows: readonly (readonly [string, number | undefined])[] = [
    ['35MB', 35_000_000],
    ['10KB', 10_000],
    ['1GB', 1_000_000_000],
    ['512B', 512],
    ['1.5MB', 1_500_000],
    ['7.1MB', 7_100_000],
    ['35 MB', undefined],
    ['35mb', undefined],
    ['35MiB', undefined],
    ['35', undefined],
    ['-1MB', undefined],
    ['', undefined],
  ]
  for (const [text, octets] of rows)
    it(`reads '${text}' as ${octets ?? 'none'}`, () => assert.equal(parseSize(text), octets))

  it('come back to the octet', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), (octets) => {
        assert.equal(parseSize(formatSize(octets)), octets)
      }),
    )
    assert.equal(formatSize(35_000_000), '35MB')
    assert.equal(formatSize(1_500_000), '1.5MB')
  })

  const described: readonly (readonly [number, string])[] = [
    [999, '999 bytes'],
    [1500, '2 KB'],
    [999_499, '999 KB'],
    [999_999, '1.0 MB'],
    [7_340_032, '7.3 MB'],
    [9_990_000, '10 MB'],
    [35_000_000, '35 MB'],
    [999_499_999, '999 MB'],
    [999_500_000, '1.0 GB'],
    [84_700_000_000, '84.7 GB'],
  ]
  for (const [octets, text] of described)
    it(`tells a person ${octets} as ${text}`, () => assert.equal(describeSize(octets), text))
})
