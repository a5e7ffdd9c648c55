import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wallMs } from '../core/time.ts'
import { sleepBy, systemClock } from './clock.ts'

/** A scheduler that a test drives by hand. */
function handTimer() {
  const timers: { readonly ms: number; readonly callback: () => void; cancelled: boolean }[] = []
  const after = (ms: number, callback: () => void) => {
    const timer = { ms, callback, cancelled: false }
    timers.push(timer)
    return () => {
      timer.cancelled = true
    }
  }
  return { timers, after }
}

describe('system clock', () => {
  it('is believable from the build date on', () => {
    assert.equal(systemClock(wallMs(Date.now() - 1000)).isBelievable(), true)
    assert.equal(systemClock(wallMs(Date.now() + 3_600_000)).isBelievable(), false)
  })

  it('tells the machine’s time, and a time that never goes back', () => {
    const clock = systemClock(wallMs(0))
    const before = Date.now()
    const wall = clock.wall()
    assert.ok(wall >= before && wall <= Date.now())
    const readings = Array.from({ length: 100 }, () => clock.monotonic())
    assert.deepEqual(
      readings.toSorted((a, b) => a - b),
      readings,
    )
  })

  it('calls back, and not when it was cancelled', async () => {
    const clock = systemClock(wallMs(0))
    const called: string[] = []
    const cancel = clock.after(1, () => called.push('cancelled'))
    cancel()
    // Timers keep no process alive: this one has to.
    const alive = setInterval(() => {}, 1000)
    await new Promise<void>((resolve) => {
      clock.after(2, () => {
        called.push('kept')
        resolve()
      })
    })
    clearInterval(alive)
    assert.deepEqual(called, ['kept'])
  })

  it('takes a wait longer than the runtime’s longest timer', () => {
    const clock = systemClock(wallMs(0))
    let called = false
    const cancel = clock.after(60 * 24 * 3_600_000, () => {
      called = true
    })
    return new Promise<void>((resolve) => {
      setTimeout(() => {
        cancel()
        // A value above 2^31 - 1 ms would have fired after one.
        assert.equal(called, false)
        resolve()
      }, 20)
    })
  })
})

describe('a sleep', () => {
  it('ends when its time comes', async () => {
    const { timers, after } = handTimer()
    const sleeping = sleepBy(after, 50)
    assert.equal(timers[0]?.ms, 50)
    timers[0]?.callback()
    await sleeping
  })

  it('ends without an error when the signal aborts, and leaves no timer', async () => {
    const { timers, after } = handTimer()
    const stop = new AbortController()
    const sleeping = sleepBy(after, 50, stop.signal)
    stop.abort()
    await sleeping
    assert.equal(timers[0]?.cancelled, true)
  })

  it('does not begin when it is aborted before', async () => {
    const { timers, after } = handTimer()
    await sleepBy(after, 50, AbortSignal.abort())
    assert.equal(timers.length, 0)
  })
})
