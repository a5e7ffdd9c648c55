import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeliveryState } from './outcome.ts'
import { ticksOf } from './ticks.ts'

const third = (state: DeliveryState, code: string, tellsDelivery = true) => {
  const { wayOutTookIt, delivered } = ticksOf({ state, code, tellsDelivery })
  return [wayOutTookIt, delivered]
}

describe('the three ticks of a mail', () => {
  it('say delivered where a report said it, and nowhere else', () => {
    assert.deepEqual(third('confirmed', 'delivered'), [true, 'yes'])
    assert.deepEqual(third('confirmed', 'confirmed'), [true, 'not yet known'])
    assert.deepEqual(third('accepted', 'accepted'), [true, 'not yet known'])
    assert.deepEqual(third('accepted', 'accepted', false), [true, 'not told by this way out'])
  })

  it('tell a bounce behind the way out from one before it', () => {
    assert.deepEqual(third('bounced', 'reported-bounced'), [true, 'bounced'])
    assert.deepEqual(third('bounced', 'reported-quarantined'), [true, 'no'])
    assert.deepEqual(third('bounced', 'recipient-refused'), [false, 'bounced'])
  })

  it('say no of what was given up or dropped, and nothing yet of what waits', () => {
    assert.deepEqual(third('expired', 'no-answer'), [false, 'no'])
    assert.deepEqual(third('dropped', 'dropped-by-operator'), [false, 'no'])
    for (const state of ['queued', 'sending', 'indeterminate', 'deferred', 'held'] as const)
      assert.deepEqual(third(state, 'x'), [false, 'not yet known'], state)
  })
})
