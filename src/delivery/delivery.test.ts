import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  accepted,
  acsTraits,
  bench,
  confirmed,
  deviceSetup,
  indeterminate,
  paused,
  refused,
  setupOf,
  throttled,
  transient,
  unreachable,
  upstreamSetup,
} from '../../test/delivery-harness.ts'
import { day, hour, minute, second, wallMs } from '../core/time.ts'

const anna = 'anna@contoso.com'
const ben = 'ben@contoso.com'
const one = setupOf([upstreamSetup('acs')])
const two = setupOf([upstreamSetup('acs'), upstreamSetup('smarthost')])

describe('a mail on its way out', () => {
  it('is sent at once and accepted', async () => {
    await using box = await bench(one)
    const id = await box.submit([anna])
    await box.rest()
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.deepEqual(
      box.way('acs').sends.map(({ to }) => to),
      [[anna]],
    )
  })

  it('is tried again at its due time and not before, with the same operation id', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () => (acs.sends.length === 1 ? transient() : accepted)
    const id = await box.submit([anna])
    await box.rest()
    const { dueAt, state } = await box.only(id)
    assert.equal(state, 'deferred')
    await box.pass((dueAt ?? 0) - box.clock.wall() - 1)
    assert.equal(acs.sends.length, 1)
    await box.pass(1)
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.equal(acs.sends[1]?.operationId, acs.sends[0]?.operationId)
    assert.equal(acs.sends[1]?.isRepeat, true)
    assert.equal(box.delivery.counters.repeats, 1)
  })

  it('bounces on a verdict about it, with a report to the owner that is no mail of the device', async () => {
    await using box = await bench(one)
    box.way('acs').answer = ({ to }) => (to[0] === anna ? refused() : accepted)
    const id = await box.submit([anna])
    await box.rest()
    assert.deepEqual(await box.states(id), ['bounced'])
    const [report] = await box.reports()
    assert.ok(report)
    assert.deepEqual(
      (await box.view(report)).recipients.map((recipient) => recipient.address),
      ['owner@contoso.com'],
    )
    await box.rest()
    assert.deepEqual(await box.states(report), ['accepted'])
  })

  it('tells per recipient: taken, refused, later', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () =>
      new Map([
        [anna, accepted],
        [ben, refused()],
        ['cara@contoso.com', acs.sends.length === 1 ? transient() : accepted],
        ['owner@contoso.com', accepted],
      ])
    const id = await box.submit([anna, ben, 'cara@contoso.com'])
    await box.rest()
    assert.deepEqual(await box.states(id), ['accepted', 'bounced', 'deferred'])
    await box.pass(3 * minute)
    assert.deepEqual(await box.states(id), ['accepted', 'bounced', 'accepted'])
    const toCara = acs.sends.filter(({ to }) => to.includes('cara@contoso.com'))
    assert.deepEqual(
      toCara.map(({ to }) => to),
      [[anna, ben, 'cara@contoso.com'], ['cara@contoso.com']],
    )
  })
})
