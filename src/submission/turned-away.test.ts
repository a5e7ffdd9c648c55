import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { minute, wallMs } from '../core/time.ts'
import { TurnedAway } from './turned-away.ts'

describe('connections that are turned away', () => {
  it('are recorded once in ten minutes for an address and a reply', async () => {
    const clock = new JumpingClock(wallMs(0))
    const turnedAway = new TurnedAway(clock)
    const asked = () => [554, 421].map((code) => turnedAway.isWorthRecording('192.0.2.1', code))
    assert.deepEqual(asked(), [true, true])
    assert.deepEqual(asked(), [false, false])
    await clock.jump(10 * minute)
    assert.deepEqual(asked(), [true, true])
  })

  it('are not recorded without end, whoever calls', async () => {
    const clock = new JumpingClock(wallMs(0))
    const turnedAway = new TurnedAway(clock)
    const flood = () =>
      Array.from({ length: 1000 }, (_, at) => turnedAway.isWorthRecording(`192.0.2.${at}`, 554)).filter(
        Boolean,
      )
    assert.equal(flood().length, 200)
    assert.equal(flood().length, 0)
    await clock.jump(10 * minute)
    assert.equal(flood().length, 200)
  })
})
