import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { minute, wallMs } from '../core/time.ts'
import { DenialWatch } from './denial-watch.ts'

const start = () => {
  const clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 1)))
  return { clock, watch: new DenialWatch(clock) }
}

describe('denial watch', () => {
  it('does not believe three refusals within ten minutes', async () => {
    const { clock, watch } = start()
    assert.equal(watch.denied(), false)
    await clock.jump(5 * minute)
    assert.equal(watch.denied(), false)
    await clock.jump(5 * minute - 1)
    assert.equal(watch.denied(), false)
  })

  it('does not believe two refusals, however long apart', async () => {
    const { clock, watch } = start()
    watch.denied()
    await clock.jump(60 * minute)
    assert.equal(watch.denied(), false)
  })

  it('believes the third after ten minutes, and every one after it', async () => {
    const { clock, watch } = start()
    watch.denied()
    watch.denied()
    await clock.jump(10 * minute)
    assert.equal(watch.denied(), true)
    assert.equal(watch.denied(), true)
  })

  it('starts again once the service let us in', async () => {
    const { clock, watch } = start()
    watch.denied()
    watch.denied()
    await clock.jump(10 * minute)
    watch.admitted()
    assert.equal(watch.denied(), false)
  })
})
