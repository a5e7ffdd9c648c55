import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import type { Alert } from '../core/alerts.ts'
import type { MachineSigns } from '../core/machine-troubles.ts'
import { hour, minute, monotonicMs, wallMs } from '../core/time.ts'
import { DiskTrend } from './disk-trend.ts'
import { calmMachine } from './doctor/facts.fixture.ts'
import { MachineWatch } from './machine-watch.ts'

let clock: JumpingClock
let raised: Map<string, Alert>
let logged: string[]
let signs: MachineSigns | Error
let answers: boolean | undefined
let questions: number
const alerts = {
  raise: (alert: Alert) => void raised.set(alert.key, alert),
  clear: (key: string) => void raised.delete(key),
  active: () => [],
}

beforeEach(() => {
  clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 21)))
  raised = new Map()
  logged = []
  signs = calmMachine
  answers = true
  questions = 0
})

async function watched(follow: (watch: MachineWatch) => Promise<void>): Promise<void> {
  const watch = new MachineWatch({
    clock,
    alerts,
    log: { write: (_, event) => void logged.push(event) },
    async read() {
      if (signs instanceof Error) throw signs
      const { doNamesAnswer: _, ...read } = signs
      return read
    },
    askNames: async () => {
      questions += 1
      return answers
    },
    reserve: 64e6,
  })
  const stop = new AbortController()
  const watching = watch.watch(stop.signal)
  await clock.jump(0)
  await follow(watch)
  stop.abort()
  await watching
}

const keys = () => [...raised.keys()]
/** Each look takes some turns of promises. */
const looks = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) await clock.jump(minute)
}

describe('watching the machine', () => {
  it('tells what stays, and that it is over when it stays away', async () => {
    await watched(async () => {
      signs = { ...calmMachine, temperature: 82 }
      await looks(2)
      assert.deepEqual(keys(), [])
      await looks(1)
      assert.deepEqual(keys(), ['too-warm'])
      signs = calmMachine
      await looks(9)
      assert.deepEqual(keys(), ['too-warm'])
      await looks(1)
      assert.deepEqual(keys(), [])
    })
  })

  it('tells each short moment of too little voltage for an hour', async () => {
    await watched(async () => {
      signs = { ...calmMachine, power: { now: ['undervoltage'], sinceBoot: [] } }
      await looks(1)
      signs = calmMachine
      await looks(59)
      assert.deepEqual(keys(), ['undervoltage'])
      await looks(1)
      assert.deepEqual(keys(), [])
    })
  })

  it('tells at once that the card takes nothing, and that it does again', async () => {
    await watched(async () => {
      signs = { ...calmMachine, fileSystem: { isReadOnly: true } }
      await looks(1)
      assert.deepEqual(keys(), ['card-read-only'])
      signs = calmMachine
      await looks(1)
      assert.deepEqual(keys(), [])
    })
  })

  it('asks the DNS with every fifth look, and tells when it stays silent', async () => {
    await watched(async () => {
      answers = false
      await looks(25)
      assert.deepEqual(keys(), ['no-name-service'])
      assert.equal(questions, 6)
      answers = true
      await looks(5)
      assert.deepEqual(keys(), [])
    })
  })

  it('goes on after a look that failed', async () => {
    await watched(async (watch) => {
      signs = new Error('no data directory')
      await looks(2)
      assert.deepEqual(logged, ['machine-not-seen', 'machine-not-seen'])
      signs = { ...calmMachine, temperature: 55 }
      await looks(1)
      assert.equal(watch.latest?.temperature, 55)
    })
  })

  it('knows after an hour how long the disk lasts, and tells it', async () => {
    await watched(async (watch) => {
      let free = 12e9
      for (let n = 0; n < 90; n += 1) {
        signs = { ...calmMachine, disk: { total: 16e9, free } }
        await looks(1)
        free -= 10e6
      }
      // 600 MB an hour, and 11 GB are left.
      assert.equal(Math.round(watch.latest?.disk?.hoursLeft ?? 0), 18)
      assert.match(raised.get('disk-filling')?.sentence ?? '', /less than 24 hours/)
      const nameless = { manufacturer: '', model: '', serial: '' }
      const asked = watch.completed({ machine: nameless, ...calmMachine, disk: { total: 16e9, free: 5e9 } })
      assert.ok((asked.disk?.hoursLeft ?? 99) < 10)
    })
  })
})

describe('how long a disk lasts', () => {
  const at = (hours: number) => monotonicMs(hours * hour)
  const after = (looked: readonly (readonly [number, number])[]) => {
    const trend = new DiskTrend()
    for (const [hours, free] of looked) trend.look(at(hours), free)
    return trend
  }

  it('is not known within the first hour', () => {
    assert.equal(after([[0, 10e9]]).hoursLeft(at(0.9), 5e9, 64e6), undefined)
    assert.equal(after([[0, 10e9]]).hoursLeft(at(1), 9e9, 0), 9)
  })

  it('is for ever where it does not fill', () => {
    assert.equal(after([[0, 10e9]]).hoursLeft(at(5), 10e9, 0), undefined)
    assert.equal(after([[0, 10e9]]).hoursLeft(at(5), 11e9, 0), undefined)
  })

  it('goes by the last hour, where that is the faster one', () => {
    const trend = after([
      [0, 100e9],
      [20, 100e9],
    ])
    assert.equal(trend.hoursLeft(at(21), 99e9, 0), 99)
  })

  it('forgets what is a day ago', () => {
    const trend = after(Array.from({ length: 200 }, (_, n) => [n / 4, n < 100 ? 100e9 - n * 1e9 : 1e9]))
    assert.equal(trend.hoursLeft(at(51), 1e9, 0), undefined)
  })

  it('is nothing where the reserve is reached', () => {
    assert.equal(after([[0, 10e9]]).hoursLeft(at(2), 60e6, 64e6), 0)
  })
})
