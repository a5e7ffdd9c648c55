import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { lampBeats, lampWordOf, lampWords } from './lamp.ts'

const alert = (key: string, severity: 'alarm' | 'warning' | 'notice') => ({ key, severity })

describe('the lamp', () => {
  it('says the worst', () => {
    const words = [
      lampWordOf(true, []),
      lampWordOf(true, [alert('quota-shared/acs', 'notice')]),
      lampWordOf(true, [alert('too-warm', 'warning')]),
      lampWordOf(false, [alert('too-warm', 'warning')]),
      lampWordOf(false, [alert('too-warm', 'warning'), alert('mail-waits', 'alarm')]),
      lampWordOf(true, [alert('mail-waits', 'alarm'), alert('card-read-only', 'alarm')]),
      lampWordOf(true, [alert('spool-not-writable', 'alarm')]),
    ]
    assert.deepEqual(words, [
      'working',
      'working',
      'attention',
      'unclaimed',
      'trouble',
      'no-storage',
      'no-storage',
    ])
  })

  it('has beats for each word that differ in their first two, by a third at least', () => {
    const pairs = lampWords.map((word) => {
      const beats = lampBeats[word]
      if (beats === 'on' || beats === 'off') return beats === 'on' ? [10_000, 0] : [0, 10_000]
      assert.ok(beats.length % 2 === 0 && beats.every((ms) => ms >= 10 && ms <= 10_000), word)
      return beats
    })
    const differs = (a = 0, b = 0): boolean => Math.max(a, b) / Math.max(1, Math.min(a, b)) > 1.33
    for (const [n, one] of pairs.entries())
      for (const other of pairs.slice(n + 1))
        assert.ok(differs(one[0], other[0]) || differs(one[1], other[1]), `${one} ${other}`)
  })

  it('never shows working while an alarm or a warning lasts', () => {
    const severities = fc.array(fc.constantFrom('alarm', 'warning', 'notice'))
    fc.assert(
      fc.property(severities, fc.boolean(), (some, isClaimed) => {
        const word = lampWordOf(
          isClaimed,
          some.map((severity) => alert('x', severity)),
        )
        return (word === 'working') === (isClaimed && some.every((each) => each === 'notice'))
      }),
    )
  })
})
