import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { probeWait, probeWaits, retryWait, retryWaits } from './retry-schedule.ts'
import { hour, minute } from './time.ts'

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const attempts = fc.integer({ min: 1, max: 100 })

describe('retry schedule', () => {
  it('is a minute first, four hours in the end', () => {
    assert.equal(retryWait(1, 0.5), 1 * minute)
    assert.equal(retryWait(2, 0.5), 2 * minute)
    assert.equal(retryWait(retryWaits.length, 0.5), 4 * hour)
  })

  it('stays within a fifth of its row', () => {
    fc.assert(
      fc.property(attempts, random, (n, r) => {
        const row = retryWaits[Math.min(n, retryWaits.length) - 1] ?? assert.fail()
        const wait = retryWait(n, r)
        assert.ok(wait >= row * 0.8 - 1 && wait <= row * 1.2 + 1, `${wait} after ${n}`)
      }),
    )
  })

  it('uses the whole fifth on both sides', () => {
    assert.equal(retryWait(1, 0), 48_000)
    assert.ok(retryWait(1, 0.999_99) > 71_900)
  })

  it('grows with every attempt, whatever chance says, and then repeats', () => {
    fc.assert(
      fc.property(attempts, random, random, (n, a, b) => {
        if (n < retryWaits.length) assert.ok(retryWait(n, a) <= retryWait(n + 1, b))
        else assert.equal(retryWait(n, a), retryWait(n + 1, a))
      }),
    )
  })

  it('takes an attempt that was never made for the first', () =>
    assert.equal(retryWait(0, 0.5), retryWait(1, 0.5)))
})

describe('probe waits', () => {
  it('are 5, 15, 30, then every 60 minutes', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4, 50].map((probes) => probeWait(probes) / minute),
      [5, 15, 30, 60, 60, 60],
    )
    assert.equal(probeWaits.length, 4)
  })
})
