import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { deviceSetup, setupOf } from '../../test/delivery-harness.ts'
import type { Alert, RaisedAlert } from '../core/alerts.ts'
import { localTime } from '../core/local-time.ts'
import { day, hour, type WallMs, wallMs } from '../core/time.ts'
import { DeviceWatch } from './device-watch.ts'

/** A Thursday. */
const morning = wallMs(Date.UTC(2026, 10, 26, 9))
type Sent = (day: WallMs) => number

let clock: JumpingClock
let raised: Map<string, RaisedAlert>
let sent: Map<string, Sent>
let asked: number[]
let isCut: boolean
const alerts = {
  raise: (alert: Alert) => void raised.set(alert.key, { ...alert, since: clock.wall() }),
  clear: (key: string) => void raised.delete(key),
  active: () => [...raised.values()],
}
const spool = {
  async deviceDays(device: string, from: readonly WallMs[]) {
    asked.push(from.length)
    const rest = { sent: 0, waiting: 0, bounced: 0, dropped: 0, refused: {} }
    return { days: from.map((at) => ({ from: at, mails: sent.get(device)?.(at) ?? 0, ...rest })), isCut }
  },
}
const watch = () =>
  new DeviceWatch({
    spool,
    clock,
    alerts,
    setup: () =>
      setupOf(
        [],
        [...sent.keys()].map((name) => deviceSetup(name)),
      ),
  })
const keys = () => [...raised.keys()]
const isWorkday = (at: WallMs): boolean => localTime(at, 'UTC').weekday < 5
/** On working days until that moment, and from another one on again. */
const workdays =
  (until = Number.POSITIVE_INFINITY, again = Number.POSITIVE_INFINITY): Sent =>
  (at) =>
    isWorkday(at) && (at < until || at >= again) ? 12 : 0
const midnight = (daysAgo: number): number => Date.UTC(2026, 10, 26) - daysAgo * day

beforeEach(() => {
  clock = new JumpingClock(morning)
  raised = new Map()
  asked = []
  isCut = false
  sent = new Map()
})

describe('a device that is unusually busy', () => {
  it('is told on its day, in words that stay, and is over with it', async () => {
    let today = 59
    const device = watch()
    sent.set('scanner', (at) => (at === midnight(0) ? today : 12))
    await device.look()
    assert.deepEqual(keys(), [])
    today = 60
    await device.look()
    const { sentence } = raised.get('device-busy/scanner') ?? {}
    assert.equal(sentence, 'scanner has sent more than 59 mails today: usually it is 12.')
    today = 900
    await device.look()
    assert.equal(raised.get('device-busy/scanner')?.sentence, sentence)
    await clock.jump(day)
    await device.look()
    assert.deepEqual(keys(), [])
  })

  it('is not judged where the spool could not count it all', async () => {
    isCut = true
    sent.set('scanner', (at) => (at === midnight(0) ? 900 : 12))
    await watch().look()
    assert.deepEqual(keys(), [])
  })
})

describe('a device that is silent', () => {
  it('is told after a working day without mail, until it sends', async () => {
    sent.set('scanner', workdays(midnight(1), midnight(-1))).set('other', workdays())
    const device = watch()
    await device.look()
    assert.equal(
      raised.get('device-silent/scanner')?.sentence,
      'scanner has sent nothing since 24 Nov, though it sends daily.',
    )
    await clock.jump(day)
    await device.look()
    assert.deepEqual(keys(), [])
  })

  it('stays told over the weekend', async () => {
    sent.set('scanner', workdays(midnight(0), midnight(-4))).set('other', workdays())
    const device = watch()
    const told: boolean[] = []
    for (let days = 0; days < 5; days += 1) {
      await device.look()
      told.push(raised.has('device-silent/scanner'))
      await clock.jump(day)
    }
    assert.deepEqual(told, [false, true, true, true, false])
  })

  it('is no news on a Sunday', async () => {
    clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 29, 9)))
    sent.set('scanner', workdays()).set('other', workdays())
    await watch().look()
    assert.deepEqual(keys(), [])
  })

  it('is one sentence where all are silent', async () => {
    sent.set('one', workdays(midnight(1), midnight(-1))).set('two', workdays(midnight(1), midnight(-1)))
    const device = watch()
    await device.look()
    assert.deepEqual(keys(), ['devices-silent'])
    await clock.jump(day)
    await device.look()
    assert.deepEqual(keys(), [])
  })

  it('is over when it is gone', async () => {
    sent.set('scanner', workdays(midnight(1))).set('other', workdays())
    const device = watch()
    await device.look()
    sent.delete('scanner')
    await device.look()
    assert.deepEqual(keys(), [])
  })
})

it('complete days are counted once', async () => {
  sent.set('scanner', workdays())
  const device = watch()
  await device.look()
  await clock.jump(hour)
  await device.look()
  await clock.jump(day)
  await device.look()
  assert.deepEqual(asked, [30, 1, 2])
})
