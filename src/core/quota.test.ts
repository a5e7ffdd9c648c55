import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { QuotaLedger, type Usage } from './quota.ts'
import type { Quota } from './setup.ts'
import { day, hour, minute } from './time.ts'

const one: Usage = { messages: 1, recipients: 1, external: 1 }

interface Used extends Usage {
  readonly at: number
}

const limitsOf = (quota: Quota) =>
  [
    [quota.perMinute, minute, 'messages'],
    [quota.perHour, hour, 'messages'],
    [quota.perDay, day, 'messages'],
    [quota.recipientsPerDay, day, 'recipients'],
    [quota.externalPerDay, day, 'external'],
  ] as const

/** Counted anew and slowly: does the window that ends with each use hold more than it may? */
function breach(uses: readonly Used[], quota: Quota): string | undefined {
  for (const [limit, length, of] of limitsOf(quota)) {
    if (limit === undefined) continue
    for (const last of uses) {
      const inside = uses.filter((use) => use.at <= last.at && use.at > last.at - length)
      const sum = inside.reduce((total, use) => total + use[of], 0)
      if (sum > limit) return `${sum} ${of} in ${length / minute} min, ${limit} allowed`
    }
  }
  return undefined
}

const limit = (min: number, max: number) => fc.option(fc.integer({ min, max }), { nil: undefined })
const quotas = fc
  .record({
    perMinute: limit(1, 5),
    perHour: limit(1, 20),
    perDay: limit(1, 40),
    recipientsPerDay: limit(10, 100),
    externalPerDay: limit(10, 50),
  })
  .map((found): Quota => Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)))
const usages = fc
  .record({ recipients: fc.integer({ min: 1, max: 10 }), external: fc.integer({ min: 0, max: 10 }) })
  .map(
    ({ recipients, external }): Usage => ({
      messages: 1,
      recipients,
      external: Math.min(recipients, external),
    }),
  )
const plans = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 * hour }), usages), {
  minLength: 1,
  maxLength: 60,
})

describe('quota ledger', () => {
  it('never lets a rolling window hold more than its limit, for attempts made as soon as it allows', () => {
    fc.assert(
      fc.property(quotas, plans, (quota, plan) => {
        const ledger = new QuotaLedger(quota)
        const uses: Used[] = []
        let now = 0
        for (const [idle, usage] of plan) {
          now = ledger.freeAt(now + idle, usage)
          ledger.record(now, usage)
          uses.push({ at: now, ...usage })
        }
        assert.equal(breach(uses, quota), undefined)
      }),
      { numRuns: 300 },
    )
  })

  it('names the earliest time: a millisecond sooner would be too much', () => {
    fc.assert(
      fc.property(quotas, plans, usages, (quota, plan, next) => {
        const ledger = new QuotaLedger(quota)
        const uses: Used[] = []
        let now = 0
        for (const [idle, usage] of plan) {
          now = ledger.freeAt(now + idle, usage)
          ledger.record(now, usage)
          uses.push({ at: now, ...usage })
        }
        const free = ledger.freeAt(now, next)
        if (free > now)
          assert.notEqual(
            breach([...uses, { at: free - 1, ...next }], quota),
            undefined,
            'could have been sooner',
          )
        assert.equal(ledger.freeAt(free, next), free)
      }),
      { numRuns: 300 },
    )
  })

  it('would fail a token bucket: what was used in one second blocks the whole minute', () => {
    const ledger = new QuotaLedger({ perMinute: 3 })
    for (const at of [59_000, 59_500, 60_000]) ledger.record(at, one)
    assert.equal(ledger.freeAt(60_001, one), 59_000 + minute)
  })

  it('lets everything through without limits', () => {
    const ledger = new QuotaLedger({})
    for (let n = 0; n < 1000; n++) ledger.record(0, one)
    assert.equal(ledger.freeAt(0, one), 0)
    assert.equal(ledger.room(0), Number.POSITIVE_INFINITY)
  })

  it('lets a usage above a whole window through once that window is empty', () => {
    const ledger = new QuotaLedger({ recipientsPerDay: 30 })
    const crowd: Usage = { messages: 1, recipients: 50, external: 0 }
    assert.equal(ledger.freeAt(0, crowd), 0)
    ledger.record(1000, one)
    assert.equal(ledger.freeAt(2000, crowd), 1000 + day)
  })

  it('asks only those windows that the usage touches', () => {
    const ledger = new QuotaLedger({ externalPerDay: 1 })
    ledger.record(0, one)
    assert.equal(ledger.freeAt(1, { messages: 1, recipients: 1, external: 0 }), 1)
    assert.equal(ledger.freeAt(1, one), day)
  })

  it('takes back what was set aside and not used', () => {
    const ledger = new QuotaLedger({ perMinute: 1 })
    const release = ledger.record(0, one)
    assert.equal(ledger.freeAt(1, one), minute)
    release()
    release()
    assert.equal(ledger.freeAt(1, one), 1)
  })

  it('counts what is replayed out of order after a restart', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: day }), { minLength: 1, maxLength: 80 }),
        fc.infiniteStream(fc.nat()),
        (times, chance) => {
          const sorted = new QuotaLedger({ perHour: 10 })
          const shuffled = new QuotaLedger({ perHour: 10 })
          for (const at of times.toSorted((a, b) => a - b)) sorted.record(at, one)
          const mixed = times.map((at) => [chance.next().value ?? 0, at] as const).sort((a, b) => a[0] - b[0])
          for (const [, at] of mixed) shuffled.record(at, one)
          assert.equal(shuffled.freeAt(day, one), sorted.freeAt(day, one))
        },
      ),
    )
  })

  it('forgets what is older than a day, and no sooner', () => {
    const ledger = new QuotaLedger({ perDay: 100 })
    for (let n = 0; n < 100; n++) ledger.record(n, one)
    assert.equal(ledger.freeAt(day - 1, one), day)
    assert.equal(ledger.freeAt(day, one), day)
    ledger.record(day, one)
    assert.deepEqual(ledger.left(day), [{ lengthMs: day, of: 'messages', limit: 100, left: 0 }])
  })

  it('keeps what was counted when the limits change', () => {
    const ledger = new QuotaLedger({ perMinute: 10 })
    ledger.record(0, one)
    ledger.limit({ perHour: 1 })
    assert.equal(ledger.freeAt(1, one), hour)
  })
})

describe('quota ledger when somebody else uses the subscription', () => {
  it('halves, at most to a sixteenth, and doubles every ten minutes', () => {
    const ledger = new QuotaLedger({ perMinute: 32 })
    ledger.halve(0)
    assert.equal(ledger.rate(0), 1 / 2)
    assert.equal(ledger.room(0), 16)
    for (let n = 0; n < 10; n++) ledger.halve(0)
    assert.equal(ledger.rate(0), 1 / 16)
    assert.equal(ledger.rate(10 * minute - 1), 1 / 16)
    assert.equal(ledger.rate(10 * minute), 1 / 8)
    assert.equal(ledger.rate(40 * minute), 1)
    assert.equal(ledger.rate(5 * day), 1)
  })

  it('halves what has recovered so far', () => {
    const ledger = new QuotaLedger({ perMinute: 32 })
    for (let n = 0; n < 3; n++) ledger.halve(0)
    ledger.halve(10 * minute)
    assert.equal(ledger.rate(10 * minute), 1 / 8)
  })

  it('always leaves one', () => {
    const ledger = new QuotaLedger({ perMinute: 2 })
    for (let n = 0; n < 5; n++) ledger.halve(0)
    assert.equal(ledger.freeAt(0, one), 0)
    ledger.record(0, one)
    assert.equal(ledger.freeAt(1, one), minute)
  })
})

describe('when the last of what waits will have left', () => {
  const lone: Usage = { messages: 1, recipients: 1, external: 0 }
  /** Sends each as soon as it fits. */
  const sentAt = (ledger: QuotaLedger, now: number, count: number): number => {
    let at = now
    for (let n = 0; n < count; n++) {
      at = ledger.freeAt(at, lone)
      ledger.record(at, lone)
    }
    return at
  }

  it('is as sending them one by one would find, for one window', () => {
    const ages = fc.array(fc.integer({ min: 0, max: 2 * minute }), { maxLength: 12 })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        ages,
        fc.integer({ min: 0, max: 30 }),
        (limit, used, count) => {
          const ledger = new QuotaLedger({ perMinute: limit })
          const now = 10 * minute
          for (const age of used.toSorted((a, b) => b - a)) ledger.record(now - age, lone)
          const told = ledger.lastAt(now, count)
          // More was used than the window holds: only a smaller quota came to that, and no forecast is exact then.
          fc.pre(used.filter((age) => age < minute).length <= limit)
          assert.equal(told, sentAt(ledger, now, count))
        },
      ),
    )
  })

  it('is that of the slowest window', () => {
    const ledger = new QuotaLedger({ perMinute: 30, perHour: 100 })
    assert.equal(ledger.lastAt(0, 30), 0)
    assert.equal(ledger.lastAt(0, 31), minute)
    assert.equal(ledger.lastAt(0, 100), 3 * minute)
    assert.equal(ledger.lastAt(0, 101), hour)
    assert.equal(ledger.lastAt(0, 301), 3 * hour)
  })

  it('is now without a quota, and where nothing waits', () => {
    assert.equal(new QuotaLedger({}).lastAt(5, 1000), 5)
    assert.equal(new QuotaLedger({ perDay: 1 }).lastAt(5, 0), 5)
  })
})
