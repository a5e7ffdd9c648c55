import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../../test/clock.ts'
import { wallMs } from '../../core/time.ts'
import { LiveFilter } from './filter.ts'
import { type Entry, Ring } from './ring.ts'
import { StaleMarks } from './stale-marks.ts'
import { LiveStream } from './stream.ts'

/** Counts how often an event of it is looked at. */
class CountedRing extends Ring {
  looks = 0

  override get(number: number): Entry | undefined {
    this.looks += 1
    return super.get(number)
  }
}

describe('a stream of one address', () => {
  it('opens, and tells what its reader missed, by a few looks at each event, however many sessions there were', async () => {
    const clock = new JumpingClock(wallMs(0))
    const ring = new CountedRing()
    for (let session = 0; session < 1000; session++)
      ring.push(
        {
          kind: 'session',
          step: 'connected',
          session: `s${session}`,
          device: undefined,
          address: '192.168.7.20',
          at: wallMs(0),
          detail: '',
        },
        clock.monotonic(),
      )
    for (const cursor of [ring.last, ring.first]) {
      ring.looks = 0
      const stream = new LiveStream({
        ring,
        stale: new StaleMarks(),
        clock,
        filter: new LiveFilter({ device: undefined, address: '192.168.7.20' }),
        idOf: String,
        cursor,
        mark: 0,
        reset: undefined,
        isStillAllowed: () => true,
        onEnd() {},
        onWaiting() {},
      })
      assert.equal((await stream.next()).done, false)
      stream.end()
      assert.ok(ring.looks >= 1000 && ring.looks < 5000, `${ring.looks} looks`)
    }
  })
})
