import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Outcome } from './outcome.ts'
import {
  expireIfTooOld,
  isUnheard,
  lifetimeUsed,
  longestWaitMs,
  reviewMs,
  type StepContext,
  shortestRepeatMs,
  stepDelivery,
  stopCounting,
  waitingKey,
  waitingOn,
} from './step-delivery.ts'
import { day, hour, minute, wallMs } from './time.ts'

const now = wallMs(Date.UTC(2026, 10, 1))
const ago = (ms: number) => wallMs(now - ms)
const fresh = { attempts: 0, lifetime: { countedMs: 0, since: now }, refusedBy: [] }
const context = (with_: Partial<StepContext> = {}): StepContext => ({
  now,
  upstream: 'acs',
  canAsk: false,
  queueLifetimeMs: 5 * day,
  acceptedWall: now,
  random: 0.5,
  hasOtherWay: false,
  isUncertain: false,
  ...with_,
})

const outcomes = {
  accepted: { kind: 'accepted', reference: 'r' },
  confirmed: { kind: 'confirmed', reference: 'r' },
  transient: { kind: 'transient', code: 'busy', detail: 'busy' },
  unreachable: { kind: 'transient', code: 'unreachable-econnrefused', detail: 'nobody there' },
  refused: {
    kind: 'permanent',
    scope: 'recipient',
    code: 'unknown',
    status: '5.1.1',
    detail: 'no such user',
    elsewhere: false,
  },
  tooLarge: {
    kind: 'permanent',
    scope: 'message',
    code: 'too-large',
    status: '5.3.4',
    detail: 'too large',
    elsewhere: true,
  },
  throttled: { kind: 'throttled', afterMs: minute, detail: 'too many' },
  paused: {
    kind: 'paused',
    scope: 'upstream',
    pause: { code: 'secret-expired', reason: 'expired', remedy: 'renew', mayProbe: true },
  },
  indeterminate: { kind: 'indeterminate', reference: 'r', detail: 'line lost' },
} as const satisfies Record<string, Outcome>

type Name = keyof typeof outcomes
const contexts: Readonly<Record<string, Partial<StepContext>>> = {
  plain: {},
  'other way': { hasOtherWay: true },
  uncertain: { isUncertain: true, hasOtherWay: true },
  'can ask': { canAsk: true },
}

describe('the step from outcome to state', () => {
  const table: Readonly<Record<Name, readonly string[]>> = {
    //             plain            other way        uncertain          can ask
    accepted: ['accepted 1', 'accepted 1', 'accepted 1', 'accepted 1'],
    confirmed: ['confirmed 0', 'confirmed 0', 'confirmed 0', 'confirmed 0'],
    transient: ['deferred 1', 'deferred 1', 'indeterminate 1', 'deferred 1'],
    unreachable: ['deferred 1', 'deferred 1', 'indeterminate 1', 'deferred 1'],
    refused: ['bounced 1', 'bounced 1', 'bounced 1', 'bounced 1'],
    tooLarge: ['bounced 1', 'queued 0', 'bounced 1', 'bounced 1'],
    throttled: ['deferred 0', 'deferred 0', 'indeterminate 0', 'deferred 0'],
    paused: ['deferred 0', 'deferred 0', 'indeterminate 0', 'deferred 0'],
    indeterminate: ['indeterminate 1', 'indeterminate 1', 'indeterminate 1', 'indeterminate 1'],
  }
  for (const [name, cells] of Object.entries(table) as [Name, readonly string[]][])
    it(`${name}: ${cells.join(' | ')} (state, attempts)`, () =>
      assert.deepEqual(
        Object.values(contexts).map((with_) => {
          const step = stepDelivery(fresh, outcomes[name], context(with_))
          return `${step.state} ${step.attempts}`
        }),
        cells,
      ))

  it('bounces on nothing but a permanent outcome, and expires on nothing but age', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(outcomes)),
        fc.integer({ min: 0, max: 6 * day }),
        fc.integer({ min: 0, max: 40 * day }),
        fc.boolean(),
        fc.boolean(),
        (outcome, counted, age, isUncertain, hasOtherWay) => {
          const delivery = { ...fresh, lifetime: { countedMs: counted, since: undefined } }
          const step = stepDelivery(
            delivery,
            outcome,
            context({ acceptedWall: ago(age), isUncertain, hasOtherWay }),
          )
          if (step.state === 'bounced') assert.equal(outcome.kind, 'permanent')
          if (step.state === 'expired') assert.ok(counted >= 5 * day || age >= longestWaitMs)
          if (outcome.kind === 'throttled' || outcome.kind === 'paused') assert.equal(step.attempts, 0)
        },
      ),
    )
  })

  it('leaves every open delivery something that makes it due, but what is asked for', () => {
    for (const outcome of Object.values(outcomes)) {
      for (const with_ of Object.values(contexts)) {
        const step = stepDelivery(fresh, outcome, context(with_))
        const isOpen = ['queued', 'deferred', 'indeterminate'].includes(step.state)
        const isAsked = outcome.kind === 'indeterminate' && with_.canAsk === true
        assert.equal(step.dueAt !== undefined, isOpen && !isAsked, outcome.kind)
      }
    }
  })

  it('remembers who refused it when it goes elsewhere', () => {
    const delivery = { ...fresh, refusedBy: ['direct'] }
    const step = stepDelivery(delivery, outcomes.tooLarge, context({ hasOtherWay: true }))
    assert.deepEqual([step.refusedBy, step.dueAt], [['direct', 'acs'], now])
  })

  it('takes another way at once where the trouble is only of this one, and waits where there is none', () => {
    const outcome: Outcome = { ...outcomes.transient, elsewhere: true }
    const other = stepDelivery(fresh, outcome, context({ hasOtherWay: true }))
    assert.deepEqual([other.state, other.refusedBy, other.dueAt, other.attempts], ['queued', ['acs'], now, 0])
    assert.equal(stepDelivery(fresh, outcome, context()).state, 'deferred')
    const uncertain = stepDelivery(fresh, outcome, context({ hasOtherWay: true, isUncertain: true }))
    assert.equal(uncertain.state, 'indeterminate')
  })

  it('carries the status of a refusal', () => {
    assert.equal(stepDelivery(fresh, outcomes.refused, context()).status, '5.1.1')
  })
})

describe('when it is due again', () => {
  const dueIn = (outcome: Outcome, with_: Partial<StepContext> = {}, attempts = 0) =>
    (stepDelivery({ ...fresh, attempts }, outcome, context(with_)).dueAt ?? assert.fail()) - now

  it('never sooner than a service forgets an operation', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 0, max: 20 }),
        fc.option(fc.integer({ min: 0, max: 8 * hour }), { nil: undefined }),
        (random, attempts, afterMs) => {
          const outcome = { ...outcomes.transient, ...(afterMs === undefined ? {} : { afterMs }) }
          const wait = dueIn(outcome, { random }, attempts)
          assert.ok(wait >= shortestRepeatMs, `${wait}`)
          assert.ok(wait >= (afterMs ?? 0), 'not before it may')
        },
      ),
    )
  })

  it('spreads what failed together, the first time too', () => {
    const spread = (outcome: Outcome) =>
      new Set(Array.from({ length: 100 }, (_, n) => dueIn(outcome, { random: n / 100 }))).size
    assert.equal(spread(outcomes.transient), 100)
    assert.equal(spread({ ...outcomes.transient, afterMs: hour }), 100)
  })

  it('is looked at every few hours while it waits for a way out', () => {
    const step = stepDelivery(fresh, outcomes.paused, context())
    assert.deepEqual([step.dueAt, step.waitingFor, step.code], [now + reviewMs, 'acs', 'secret-expired'])
    assert.equal(stepDelivery(fresh, outcomes.throttled, context()).waitingFor, 'acs')
  })

  it('is repeated after a quarter of an hour where nobody can be asked, later each time', () => {
    assert.equal(dueIn(outcomes.indeterminate), 15 * minute)
    assert.equal(dueIn(outcomes.indeterminate, {}, 7), 2 * hour)
  })

  it('waits for the answer where it is asked for', () => {
    assert.equal(stepDelivery(fresh, outcomes.indeterminate, context({ canAsk: true })).dueAt, undefined)
  })
})

describe('the lifetime', () => {
  const used = (countedMs: number, since: number | undefined) => ({
    ...fresh,
    lifetime: { countedMs, since: since === undefined ? undefined : ago(since) },
  })
  const rows: readonly (readonly [
    string,
    ReturnType<typeof used>,
    Name,
    Partial<StepContext>,
    'expired' | 'goes on',
  ])[] = [
    ['ends when it is used up', used(0, 5 * day), 'transient', {}, 'expired'],
    ['has a millisecond left', used(0, 5 * day - 1), 'transient', {}, 'goes on'],
    ['adds up its stretches', used(4 * day, 1 * day), 'transient', {}, 'expired'],
    ['does not run while it waits', used(4 * day, undefined), 'transient', {}, 'goes on'],
    ['ends while it waits, if it was used up', used(5 * day, undefined), 'paused', {}, 'expired'],
    ['does not end what was taken', used(9 * day, undefined), 'accepted', {}, 'goes on'],
    ['ends repeats nobody answers', used(5 * day, undefined), 'indeterminate', {}, 'expired'],
    ['waits for an answer', used(5 * day, undefined), 'indeterminate', { canAsk: true }, 'goes on'],
    [
      'ends after 30 days in any case',
      used(0, undefined),
      'paused',
      { acceptedWall: ago(30 * day) },
      'expired',
    ],
    ['and not before', used(0, undefined), 'paused', { acceptedWall: ago(30 * day - 1) }, 'goes on'],
    [
      'is not judged by a clock that knew no date',
      used(0, undefined),
      'transient',
      { acceptedWall: wallMs(5000) },
      'goes on',
    ],
  ]
  for (const [name, delivery, outcome, with_, expected] of rows)
    it(name, () => {
      const step = stepDelivery(delivery, outcomes[outcome], context(with_))
      assert.equal(step.state === 'expired' ? 'expired' : 'goes on', expected)
      if (step.state === 'expired')
        assert.deepEqual([step.status, step.dueAt, step.waitingFor], ['5.4.7', undefined, undefined])
    })

  it('runs while the service answers, and stands still while it is not there', () => {
    const after = (name: Name) => stepDelivery(used(hour, 2 * hour), outcomes[name], context()).lifetime
    assert.deepEqual(after('transient'), { countedMs: hour, since: ago(2 * hour) })
    for (const name of ['unreachable', 'paused', 'throttled'] as const)
      assert.deepEqual(after(name), { countedMs: 3 * hour, since: undefined }, name)
    const resumed = stepDelivery(used(hour, undefined), outcomes.transient, context()).lifetime
    assert.deepEqual(resumed, { countedMs: hour, since: now })
  })

  it('is not given back by a clock that is set back', () => {
    assert.equal(lifetimeUsed({ countedMs: hour, since: wallMs(now + day) }, now), hour)
    assert.deepEqual(stopCounting({ countedMs: hour, since: wallMs(now + day) }, now), {
      countedMs: hour,
      since: undefined,
    })
  })

  it('outlives a dead line of any length, for mail that is 29 days old', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 29 * 24 }), (hours) => {
        let delivery: Parameters<typeof stepDelivery>[0] = fresh
        for (let passed = 0; passed <= hours; passed += 4) {
          const at = wallMs(now + passed * hour)
          const step = stepDelivery(delivery, outcomes.unreachable, context({ now: at }))
          assert.equal(step.state, 'deferred')
          delivery = step
        }
      }),
      { numRuns: 20 },
    )
  })

  it('says what it gave up on', () => {
    const step = stepDelivery(used(5 * day, undefined), outcomes.transient, context())
    assert.equal(step.reason, 'gave up: busy')
    assert.equal(expireIfTooOld(step, { now, queueLifetimeMs: 9 * day, acceptedWall: now }), step)
  })
})

describe('what a delivery waits for', () => {
  it('has one name that can be read again, with blanks in it or not', () => {
    for (const upstream of ['acs', 'Exchange Online', 'a <b> c'])
      for (const sender of [undefined, 'scan@contoso.com', '"a b"@contoso.com'])
        assert.deepEqual(waitingOn(waitingKey(upstream, sender)), { upstream, sender })
  })

  it('tells a service that was not heard from one that is busy', () => {
    assert.equal(isUnheard(outcomes.unreachable), true)
    assert.equal(isUnheard(outcomes.transient), false)
    assert.equal(isUnheard(outcomes.indeterminate), false)
  })
})
