import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { second, wallMs } from '../core/time.ts'
import { restWhenQuiet } from './rest.ts'

describe('rest', () => {
  it('comes once after the start and after work, not while something is under way, and again after more work', async () => {
    const clock = new JumpingClock(wallMs(0))
    const stop = new AbortController()
    let work = 0
    let isBusy = false
    let rests = 0
    const running = restWhenQuiet(
      {
        clock,
        work: () => work,
        isBusy: () => isBusy,
        rest: () => {
          rests += 1
        },
      },
      stop.signal,
    )
    await clock.jump(10 * second)
    assert.equal(rests, 1, 'once after the start')
    rests = 0
    work = 3
    isBusy = true
    await clock.jump(100 * second)
    assert.equal(rests, 0, 'a send is under way')
    isBusy = false
    await clock.jump(20 * second)
    work = 4
    await clock.jump(29 * second)
    assert.equal(rests, 0, 'a mail came in between')
    await clock.jump(3 * second)
    assert.equal(rests, 1)
    await clock.jump(100 * second)
    assert.equal(rests, 1, 'once')
    work = 5
    await clock.jump(40 * second)
    assert.equal(rests, 2)
    stop.abort()
    await clock.jump(10 * second)
    await running
  })
})
