// An update through a whole gateway: what the API takes, what the machine is asked, what is told.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { bundlePlace } from '../../src/core/machine-update.ts'
import { wallMs } from '../../src/core/time.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { until } from '../gateway-process.ts'
import { bundleOf, PlayedSlots } from './played-slots.ts'

let folder = ''
let slots: PlayedSlots
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-update-'))
  slots = new PlayedSlots(join(folder, 'data', bundlePlace.folder, bundlePlace.file))
})
afterEach(() => rmSync(folder, { recursive: true }))

const start = (setup?: string): Promise<GatewayInProcess> =>
  GatewayInProcess.start(folder, setup, { clock: systemClock(wallMs(0)), machine: slots.machine })

async function* octets(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a bundle')
}

describe('a gateway with two slots', () => {
  it('installs what it was sent, keeps its mail, and says why the version of before runs again', async () => {
    slots.bundle = bundleOf('9.0.0')
    let mail = ''
    {
      await using box = await start(plainBox())
      const { operations } = box
      mail = (await box.send({ to: ['anna@contoso.com'] })).id
      assert.deepEqual(await operations.beginBundle(8, 'anna'), { kind: 'done', offset: 0 })
      assert.deepEqual(await operations.uploadBundle(0, octets(), 'anna'), { kind: 'done', offset: 8 })
      assert.deepEqual(await operations.installUpdate(true, 'anna'), { kind: 'done' })
      await until('the installation', async () => (await operations.updates()).state.kind === 'installing')
      slots.installed()
      await until('the restart', async () => slots.trial?.state === 'due')
      const audit = (await operations.audit(10)).map(({ what }) => what).join('\n')
      for (const words of ['update: 9.0.0 verified', 'update: restarts with 9.0.0'])
        assert.ok(audit.includes(words), audit)
    }
    slots.startBy('A')
    await using box = await start()
    await until('it is told', async () =>
      (await box.operations.alerts()).active.some(({ key }) => key === 'update-undone'),
    )
    assert.equal((await box.operations.updates()).state.kind, 'rolled-back')
    assert.equal((await box.message(mail)).recipients.length, 1)
  })

  it('asks for its record again where it could not be read, and goes on meanwhile', async () => {
    const record = join(folder, 'data', bundlePlace.folder, 'state.json')
    mkdirSync(record, { recursive: true })
    await using box = await start(plainBox())
    await assert.rejects(box.operations.updates(), /EISDIR/)
    rmSync(record, { recursive: true })
    assert.equal((await box.operations.updates()).state.kind, 'none')
  })

  it('loads nothing for it where nobody asks', async () => {
    await using box = await start(plainBox())
    await box.send({ to: ['anna@contoso.com'] })
    assert.deepEqual(
      slots.asked.filter((duty) => duty.startsWith('update-')),
      [],
    )
  })
})
