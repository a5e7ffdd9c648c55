import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import type { Alert } from '../core/alerts.ts'
import { hour, minute, second, wallMs } from '../core/time.ts'
import { watchClock } from './clock-watch.ts'
import { watchDisk } from './disk-watch.ts'
import { readiness } from './probes.ts'

const start = wallMs(Date.UTC(2026, 10, 21))
let clock: JumpingClock
let raised: Map<string, Alert>
let stop: AbortController

const alerts = {
  raise: (alert: Alert) => void raised.set(alert.key, alert),
  clear: (key: string) => void raised.delete(key),
  active: () => [],
}

beforeEach(() => {
  clock = new JumpingClock(start)
  raised = new Map()
  stop = new AbortController()
})

describe('watching the clock', () => {
  const jumps: number[] = []
  const watch = (): Promise<void> =>
    watchClock({ clock, alerts, log: { write() {} }, onJump: (byMs) => void jumps.push(byMs) }, stop.signal)
  beforeEach(() => {
    jumps.length = 0
  })

  it('tells a jump forwards and backwards, once each', async () => {
    const watching = watch()
    await clock.jump(minute)
    clock.setWall(wallMs(clock.wall() + 3 * hour))
    await clock.jump(minute)
    clock.setWall(wallMs(clock.wall() - hour))
    await clock.jump(minute)
    stop.abort()
    await watching
    assert.deepEqual(jumps, [3 * hour, -hour])
  })

  it('says nothing of small corrections, however many', async () => {
    const watching = watch()
    for (let n = 0; n < 20; n++) {
      clock.setWall(wallMs(clock.wall() + 2 * second))
      await clock.jump(10 * second)
    }
    stop.abort()
    await watching
    assert.deepEqual(jumps, [])
  })

  it('alerts while the time can not be believed', async () => {
    clock.believable = false
    const watching = watch()
    assert.ok(raised.has('clock-not-believable'))
    clock.believable = true
    await clock.jump(minute)
    assert.ok(!raised.has('clock-not-believable'))
    stop.abort()
    await watching
  })
})

describe('watching the disk', () => {
  let disk = { writable: true, detail: '', freeBytes: 5e9 }
  const follow = async (...states: (typeof disk)[]): Promise<(readonly string[])[]> => {
    const seen: (readonly string[])[] = []
    const watching = watchDisk({ look: async () => disk, alerts, clock }, stop.signal)
    await clock.jump(0)
    for (const state of states) {
      disk = state
      await clock.jump(minute)
      seen.push([...raised.keys()])
    }
    stop.abort()
    await watching
    return seen
  }

  it('alerts when it is nearly full and stays until there is room to spare', async () => {
    const free = (freeBytes: number) => ({ writable: true, detail: '', freeBytes })
    const seen = await follow(free(5e9), free(400e6), free(550e6), free(700e6))
    assert.deepEqual(seen, [[], ['disk-nearly-full'], ['disk-nearly-full'], []])
  })

  it('raises the alarm when mail can not be stored', async () => {
    const seen = await follow(
      { writable: false, detail: 'read-only file system', freeBytes: 5e9 },
      { writable: true, detail: '', freeBytes: 5e9 },
    )
    assert.deepEqual(seen, [['spool-not-writable'], []])
  })

  it('takes a look that fails for a spool that is not writable', async () => {
    const look = () => Promise.reject(new Error('the writer thread is gone'))
    const watching = watchDisk({ look, alerts, clock }, stop.signal)
    await clock.jump(second)
    stop.abort()
    await watching
    assert.match(raised.get('spool-not-writable')?.sentence ?? '', /the writer thread is gone/)
  })
})

describe('readiness', () => {
  const isWritable = async () => ({ writable: true, detail: '', freeBytes: 1e9 })
  const open = { name: 'submission', trouble: '' }

  it('is there when listeners accept and the spool is writable', async () => {
    assert.deepEqual(await readiness({ listeners: () => [open], isWritable })(), { ready: true, reason: '' })
  })

  it('names everything that is missing', async () => {
    const { ready, reason } = await readiness({
      listeners: () => [open, { name: 'submissions', trouble: 'the port is in use' }],
      isWritable: async () => ({ writable: false, detail: 'disk full', freeBytes: 0 }),
    })()
    assert.equal(ready, false)
    assert.equal(
      reason,
      'listener submissions does not accept: the port is in use; the spool is not writable: disk full',
    )
  })

  it('is not there before a listener is open', async () => {
    assert.equal((await readiness({ listeners: () => [], isWritable })()).ready, false)
  })
})
