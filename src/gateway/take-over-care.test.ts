import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { unknownDevice } from '../core/learning.ts'
import { day, hour, minute, wallMs } from '../core/time.ts'
import { scratchSettings } from '../settings/scratch-settings.ts'
import { noon, octetsOf, published, testSpool } from '../spool/spool-fixture.ts'
import { TakeOverWindow } from '../submission/take-over.ts'
import { TakeOverCare } from './take-over-care.ts'

const held = { device: unknownDevice('10.0.0.9'), isUnadopted: true }

/** A window with one mail in it, and who looks after both; nobody corrects the times on disk when the clock is set. */
async function house() {
  const box = await testSpool()
  const clock = new JumpingClock(noon)
  const settings = scratchSettings({
    profile: 'checkout',
    dataDirectory: '/nowhere',
    now: () => clock.wall(),
  })
  const window = await TakeOverWindow.restore({ clock, spool: box.spool })
  const events: string[] = []
  const care = new TakeOverCare({
    window,
    spool: box.spool,
    settings,
    clock,
    log: { write: (_level, event) => void events.push(event) },
    alerts: { raise: () => undefined, clear: () => undefined, active: () => [] },
    onRelease: () => undefined,
  })
  await care.begin('10.0.0.0/24', 2 * hour, 'anna')
  const stop = new AbortController()
  const watching = care.watch(stop.signal)
  /** Asleep again: the look is over. */
  const looked = async (): Promise<void> => {
    while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const submit = async () => {
    using _ = await window.place(100)
    return published(box.spool, octetsOf(100), held)
  }
  return {
    clock,
    care,
    spool: box.spool,
    events,
    submit,
    looked,
    held: async () => (await box.spool.unadopted()).length === 1,
    async pass(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= minute) {
        await looked()
        await clock.jump(minute)
      }
      await looked()
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await watching
      settings[Symbol.dispose]()
      await box[Symbol.asyncDispose]()
    },
  }
}

describe('mail held in a take-over window', () => {
  for (const { to, at } of [
    { to: 'three days on', at: noon + 3 * day },
    { to: 'a year back', at: noon - 365 * day },
  ]) {
    it(`waits for its 24 hours where the clock is set ${to} at any moment`, async () => {
      await using box = await house()
      await box.looked()
      await box.submit()
      box.clock.setWall(wallMs(at))
      await box.pass(23 * hour)
      assert.ok(await box.held())
      const [waiting] = (await box.care.view()).waiting
      const leftMs = (waiting?.droppedAt ?? 0) - box.clock.wall()
      assert.ok(leftMs >= 59 * minute && leftMs <= 62 * minute, String(leftMs))
      await box.pass(90 * minute)
      assert.ok(!(await box.held()))
    })
  }

  it('that cannot be let go is told in the log where nobody waits for it', async () => {
    await using box = await house()
    await box.looked()
    box.spool.unadopted = async () => {
      throw new Error('the disk is full')
    }
    await box.care.releaseBehind()
    assert.deepEqual(box.events, ['take-over-failed'])
  })
})
