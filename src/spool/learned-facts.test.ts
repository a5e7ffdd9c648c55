import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeviceTrait, Sighting } from '../core/learning.ts'
import { day } from '../core/time.ts'
import { later, noon, testSpool } from './spool-fixture.ts'

const sighting = (changes: Partial<Sighting> = {}): Sighting => ({
  address: '192.168.7.23',
  mac: '00:11:22:33:44:55',
  maker: 'Ricoh',
  helo: 'MFP',
  username: 'scanner',
  triedAuth: true,
  mailFrom: 'scan@contoso.com',
  rcptDomain: 'contoso.com',
  tls: '',
  result: '530 5.7.0 Sign in first A4',
  firstSeen: noon,
  lastSeen: noon,
  count: 3,
  ...changes,
})
const trait = (changes: Partial<DeviceTrait> = {}): DeviceTrait => ({
  device: 'Copier',
  address: '192.168.7.20',
  lastSeen: noon,
  lastSession: 'abc',
  tls: 'TLSv1 AES128-SHA',
  mechanism: 'LOGIN',
  repairs: [{ name: 'helo-empty', at: noon }],
  ...changes,
})

describe('sightings on disk', () => {
  it('are one row for each address, the latest first, across a restart', async () => {
    await using box = await testSpool()
    await box.spool.saveSightings([sighting(), sighting({ address: '10.0.0.9', lastSeen: later(1) })])
    await box.spool.saveSightings([sighting({ count: 4, triedAuth: false })])
    const spool = await box.reopen()
    assert.deepEqual(await spool.sightings(), [
      sighting({ address: '10.0.0.9', lastSeen: later(1) }),
      sighting({ count: 4, triedAuth: false }),
    ])
    await spool.forgetSighting('10.0.0.9')
    assert.equal((await spool.sightings()).length, 1)
  })

  it('are kept for 30 days, and at most a thousand', async () => {
    await using box = await testSpool()
    const many = Array.from({ length: 1100 }, (_, at) =>
      sighting({ address: `10.0.${at >> 8}.${at & 255}`, lastSeen: later(at) }),
    )
    await box.spool.saveSightings(many)
    assert.equal((await box.spool.sightings()).length, 1000)
    assert.equal((await box.spool.sightings()).at(-1)?.lastSeen, later(100))
    await box.spool.tidy(later(30 * day + 600), 400 * day, day)
    assert.equal((await box.spool.sightings()).at(-1)?.lastSeen, later(600))
  })

  it('forget a person, and a device by its own address', async () => {
    await using box = await testSpool()
    await box.spool.saveSightings([
      sighting({ username: 'anna@contoso.com' }),
      sighting({ address: '10.0.0.9' }),
    ])
    assert.equal(await box.spool.forget('Anna@contoso.com'), 1)
    assert.equal((await box.spool.sightings())[1]?.username, '(forgotten)')
    assert.equal(await box.spool.forget('scan@contoso.com'), 2)
    assert.deepEqual(
      (await box.spool.sightings()).map(({ mailFrom }) => mailFrom),
      ['(forgotten)', '(forgotten)'],
    )
    assert.equal(await box.spool.forget('10.0.0.9'), 1)
    assert.deepEqual(
      (await box.spool.sightings()).map(({ address }) => address),
      ['192.168.7.23'],
    )
  })
})

describe('traits on disk', () => {
  it('are one row for each device, kept for 30 days', async () => {
    await using box = await testSpool()
    await box.spool.saveTraits([trait(), trait({ device: 'Old', lastSeen: later(-day) })])
    await box.spool.saveTraits([trait({ mechanism: '', repairs: [] })])
    const spool = await box.reopen()
    assert.deepEqual(await spool.traits(), [
      trait({ mechanism: '', repairs: [] }),
      trait({ device: 'Old', lastSeen: later(-day) }),
    ])
    await spool.tidy(later(29.5 * day), 400 * day, day)
    assert.deepEqual(await spool.traits(), [trait({ mechanism: '', repairs: [] })])
  })
})
