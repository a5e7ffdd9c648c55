import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { day, minute } from '../core/time.ts'
import { findDevice } from '../settings/edits.ts'
import { editDeviceRow } from '../settings/row-edits.ts'
import { scratchSettings } from '../settings/scratch-settings.ts'
import { noon } from '../spool/spool-fixture.ts'
import { DeviceReplacements } from './device-replacement.ts'

const panel = `schema = 1
[[device]]
name = "Panel"
username = "scan1"
password = "k7m2p9qx"
addresses = ["192.168.7.20"]
`

function house() {
  const clock = new JumpingClock(noon)
  const settings = scratchSettings({
    profile: 'checkout',
    dataDirectory: '/nowhere',
    now: () => clock.wall(),
  })
  assert.equal(settings.apply(panel, { who: 'test' }).kind, 'applied')
  const log: string[] = []
  const alerts: string[] = []
  const replacements = new DeviceReplacements({
    settings,
    clock,
    log: { write: (_level, event, facts) => void log.push(`${event}: ${String(facts?.['detail'])}`) },
    alerts: { raise: ({ sentence }) => void alerts.push(sentence) },
    hardwareAt: async () => ({ kind: 'unknown' }),
    forget: async () => {},
  })
  return {
    clock,
    settings,
    replacements,
    log,
    alerts,
    addresses: (name: string) => findDevice(settings.document, name)?.addresses,
    [Symbol.dispose]: () => settings[Symbol.dispose](),
  }
}

describe('a device that is being replaced', () => {
  it('is bound to the address of the first sign-in', async () => {
    using its = house()
    assert.equal((await its.replacements.begin('Panel', 'anna')).kind, 'done')
    assert.deepEqual(its.addresses('Panel'), [])
    await its.replacements.sawSignIn('Panel', '192.168.7.44')
    assert.deepEqual(its.addresses('Panel'), ['192.168.7.44'])
    assert.equal(its.replacements.leftMs('Panel'), undefined)
  })

  it('tells in the log that nothing can be written, for nobody waits for it', async () => {
    using its = house()
    await its.replacements.begin('Panel', 'anna')
    its.settings.keep = () => {
      throw new Error('database or disk is full')
    }
    await its.replacements.sawSignIn('Panel', '192.168.7.44')
    assert.deepEqual(its.log, ['replacement-not-bound: Error: database or disk is full'])
  })

  it('is awaited under its new name', async () => {
    using its = house()
    await its.replacements.begin('Panel', 'anna')
    assert.equal(editDeviceRow(its.settings, 'Panel', { name: 'Desk' }, { who: 'anna' }).kind, 'done')
    assert.equal(its.replacements.leftMs('Panel'), undefined)
    await its.replacements.sawSignIn('Desk', '192.168.7.44')
    assert.deepEqual(its.addresses('Desk'), ['192.168.7.44'])
  })

  it('is bound as it was where nobody comes in time, also when it was begun twice and renamed', async () => {
    using its = house()
    await its.replacements.begin('Panel', 'anna')
    await its.replacements.begin('Panel', 'anna')
    editDeviceRow(its.settings, 'Panel', { name: 'Desk' }, { who: 'anna' })
    its.replacements.endOver()
    assert.deepEqual(its.addresses('Desk'), [])
    await its.clock.jump(1 * day + minute)
    its.replacements.endOver()
    assert.deepEqual(its.addresses('Desk'), ['192.168.7.20'])
    assert.match(its.alerts.join(), /^No new printer signed in as Desk .* bound to 192.168.7.20 again\.$/)
    assert.equal(its.settings.kept('replacements'), '[]')
  })

  it('keeps the address that somebody gave it meanwhile', async () => {
    using its = house()
    await its.replacements.begin('Panel', 'anna')
    editDeviceRow(its.settings, 'Panel', { addresses: ['192.168.7.50'] }, { who: 'anna' })
    await its.clock.jump(1 * day + minute)
    its.replacements.endOver()
    assert.deepEqual(its.addresses('Panel'), ['192.168.7.50'])
  })
})
