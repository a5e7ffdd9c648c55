import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { factsOfDevices } from '../settings/device-renames.ts'
import { editDeviceRow } from '../settings/row-edits.ts'
import { scratchSettings } from '../settings/scratch-settings.ts'
import { noon, octetsOf, published, testSpool } from '../spool/spool-fixture.ts'
import { finishRenames } from './device-renaming.ts'

const panel = `schema = 1
[[device]]
name = "Panel"
username = "scan1"
password = "k7m2p9qx"
[[device]]
name = "Bound"
addresses = ["192.168.7.20"]
`

function renamed() {
  const settings = scratchSettings({ profile: 'checkout', dataDirectory: '/nowhere', now: () => noon })
  assert.equal(settings.apply(panel, { who: 'test' }).kind, 'applied')
  assert.equal(editDeviceRow(settings, 'Panel', { name: 'Desk' }, { who: 'anna' }).kind, 'done')
  const left = (): unknown => JSON.parse(settings.kept(factsOfDevices.renames) ?? '[]')
  return Object.assign(settings, { left })
}
const deskIsLeft = [{ from: 'Panel', to: 'Desk' }]

describe('histories of devices that have each other’s names', () => {
  it('change places, with what was learned of each', async () => {
    using settings = scratchSettings({ profile: 'checkout', dataDirectory: '/nowhere', now: () => noon })
    const two = (one: string, other: string): string => `schema = 1
[[device]]
name = "${one}"
username = "scan1"
password = "k7m2p9qx"
[[device]]
name = "${other}"
username = "scan2"
password = "k7m2p9qy"
`
    assert.equal(settings.apply(two('Panel', 'Desk'), { who: 'test' }).kind, 'applied')
    await using box = await testSpool()
    const [ofPanel, ofDesk] = [
      await published(box.spool, octetsOf(10), { device: 'Panel' }),
      await published(box.spool, octetsOf(10), { device: 'Desk' }),
    ]
    const learned = { address: '10.0.0.9', lastSeen: noon, lastSession: 's', tls: '', mechanism: '' }
    await box.spool.saveTraits([
      { ...learned, device: 'Panel', repairs: [{ name: 'mail-no-domain', at: noon }] },
      { ...learned, device: 'Desk', repairs: [] },
    ])
    assert.equal(settings.apply(two('Desk', 'Panel'), { who: 'test' }).kind, 'applied')
    await finishRenames({ settings, spool: box.spool })
    const nameOf = async (id: typeof ofPanel) => (await box.spool.message(id))?.device
    assert.deepEqual([await nameOf(ofPanel), await nameOf(ofDesk)], ['Desk', 'Panel'])
    const traits = await box.spool.traits()
    assert.deepEqual(
      traits.filter(({ repairs }) => repairs.length > 0).map(({ device }) => device),
      ['Desk'],
    )
    assert.deepEqual(traits.map(({ device }) => device).sort(), ['Desk', 'Panel'])
    const told = settings.audit(10).flatMap(({ what }) => what)
    assert.deepEqual(told.filter((text) => text.includes('its history was')).sort(), [
      'device "Desk": its history was that of "Panel"',
      'device "Panel": its history was that of "Desk"',
    ])
  })
})

describe('history of a renamed device', () => {
  it('is to follow from the moment of the new name, also of a device without an account', async () => {
    using settings = renamed()
    editDeviceRow(settings, 'Bound', { name: 'At' }, { who: 'anna' })
    assert.deepEqual(settings.left(), [...deskIsLeft, { from: 'Bound', to: 'At' }])
  })

  it('follows, and nothing is left to do', async () => {
    using settings = renamed()
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(10), { device: 'Panel' })
    await finishRenames({ settings, spool: box.spool })
    assert.equal((await box.spool.message(id))?.device, 'Desk')
    assert.deepEqual(settings.left(), [])
  })

  it('is still to follow where the spool closes in between', async () => {
    using settings = renamed()
    const box = await testSpool()
    for (let mail = 0; mail < 301; mail++) await published(box.spool, octetsOf(10), { device: 'Panel' })
    const finishing = finishRenames({ settings, spool: box.spool })
    await box[Symbol.asyncDispose]()
    await finishing
    assert.deepEqual(settings.left(), deskIsLeft)
  })

  it('is followed by that of another rename that came meanwhile', async () => {
    using settings = renamed()
    const seen: string[] = []
    const spool = {
      renameDevice: async (from: string) => {
        if (seen.push(from) === 1) editDeviceRow(settings, 'Bound', { name: 'At' }, { who: 'anna' })
        return true
      },
    }
    await finishRenames({ settings, spool })
    assert.deepEqual([seen, settings.left()], [['Panel', 'Bound'], []])
  })
})
