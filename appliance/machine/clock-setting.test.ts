import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { clockSetDuty } from './clock-setting.ts'

const earliestMs = Date.UTC(2026, 10, 29)
const wallMs = earliestMs + 3_600_000
const set = `date --utc --set @${wallMs / 1000}.000`

describe('a clock set by hand', () => {
  let run = ''
  let called: string[] = []
  beforeEach(() => {
    run = mkdtempSync(join(tmpdir(), 'inkpost-clock-'))
    called = []
  })
  afterEach(() => rmSync(run, { recursive: true }))
  const dutyOf = (missing = 'none', rtc = '/dev/null') =>
    clockSetDuty(
      {
        run,
        state: run,
        links: run,
        uptime: () => 0,
        async call(program, ...words) {
          called.push([program, ...words].join(' '))
          if (program === missing) throw new Error(`spawn ${program} ENOENT`)
          return ''
        },
      },
      earliestMs,
      rtc,
    )

  it('is remembered by the time service, and by the clock with a battery where there is one', async () => {
    assert.deepEqual(await dutyOf().run({ wallMs }), {})
    const touched = 'touch --no-create /var/lib/systemd/timesync/clock'
    assert.deepEqual(called, [set, touched, 'hwclock --systohc --utc'])
    called = []
    await dutyOf('none', join(run, 'no-rtc')).run({ wallMs })
    assert.deepEqual(called, [set, touched])
  })

  it('is set also where it can’t be remembered', async () => {
    assert.deepEqual(await dutyOf('touch').run({ wallMs }), {})
    assert.deepEqual(await dutyOf('hwclock').run({ wallMs }), {})
  })

  it('is not said to be set where it is not', () => assert.rejects(dutyOf('date').run({ wallMs }), /ENOENT/))

  it('is refused before this release was made, and after what 32 bits hold', async () => {
    for (const wrong of [earliestMs - 1, Date.UTC(2038, 0, 1) + 1, Number.NaN, String(wallMs)])
      await assert.rejects(dutyOf().run({ wallMs: wrong }), /is not understood/)
    assert.deepEqual(called, [])
  })

  it('is the time server’s where one is heard', async () => {
    mkdirSync(join(run, 'systemd/timesync'), { recursive: true })
    writeFileSync(join(run, 'systemd/timesync/synchronized'), '')
    await assert.rejects(dutyOf().run({ wallMs }), /a time server is heard/)
    assert.deepEqual(called, [])
  })
})
