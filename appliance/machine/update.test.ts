import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { developmentKeys } from '../../firmware-image/update/keys.ts'
import type { Inspected, InstallProgress, SlotsView } from '../../src/core/machine-update.ts'
import { until } from '../../test/gateway-process.ts'
import { RaucBox } from '../../test/update/rauc-box.ts'
import { updateDuties } from './update-duties.ts'
import { runUpdateErrand } from './update-errands.ts'
import type { UpdateWorld } from './update-world.ts'

let box: RaucBox
beforeEach(async () => {
  box = await RaucBox.start()
})
afterEach(() => box[Symbol.asyncDispose]())

const ask = <T>(duty: string, what: object = {}): Promise<T> =>
  (new Map(updateDuties(box.world, '1.0.0')).get(duty)?.run(what) ?? assert.fail(duty)) as Promise<T>
const unfit = async (): Promise<string> => {
  const told = await ask<Inspected>('update-inspect')
  return told.kind === 'unfit' ? told.sentence : assert.fail('it is fit')
}
const show = (): Promise<SlotsView> => ask('update-show')

async function installed(version: string): Promise<void> {
  // What checks each block (verity) is a module of the kernel that a container seldom has.
  box.bundle(version, { format: 'plain' })
  await ask('update-install')
  await until('the installation', async () => !(await ask<InstallProgress>('update-progress')).isAtWork)
  assert.deepEqual(await ask('update-progress'), { isAtWork: false, percent: 100, error: '' })
}

const canMount = spawnSync('sh', ['-c', 'losetup -f']).status === 0
const installs = canMount ? {} : { skip: 'needs root and loop devices' }

describe('a bundle', () => {
  it('is what its signature says', async () => {
    box.bundle('1.1.0')
    const told = await ask('update-inspect')
    assert.partialDeepStrictEqual(told, {
      kind: 'bundle',
      bundle: {
        version: '1.1.0',
        compatible: 'inkpost-arm64',
        built: '2026-11-29T10:00:00.000Z',
        schemas: { spool: { readableFrom: 1 } },
      },
    })
  })

  it('of somebody else is refused, before anything of it is looked at', async () => {
    box.bundle('1.1.0', { keys: developmentKeys(box.path('other-keys')) })
    assert.match(await unfit(), /not signed by a key that this box trusts/)
    await assert.rejects(ask('update-install'), /not signed by a key that this box trusts/)
  })

  it('that was changed is refused', async () => {
    box.bundle('1.1.0')
    const octets = readFileSync(box.world.bundle)
    for (const [where, words] of [
      [octets.lastIndexOf('version=1.1.0') + 10, /was changed after it was signed/],
      [octets.length - 1, /was changed after it was signed|no bundle/],
    ] as const) {
      const changed = Buffer.from(octets)
      changed.writeUInt8((changed.readUInt8(where) + 1) % 256, where)
      writeFileSync(box.world.bundle, changed)
      assert.match(await unfit(), words)
    }
    writeFileSync(box.world.bundle, 'no bundle')
    assert.match(await unfit(), /no bundle, or not a whole one/)
  })

  it('for another machine, or of before, is refused', async () => {
    box.bundle('1.1.0', { compatible: 'toaster' })
    assert.match(await unfit(), /is for toaster, and this machine is inkpost-arm64/)
    box.bundle('1.0.0-rc.9')
    assert.match(await unfit(), /version 1.0.0-rc.9, which is older than 1.0.0/)
    await assert.rejects(ask('update-install'), /older/)
  })

  it('is not told unfit where it is not its fault: of that another look may find it good', async () => {
    box.bundle('1.1.0')
    const saying = (program: string, err: string): UpdateWorld['run'] => {
      const { run } = box.world
      return async (asked, words) =>
        asked === program && words[0] !== 'info' ? { status: 1, out: '', err } : run(asked, words)
    }
    const at = (run: UpdateWorld['run']) => new Map(updateDuties({ ...box.world, run }, '1.0.0'))
    const inspected = (run: UpdateWorld['run']) => at(run).get('update-inspect')?.run({})
    const slow = inspected(saying('rauc', 'Timeout was reached'))
    await assert.rejects(slow ?? assert.fail(), /the slots are not known: Timeout was reached/)
    const failing =
      (err: string): UpdateWorld['run'] =>
      async () => ({ status: 1, out: '', err })
    const untimely = inspected(failing('Failed to verify: certificate has expired'))
    await assert.rejects(untimely ?? assert.fail(), /look at its clock/)
    const unread = inspected(failing('Failed to open: Input/output error'))
    await assert.rejects(unread ?? assert.fail(), /the bundle can't be read: Failed to open/)
  })

  it('is the one of its place, and no link', async () => {
    symlinkSync('/etc/shadow', box.world.bundle)
    await assert.rejects(ask('update-inspect'), /there is no bundle/)
    await assert.rejects(ask('update-install', { bundle: '/tmp/other' }), /not understood/)
  })

  it('is nothing to a machine without slots', async () => {
    const world = { ...box.world, config: box.path('none') }
    const duties = new Map(updateDuties(world, '1.0.0'))
    for (const duty of ['update-show', 'update-inspect', 'update-install', 'update-progress', 'update-try'])
      await assert.rejects(duties.get(duty)?.run({}) ?? assert.fail(duty), /has no slots to update/)
  })
})

describe('a trial', () => {
  const onTrial = async (state: 'due' | 'running', booted: 'A' | 'B'): Promise<void> => {
    mkdirSync(box.world.state, { recursive: true })
    const trial = { version: '1.1.0', slot: 'B', state, reason: null }
    writeFileSync(join(box.world.state, 'update-trial.json'), JSON.stringify(trial))
    box.write('primary', 'B\n')
    box.write('state-B', 'tried\n')
    await box.startBy(booted)
  }

  it('whose end is cut off by the power is not a version that was kept', async () => {
    await onTrial('running', 'B')
    const { run } = box.world
    const cut: typeof run = async (program, words) => {
      if (words.includes('mark-active')) throw new Error('no power')
      return run(program, words)
    }
    await assert.rejects(runUpdateErrand('update-trial', { ...box.world, run: cut }), /no power/)
    await box.startBy('B')
    await runUpdateErrand('update-start', box.world)
    assert.equal(box.text('state-B'), 'tried')
    assert.partialDeepStrictEqual(await show(), { trial: { state: 'running' } })
  })

  it('of a version that did start does not say that it did not', async () => {
    await onTrial('running', 'A')
    await runUpdateErrand('update-start', box.world)
    assert.partialDeepStrictEqual(await show(), { trial: { state: 'failed', reason: 'not-healthy' } })
  })

  it('is settled by its timer where the start could not be judged', async () => {
    await onTrial('due', 'A')
    await runUpdateErrand('update-trial', box.world)
    assert.partialDeepStrictEqual(await show(), { trial: { state: 'failed', reason: 'did-not-start' } })
    assert.deepEqual(box.orders, [])
  })

  it('ends in a restart where no installer answers, and only a trial does', async () => {
    const world = { ...box.world, run: async () => ({ status: 1, out: '', err: 'no installer' }) }
    await runUpdateErrand('update-trial', world)
    await onTrial('running', 'B')
    await assert.rejects(runUpdateErrand('update-trial', world), /no installer/)
    const { run } = box.world
    const deaf: typeof run = async (program, words) =>
      program === 'systemctl' ? { status: 1, out: '', err: 'no bus' } : run(program, words)
    const start = runUpdateErrand('update-start', { ...box.world, run: deaf })
    await assert.rejects(start, /the trial would have no end: no bus/)
    const unit = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8')
    assert.match(unit('inkpost-update-start.service'), /^OnFailure=inkpost-update-trial\.timer$/m)
    assert.match(unit('inkpost-update-trial.service'), /^OnFailure=reboot\.target$/m)
  })

  it('is none of a slot into which nothing was ever written', async () => {
    assert.partialDeepStrictEqual(await show(), { slots: [{ isGood: true }, { isGood: false }] })
    await assert.rejects(ask('update-back'), /nothing in the other slot that was ever in use/)
    assert.equal(box.text('primary'), 'A')
  })
})

describe('a version in the other slot', installs, () => {
  it('is not what the next start starts, until it is tried; and is kept when it is healthy', async () => {
    await assert.rejects(ask('update-try'), /nothing was installed/)
    await installed('1.1.0')
    assert.equal(readFileSync(box.path('slot-b')).subarray(0, 5).toString(), '1.1.0')
    assert.equal(box.text('primary'), 'A')
    assert.deepEqual((await show()).slots, [
      { slot: 'A', isBooted: true, isGood: true, version: '' },
      { slot: 'B', isBooted: false, isGood: false, version: '1.1.0' },
    ])
    await ask('update-try')
    assert.equal(box.text('primary'), 'B')
    assert.deepEqual(box.orders, ['start --no-block --job-mode=replace-irreversibly reboot.target'])
    await box.startBy('B')
    box.write('state-B', 'tried\n')
    await runUpdateErrand('update-start', box.world)
    assert.deepEqual((await show()).trial, { version: '1.1.0', slot: 'B', state: 'running', reason: null })
    assert.equal(box.text('state-B'), 'tried', 'nobody but its gateway calls it good')
    assert.match(box.orders.at(-1) ?? '', /start --no-block inkpost-update-trial.timer/)
    await ask('update-keep')
    assert.equal(box.text('state-B'), 'good')
    assert.equal((await show()).trial, null)
    assert.match(box.orders.at(-1) ?? '', /stop inkpost-update-trial.timer/)
    await runUpdateErrand('update-trial', box.world)
    assert.equal(box.text('primary'), 'B', 'a timer that ends too late ends nothing')
  })

  it('that did not start is told by the one of before', async () => {
    await installed('1.1.0')
    await ask('update-try')
    await box.startBy('A')
    await runUpdateErrand('update-start', box.world)
    assert.deepEqual((await show()).trial, {
      version: '1.1.0',
      slot: 'B',
      state: 'failed',
      reason: 'did-not-start',
    })
  })

  it('whose gateway is not healthy in time gives way to the one of before', async () => {
    await installed('1.1.0')
    await ask('update-try')
    await box.startBy('B')
    await runUpdateErrand('update-start', box.world)
    await runUpdateErrand('update-trial', box.world)
    assert.equal(box.text('primary'), 'A')
    assert.match(box.orders.at(-1) ?? '', /reboot.target/)
    await box.startBy('A')
    await runUpdateErrand('update-start', box.world)
    assert.partialDeepStrictEqual(await show(), { trial: { state: 'failed', reason: 'not-healthy' } })
    await ask('update-try')
    assert.partialDeepStrictEqual(await show(), { trial: { state: 'due', reason: null } })
  })

  it('is left for the one of before on demand, which is on trial then itself', async () => {
    await installed('1.1.0')
    await ask('update-try')
    await box.startBy('B')
    await runUpdateErrand('update-start', box.world)
    await ask('update-keep')
    await ask('update-back')
    assert.equal(box.text('primary'), 'A')
    await box.startBy('A')
    await runUpdateErrand('update-start', box.world)
    assert.partialDeepStrictEqual(await show(), { trial: { slot: 'A', state: 'running' } })
    await ask('update-back')
    assert.equal(box.text('primary'), 'B')
    await box.startBy('B')
    await runUpdateErrand('update-start', box.world)
    assert.partialDeepStrictEqual(await show(), { trial: { state: 'failed', reason: 'taken-back' } })
  })
})
