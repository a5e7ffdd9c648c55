import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Sighting, UnadoptedMail } from '../core/learning.ts'
import type { AdoptionWish } from '../core/operations.ts'
import { wallMs } from '../core/time.ts'
import { scratchSettings } from '../settings/scratch-settings.ts'
import type { Settings } from '../settings/settings.ts'
import { adopt } from './adoption.ts'

const now = wallMs(Date.UTC(2026, 10, 1, 12))
const wish = (changes: Partial<AdoptionWish> = {}): AdoptionWish => ({
  address: '192.168.7.23',
  name: undefined,
  pinMac: false,
  passwordless: false,
  ...changes,
})
const sighting = (changes: Partial<Sighting> = {}): Sighting => ({
  address: '192.168.7.23',
  mac: '00:26:73:00:00:01',
  maker: '',
  helo: 'MFP',
  username: '',
  triedAuth: false,
  mailFrom: 'scan@contoso.com',
  rcptDomain: '',
  tls: '',
  result: '530',
  firstSeen: now,
  lastSeen: now,
  count: 1,
  ...changes,
})

interface Box extends Disposable {
  readonly settings: Settings
  readonly forgotten: string[]
  adopt(changes?: Partial<AdoptionWish>): ReturnType<typeof adopt>
}

function box(sightings: readonly Sighting[], held: readonly UnadoptedMail[] = []): Box {
  const settings = scratchSettings({ profile: 'checkout', dataDirectory: '/nowhere', now: () => now })
  const forgotten: string[] = []
  const parts = {
    settings,
    spool: { unadopted: () => Promise.resolve(held) },
    sightings: () => Promise.resolve(sightings),
    forgetSighting: (address: string) => {
      forgotten.push(address)
      return Promise.resolve()
    },
    release: () => Promise.resolve(0),
    cardOf: (name: string) => Promise.resolve({ kind: 'done', card: [name] } as const),
  }
  return {
    settings,
    forgotten,
    adopt: (changes) => adopt(parts, wish(changes), 'anna'),
    [Symbol.dispose]: () => settings[Symbol.dispose](),
  }
}

const reasonOf = async (adopted: ReturnType<typeof adopt>): Promise<string> => {
  const done = await adopted
  return done.kind === 'refused' ? done.reason : 'adopted'
}

describe('adopting an unknown device', () => {
  it('makes one that is known by its address alone', async () => {
    using its = box([sighting()])
    assert.deepEqual(await its.adopt(), { kind: 'done', card: ['Device at 192.168.7.23'], released: 0 })
    const [device] = its.settings.setup.devices
    assert.deepEqual(
      [device?.addresses, device?.mac, device?.password, device?.username],
      [['192.168.7.23'], '', undefined, undefined],
    )
    assert.deepEqual(its.forgotten, ['192.168.7.23'])
    assert.ok(
      its.settings.audit(9).some(({ who, what }) => who === 'anna' && /adopted from/.test(what.join())),
    )
  })

  it('mints an account for one that tried to sign in, and keeps its login', async () => {
    using its = box([sighting({ triedAuth: true, username: 'OldScan' })])
    await its.adopt({ name: 'Copier' })
    const [device] = its.settings.setup.devices
    assert.deepEqual([device?.name, device?.alsoKnownAs], ['Copier', ['OldScan']])
    assert.match(device?.username ?? '', /^[a-z][a-z2-9]{3,7}$/)
    assert.notEqual(device?.password, undefined)
  })

  it('leaves the account out where that is wished, and a login that is another device’s', async () => {
    using its = box([
      sighting({ triedAuth: true, username: 'oldscan' }),
      sighting({ address: '10.0.0.9', triedAuth: true, username: 'OLDSCAN' }),
    ])
    await its.adopt({ passwordless: true })
    assert.equal(its.settings.setup.devices[0]?.password, undefined)
    using other = box([
      sighting({ triedAuth: true, username: 'oldscan' }),
      sighting({ address: '10.0.0.9', triedAuth: true, username: 'OLDSCAN' }),
    ])
    await other.adopt()
    await other.adopt({ address: '10.0.0.9' })
    assert.deepEqual(
      other.settings.setup.devices.map(({ alsoKnownAs }) => alsoKnownAs),
      [['oldscan'], []],
    )
  })

  it('holds it to the hardware address that it has now', async () => {
    using its = box([sighting()])
    await its.adopt({ pinMac: true })
    assert.equal(its.settings.setup.devices[0]?.mac, '00:26:73:00:00:01')
    using unknown = box([sighting({ mac: '' })])
    assert.match(await reasonOf(unknown.adopt({ pinMac: true })), /hardware address of .* is not known/)
    assert.deepEqual(unknown.settings.setup.devices, [])
  })

  it('is refused for an address that was not seen, and where the rules say no', async () => {
    using its = box([sighting()])
    assert.match(await reasonOf(its.adopt({ address: '192.168.7.99' })), /was not seen/)
    assert.equal(await reasonOf(its.adopt()), 'adopted')
    assert.match(await reasonOf(its.adopt({ name: 'Again' })), /addresses/)
  })

  it('is possible while its mail is all that is left of it', async () => {
    using its = box([], [{ address: '192.168.7.23', mails: 3, octets: 9, oldest: now, heldMs: 0 }])
    const adopted = await its.adopt()
    assert.equal(adopted.kind === 'done' && adopted.released, 3)
  })
})
