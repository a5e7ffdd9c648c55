import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { FleetReason } from '../../core/fleet.ts'
import { wallMs } from '../../core/time.ts'
import { makeIdentity } from '../../fleet/box-identity.ts'
import { makeSigningKey } from '../../fleet/keys.ts'
import { siteBlocks } from '../../platform/network.ts'
import { Cures } from '../../settings/cures.ts'
import { rotateDevice } from '../../settings/edits.ts'
import { openSettings } from '../../settings/open-settings.ts'
import { readToml } from '../../settings/parse.ts'
import { editDeviceRow, editTable } from '../../settings/row-edits.ts'
import { devicePassword } from '../../settings/secret-slots.ts'
import type { Settings } from '../../settings/settings.ts'
import { useStick } from '../backup/targets/stick-wish.ts'
import { type ChangeWorld, giveBack, takeBundle } from './fleet-change.ts'

const who = { who: 'anna' }
const identity = makeIdentity()

const site = `schema = 1
[gateway]
name = "branch-07"
sender = "box@contoso.com"
[[listener]]
name = "plain"
address = "192.168.7.5"
port = 2525
[console]
address = "192.168.7.5"
[[device]]
name = "Front desk"
username = "scan1"
password = "24680135"
addresses = ["192.168.7.20"]
sender = "scanner@contoso.com"
[[upstream]]
name = "kept"
kind = "outbox"
[fleet]
url = "https://fleet.contoso.com"
public_keys = ["${makeSigningKey().publicText}"]
`

describe('a bundle on a box', () => {
  let folder = ''
  let settings: Settings
  let world: ChangeWorld
  let serial = 0
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fleet-change-'))
    const opening = await openSettings(folder, { profile: 'packaged', now: () => wallMs(1e12) })
    assert.ok(opening.kind === 'open')
    settings = opening.settings
    world = {
      settings,
      records: opening.records,
      cures: new Cures(settings),
      ownNetworks: () => ['192.168.7.5/24'],
    }
    const applied = settings.apply(site, who)
    assert.equal(applied.kind, 'applied', JSON.stringify(applied))
  })
  afterEach(() => {
    settings[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })

  const take = (parts: string) => {
    const read = readToml(parts)
    assert.ok(read.kind === 'value')
    serial += 1
    const of = { fleet: 'contoso', contact: 'it@contoso.com', box: 'branch-07', serial, made: 0, keys: [] }
    return takeBundle({ ...of, parts: read.value }, identity, world, () => {})
  }
  const refusal = (parts: string): readonly [FleetReason | undefined, string] => {
    const taken = take(parts)
    return taken.kind === 'refused' ? [taken.reason, taken.detail] : [undefined, '']
  }
  const edit = (change: object) => {
    const edited = editDeviceRow(settings, 'Front desk', { ...change }, who)
    return edited.kind === 'problems' && edited.isManaged === true ? 'managed' : edited.kind
  }
  const device = () => settings.document.device[0]
  const password = () => {
    const opened = settings.open(devicePassword('Front desk'))
    return opened.kind === 'open' ? opened.value : opened.kind
  }

  it('that lists a device leaves to the site who that is, as far as it says nothing of it', () => {
    const row = '[[device]]\nname = "Front desk"\nsender = "desk@contoso.com"\n'
    assert.equal(take(`${row}addresses = ["192.168.7.21"]\n`).kind, 'changed')
    assert.equal(edit({ mac: 'dc:a6:32:01:02:03' }), 'done')
    assert.equal(rotateDevice(settings, 'Front desk', who).kind, 'done')
    assert.equal(edit({ addresses: ['192.168.7.30'] }), 'managed')
    assert.equal(edit({ sender: 'other@contoso.com' }), 'managed')
    assert.equal(edit({ name: 'Back office' }), 'managed')
    const rotated = password()
    assert.notEqual(rotated, '24680135')
    assert.equal(take(row).kind, 'changed')
    assert.equal(password(), rotated, 'the next bundle leaves it too')
    assert.equal(edit({ addresses: ['192.168.7.30'] }), 'done')
  })

  it('that is given back takes nothing back of what the site changed meanwhile', () => {
    assert.equal(take('[[device]]\nname = "Front desk"\nsender = "desk@contoso.com"\n').kind, 'changed')
    assert.equal(edit({ addresses: ['192.168.7.30'], mac: 'dc:a6:32:01:02:03' }), 'done')
    assert.equal(rotateDevice(settings, 'Front desk', who).kind, 'done')
    const rotated = password()
    assert.equal(giveBack(world, 'the box', () => {}).kind, 'changed')
    const { sender, addresses, mac } = device() ?? assert.fail('no device')
    assert.deepEqual(
      [sender, addresses, mac, password()],
      ['scanner@contoso.com', ['192.168.7.30'], 'dc:a6:32:01:02:03', rotated],
    )
  })

  it('that an earlier release took is given back by this one', () => {
    assert.equal(take('[[device]]\nname = "Front desk"\nsender = "desk@contoso.com"\n').kind, 'changed')
    assert.equal(take('[[device]]\nname = "Front desk"\nsender = "lobby@contoso.com"\n').kind, 'changed')
    const kept = world.records.secret('fleet-before')
    const told = JSON.parse(kept?.kind === 'open' ? kept.value : '')
    // Before a device's account and addresses could stay the site's.
    delete told.before.managed.site
    assert.ok(world.records.saveSecret('fleet-before', JSON.stringify(told)))
    assert.equal(giveBack(world, 'the box', () => {}).kind, 'changed')
    assert.equal(device()?.sender, 'desk@contoso.com')
    assert.deepEqual([settings.managed?.serial, settings.managed?.site], [serial - 1, {}])
  })

  it('that would shut out the network in which the box is, is not taken', () => {
    const gateway = (networks: string) =>
      `[gateway]\nsender = "box@contoso.com"\ntrusted_networks = ${networks}\n`
    const refusals = [
      gateway('["10.0.0.0/8", "::1"]'),
      gateway('["192.168.7.64/26"]'),
      '[console]\naddress = "::"\nnetworks = ["10.9.0.0/24"]\n',
      '[console]\naddress = "127.0.0.1"\n',
      '[[listener]]\nname = "plain"\naddress = "127.0.0.1"\nport = 2525\n',
      '[[listener]]\nname = "pop"\naddress = "::"\nport = 110\nprotocol = "pop3"\n',
    ].map(refusal)
    assert.deepEqual(refusals, [
      ['shut-out', '192.168.7.5/24, where this box is, is not in gateway.trusted_networks: add "attached"'],
      ['shut-out', '192.168.7.5/24, where this box is, is not in gateway.trusted_networks: add "attached"'],
      ['shut-out', '192.168.7.5/24, where this box is, is not in console.networks: add "attached"'],
      ['shut-out', 'console.address is open to the box itself alone'],
      ['shut-out', 'every listener is open to the box itself alone'],
      ['shut-out', 'every listener is open to the box itself alone'],
    ])
    assert.equal(settings.managed, undefined)
    for (const networks of ['["attached", "10.0.0.0/8"]', '["192.168.0.0/16"]'])
      assert.equal(take(gateway(networks)).kind, 'changed', networks)
  })

  it('nor one that would shut out the part of it that may come in', () => {
    const half = editTable(settings, 'console', { networks: ['192.168.7.0/25', '192.168.7.128/26'] }, who)
    assert.equal(half.kind, 'done', JSON.stringify(half))
    const page = (networks: string) => `[console]\naddress = "::"\nnetworks = ${networks}\n`
    assert.deepEqual(refusal(page('["10.0.0.0/8"]')), [
      'shut-out',
      '192.168.7.5/24, where this box is, is not in console.networks: add "attached"',
    ])
    assert.equal(take(page('["10.0.0.0/8", "192.168.7.0/25"]')).kind, 'changed')
  })

  it('nor in a LAN without IPv4', () => {
    world = { ...world, ownNetworks: () => siteBlocks(['fe80::5/64', '169.254.7.5/16', '2001:db8:7::5/64']) }
    const gateway = (network: string) =>
      `[gateway]\nsender = "box@contoso.com"\ntrusted_networks = ["${network}"]\n`
    assert.deepEqual(refusal(gateway('192.168.0.0/16')), [
      'shut-out',
      '2001:db8:7::5/64, where this box is, is not in gateway.trusted_networks: add "attached"',
    ])
    world = { ...world, ownNetworks: () => siteBlocks(['2001:db8:7::5/64', '192.168.7.5/24']) }
    assert.equal(take(gateway('192.168.0.0/16')).kind, 'changed', 'of both families one is enough')
  })

  it('that copies onto a stick is answered as what is head office’s where somebody at the site takes that out', async () => {
    assert.equal(take('[[backup]]\nname = "drawer"\nkind = "usb"\n').kind, 'changed')
    const taken = await useStick(settings, false, 'anna')
    assert.ok(taken.kind === 'refused')
    assert.deepEqual(taken.trouble, { why: 'managed' })
  })

  it('shuts nobody out who was not in before', () => {
    const closed = editTable(settings, 'console', { networks: ['10.9.0.0/24'] }, who)
    assert.equal(closed.kind, 'done', JSON.stringify(closed))
    assert.equal(take('[console]\naddress = "::"\nnetworks = ["10.8.0.0/24"]\n').kind, 'changed')
  })
})
