import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareVersions, isVersion } from './version.ts'

describe('versions', () => {
  it('are ordered as semver.org orders them', () => {
    const rising = [
      'no version',
      '0.1.0-alpha',
      '0.1.0-alpha.1',
      '0.1.0-alpha.beta',
      '0.1.0-beta.2',
      '0.1.0-beta.11',
      '0.1.0',
      '0.1.9',
      '0.1.10',
      '0.2',
      '1.0.0',
    ]
    for (const [index, version] of rising.entries()) {
      for (const older of rising.slice(0, index))
        assert.ok(compareVersions(older, version) < 0, `${older} < ${version}`)
      for (const younger of rising.slice(index + 1))
        assert.ok(compareVersions(younger, version) > 0, `${younger} > ${version}`)
    }
  })

  it('are the same by what counts', () => {
    for (const [one, other] of [
      ['0.2', '0.2.0'],
      ['1.0.0+2026', '1.0.0+2027'],
      ['1.0.0-rc.1', '1.0.0-rc.1'],
    ] as const)
      assert.equal(compareVersions(one, other), 0)
  })

  it('are no other texts', () => {
    for (const text of ['', 'v1', '1.2.3.4', '1.2.3 ', '../1', '1.0.0-', '1.0.0-a b'])
      assert.equal(isVersion(text), false, text)
  })
})
