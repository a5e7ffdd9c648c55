import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { noon, ScriptedUpstream, smtpTraits, upstreamSetup } from '../../test/delivery-harness.ts'
import type { Quota } from '../core/setup.ts'
import { hour, minute, monotonicMs, wallMs } from '../core/time.ts'
import { Lane } from './lane.ts'

const one = { messages: 1, recipients: 1, external: 0 }
const reason = { code: 'secret-expired', reason: 'expired', remedy: 'renew', mayProbe: true }
const lane = (quota: Quota = {}, connections = 2): Lane =>
  new Lane(
    new ScriptedUpstream('acs', new JumpingClock(noon), smtpTraits),
    upstreamSetup('acs', { quota, connections }),
  )
const at = (ms: number) => monotonicMs(ms)
const later = (ms: number) => wallMs(noon + ms)

describe('a lane', () => {
  it('is ready, busy with all its connections, and ready again', () => {
    const acs = lane()
    assert.equal(acs.availability(undefined, one, at(0)).kind, 'ready')
    acs.inFlight = 2
    assert.equal(acs.availability(undefined, one, at(0)).kind, 'busy')
  })

  it('is throttled until its quota lets one go, or until the service said', () => {
    const acs = lane({ perMinute: 1 })
    acs.record({ what: 'send', ...one }, at(0))
    assert.deepEqual(acs.availability(undefined, one, at(1)), { kind: 'throttled', until: minute })
    acs.throttle(5 * minute, at(1))
    assert.deepEqual(acs.availability(undefined, one, at(2)), { kind: 'throttled', until: 5 * minute + 1 })
  })

  it('counts what it asks apart from what it sends', () => {
    const acs = lane({ perMinute: 1 })
    acs.record({ what: 'ask', ...one }, at(0))
    assert.equal(acs.availability(undefined, one, at(1)).kind, 'ready')
  })

  it('obeys a Retry-After of a day for an hour at a time', () => {
    const acs = lane()
    acs.throttle(24 * hour, at(0))
    assert.equal(acs.throttledUntil(at(0)), hour)
  })
})

describe("a 'too many' of the service", () => {
  it('below our own share is somebody else’s doing and halves the rate, once for all that is under way', () => {
    const acs = lane({ perMinute: 30 })
    assert.equal(acs.throttle(minute, at(0)).isForeign, true)
    assert.equal(acs.throttle(minute, at(5)).isForeign, false)
    assert.equal(acs.sends.rate(5), 1 / 2)
    assert.equal(acs.isShared, true)
  })

  it('at our own share is our doing', () => {
    const acs = lane({ perMinute: 1 })
    acs.record({ what: 'send', ...one }, at(0))
    assert.equal(acs.throttle(minute, at(1)).isForeign, false)
    assert.equal(acs.sends.rate(1), 1)
  })

  it('where no share is set up says nothing about others', () => {
    assert.equal(lane().throttle(minute, at(0)).isForeign, false)
  })
})

describe('a pause', () => {
  it('waits 5, 15, 30, then 60 minutes for the next probe, as long as probes find it again', () => {
    const acs = lane()
    let now = noon
    const waits = Array.from({ length: 5 }, () => {
      const { nextProbeAt = noon } = acs.setPause(reason, undefined, false, now)
      const wait = nextProbeAt - now
      now = nextProbeAt
      return wait / minute
    })
    assert.deepEqual(waits, [5, 15, 30, 60, 60])
    assert.equal(acs.pause?.since, noon)
  })

  it('goes on from there where the one mail after the probe fails', () => {
    const acs = lane()
    acs.setPause(reason, undefined, false, noon)
    acs.lift(undefined)
    const again = acs.setPause(reason, undefined, false, later(5 * minute))
    assert.equal(again.nextProbeAt, later(20 * minute))
  })

  it('is as it was when ten mails on the way say the same', () => {
    const acs = lane()
    const first = acs.setPause(reason, undefined, false, noon)
    for (let n = 1; n < 10; n++) acs.setPause(reason, undefined, false, later(n))
    assert.deepEqual(acs.pause, first)
  })

  it('of a sender leaves the others alone', () => {
    const acs = lane()
    acs.setPause(reason, 'scan@contoso.com', false, noon)
    assert.equal(acs.availability('scan@contoso.com', one, at(0)).kind, 'paused')
    assert.equal(acs.availability('other@contoso.com', one, at(0)).kind, 'ready')
    assert.equal(acs.availability(undefined, one, at(0)).kind, 'ready')
    assert.deepEqual([acs.isPausedFor('scan@contoso.com'), acs.isPausedFor(undefined)], [true, false])
  })

  it('by hand is never probed, and nothing that was under way changes it', () => {
    const acs = lane()
    acs.setPause({ ...reason, code: 'paused-by-hand' }, undefined, true, noon)
    acs.setPause(reason, undefined, false, later(minute))
    assert.deepEqual(
      [acs.pause?.byOperator, acs.pause?.nextProbeAt, acs.pause?.code],
      [true, undefined, 'paused-by-hand'],
    )
    acs.probeSoon(later(hour))
    assert.equal(acs.pause?.nextProbeAt, undefined)
  })

  it('by hand takes over one that came by itself', () => {
    const acs = lane()
    acs.setPause(reason, undefined, false, noon)
    acs.setPause({ ...reason, code: 'paused-by-hand' }, undefined, true, later(minute))
    assert.deepEqual([acs.pause?.byOperator, acs.pause?.nextProbeAt], [true, undefined])
  })

  it('that asking makes worse is never probed', () => {
    const acs = lane()
    assert.equal(acs.setPause({ ...reason, mayProbe: false }, undefined, false, noon).nextProbeAt, undefined)
    acs.probeSoon(noon)
    assert.equal(acs.pause?.nextProbeAt, undefined)
  })

  it('is probed at once after other settings', () => {
    const acs = lane()
    acs.setPause(reason, undefined, false, noon)
    acs.probeSoon(later(minute))
    assert.equal(acs.pause?.nextProbeAt, later(minute))
  })

  it('moves with a clock that is set', () => {
    const acs = lane()
    acs.setPause(reason, undefined, false, noon)
    acs.shiftTimes({ byMs: hour, from: noon })
    assert.deepEqual([acs.pause?.since, acs.pause?.nextProbeAt], [later(hour), later(hour + 5 * minute)])
  })

  it('survives a restart with its place in the row of waits', () => {
    const acs = lane()
    acs.setPause(reason, undefined, false, noon)
    const restored = lane()
    restored.restore(acs.pause ?? assert.fail())
    assert.deepEqual(restored.pause, acs.pause)
    const { nextProbeAt } = restored.setPause(reason, undefined, false, later(5 * minute))
    assert.equal(nextProbeAt, later(20 * minute))
  })
})

describe('after a pause', () => {
  it('one mail goes alone, then all', () => {
    const acs = lane({}, 10)
    acs.setPause(reason, undefined, false, noon)
    acs.lift(undefined)
    assert.deepEqual([acs.availability(undefined, one, at(0)).kind, acs.room(at(0))], ['ready', 1])
    acs.inFlight = 1
    assert.equal(acs.availability(undefined, one, at(0)).kind, 'busy')
    assert.equal(acs.succeed(), true)
    assert.equal(acs.availability(undefined, one, at(0)).kind, 'ready')
    assert.equal(acs.isReopened, true)
  })

  it('a success that ends no probation wakes nobody', () => {
    const acs = lane()
    assert.equal(acs.succeed(), false)
    assert.equal(acs.isReopened, false)
  })
})

describe('an outage', () => {
  const strikes = (messages: readonly string[]): number => {
    const acs = lane()
    return messages.findIndex((message) => acs.strike(message)) + 1
  }

  it('is three failures in a row over more than one mail', () => {
    assert.equal(strikes(['1', '2', '3']), 3)
    assert.equal(strikes(['1', '1', '2']), 3)
  })

  it('takes one more where a single mail has to tell', () => {
    assert.equal(strikes(['1', '1', '1', '1']), 4)
  })

  it('begins anew after any answer', () => {
    const acs = lane()
    acs.strike('1')
    acs.strike('2')
    acs.heard()
    assert.equal(acs.strike('3'), false)
  })

  it('is one failure for a lane that is being tried', () => {
    const acs = lane()
    acs.setPause(reason, undefined, false, noon)
    acs.lift(undefined)
    assert.equal(acs.strike('1'), true)
  })
})

describe('a lane with other settings', () => {
  it('keeps what it used and why it is paused', () => {
    const acs = lane({ perMinute: 10 })
    acs.record({ what: 'send', ...one }, at(0))
    acs.setPause(reason, undefined, false, noon)
    acs.change(acs.upstream, upstreamSetup('acs', { quota: { perHour: 1 } }))
    assert.equal(acs.sends.freeAt(1, one), hour)
    assert.notEqual(acs.pause, undefined)
  })
})
