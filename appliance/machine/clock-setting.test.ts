import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { clockSetDuty } from './clock-setting.ts'
import { DutyRefused } from './duty.ts'

const built = Date.UTC(2026, 10, 1)
const noon = Date.UTC(2026, 10, 29, 12)

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-clock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function machine(fails = '') {
  const called: string[] = []
  const places = { remembered: join(folder, 'clock'), battery: join(folder, 'rtc0') }
  const world = {
    run: folder,
    state: folder,
    links: folder,
    uptime: () => 0,
    async call(...words: readonly string[]) {
      called.push(words.join(' '))
      if (words[0] === fails) throw new Error(`${fails} failed`)
      return ''
    },
  }
  return { called, places, duty: clockSetDuty(world, built, places) }
}

describe('a clock that is set by hand', () => {
  it('is set, remembered over a start, and kept by a battery where there is one', async () => {
    const { called, places, duty } = machine()
    await duty.run({ wallMs: noon })
    assert.deepEqual(called, ['date --utc --set @1795953600.000'])
    for (const place of Object.values(places)) writeFileSync(place, '')
    await duty.run({ wallMs: noon })
    assert.equal(called.at(-1), 'hwclock --systohc --utc')
    assert.equal(statSync(places.remembered).mtimeMs, noon)
  })

  it('is refused where a time server is heard, and not where one is only looked for', async () => {
    const { called, duty } = machine()
    mkdirSync(join(folder, 'systemd/timesync'), { recursive: true })
    await duty.run({ wallMs: noon })
    writeFileSync(join(folder, 'systemd/timesync/synchronized'), '')
    await assert.rejects(duty.run({ wallMs: noon }), /^DutyRefused: a time server is heard/)
    assert.equal(called.length, 1)
  })

  it('is refused before this release was made, after what cards can hold, and what is no time', async () => {
    const { called, duty } = machine()
    for (const wallMs of [built - 1, Date.UTC(2038, 0, 1) + 1, Number.NaN, Infinity, String(noon)])
      await assert.rejects(duty.run({ wallMs }), DutyRefused, String(wallMs))
    assert.deepEqual(called, [])
    await duty.run({ wallMs: built })
    await duty.run({ wallMs: Date.UTC(2038, 0, 1) })
  })

  it('is set though the battery is dead, and is not where `date` fails', async () => {
    const { places, duty } = machine('hwclock')
    writeFileSync(places.battery, '')
    assert.deepEqual(await duty.run({ wallMs: noon }), {})
    await assert.rejects(machine('date').duty.run({ wallMs: noon }), /date failed/)
  })
})
