import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { wallMs } from '../core/time.ts'
import {
  addAlias,
  addDevice,
  edit,
  findDevice,
  removeAlias,
  removeDevice,
  replaceSecret,
  rotateDevice,
} from './edits.ts'
import { openSettings } from './open-settings.ts'
import { problemText } from './problem.ts'
import { devicePassword, upstreamSecret } from './secret-slots.ts'
import type { Settings } from './settings.ts'

const who = { who: 'test' }

describe('single changes', () => {
  let folder = ''
  let settings: Settings
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'edits-'))
    const opening = await openSettings(folder, {
      profile: 'checkout',
      now: () => wallMs(1e12),
      isEmbedded: true,
    })
    assert.equal(opening.kind, 'open')
    settings = opening.settings
  })
  afterEach(() => {
    settings[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })
  const password = (name: string): string | undefined => {
    const opened = settings.open(devicePassword(name))
    return opened.kind === 'open' ? opened.value : undefined
  }
  const lastAudit = (): readonly string[] => settings.audit(1)[0]?.what ?? []

  it('put a certificate in the place of a client secret, and erase both secrets', () => {
    const acs = (credential: string): string => `schema = 1
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "https://contoso.communication.azure.com"
sender = "noreply@contoso.com"
quota = { per_minute = 7 }
[upstream.credential]
kind = "client-secret"
tenant_id = "t"
client_id = "c"
object_id = "o"
${credential}`
    settings.apply(acs('secret = "one"\nnext_secret = "two"\nexpires = "2027-05-01"'), who)
    const checked = replaceSecret(settings, 'acs', { ...who, check: true })
    assert.equal(checked.kind, 'done')
    assert.equal(settings.setup.upstreams[0]?.credential.kind, 'client-secret')
    assert.equal(replaceSecret(settings, 'acs', who).kind, 'done')
    assert.deepEqual(settings.setup.upstreams[0]?.credential, {
      kind: 'client-certificate',
      tenantId: 't',
      clientId: 'c',
      objectId: 'o',
      certificateFile: '',
      expires: '',
    })
    assert.equal(settings.setup.upstreams[0]?.quota.perMinute, 7)
    for (const key of ['secret', 'next_secret'])
      assert.equal(settings.open(upstreamSecret('acs', key)).kind, 'absent')
    assert.match(lastAudit().join(), /upstream "acs"/)
    assert.equal(replaceSecret(settings, 'acs', who).kind, 'unknown')
    assert.equal(replaceSecret(settings, 'none', who).kind, 'unknown')
  })

  it('mint an account for a new device and leave the others as they are', () => {
    const example = password('Example printer')
    const added = addDevice(settings, { name: 'Scanner', addresses: ['192.168.7.20'] }, who)
    assert.equal(added.kind, 'done')
    assert.match(added.account.password ?? '', /^\d{8}$/)
    assert.equal(password('Scanner'), added.account.password)
    assert.equal(findDevice(settings.document, 'SCANNER')?.username, added.account.username)
    assert.equal(password('Example printer'), example)
    assert.deepEqual(lastAudit(), ['device "Scanner": added'])
  })

  it('take a user name and password that were given', () => {
    const added = addDevice(settings, { name: 'Scanner', username: 'scan1', password: 'given one' }, who)
    assert.equal(added.kind, 'done')
    assert.deepEqual(added.account, { username: 'scan1', password: 'given one' })
    assert.equal(password('Scanner'), 'given one')
  })

  it('mint nothing for a device that is known by its address alone', () => {
    const added = addDevice(
      settings,
      { name: 'Old', addresses: ['10.0.0.9'] },
      { ...who, isPasswordless: true },
    )
    assert.equal(added.kind, 'done')
    assert.deepEqual(added.account, { username: undefined, password: undefined })
    const refused = addDevice(settings, { name: 'Older' }, { ...who, isPasswordless: true })
    assert.deepEqual(refused.kind === 'problems' ? refused.problems.map(problemText) : refused.kind, [
      'device 3 "Older": needs a password or addresses; without both anyone could send in its name',
    ])
  })

  it('are checked like a document', () => {
    const added = addDevice(settings, { name: 'Scanner', sender: 'nobody' }, who)
    assert.deepEqual(added.kind === 'problems' ? added.problems.map(problemText) : added.kind, [
      'device 2 "Scanner": sender: "nobody" is no mail address',
    ])
    assert.equal(settings.document.device.length, 1)
  })

  it('give a device a new password under its old login', () => {
    const before = password('Example printer')
    const username = settings.document.device[0]?.username
    const rotated = rotateDevice(settings, 'example printer', { ...who, isStrong: true })
    assert.equal(rotated.kind, 'done')
    assert.match(rotated.account.password ?? '', /^[a-hjkmnp-z2-9]{16}$/)
    assert.deepEqual(
      [rotated.account.username, password('Example printer')],
      [username, rotated.account.password],
    )
    assert.notEqual(rotated.account.password, before)
    assert.deepEqual(lastAudit(), ['device "Example printer": password changed'])
  })

  it('give a device that had none an account', () => {
    addDevice(settings, { name: 'Old', addresses: ['10.0.0.9'] }, { ...who, isPasswordless: true })
    const rotated = rotateDevice(settings, 'Old', who)
    assert.equal(rotated.kind, 'done')
    assert.equal(findDevice(settings.document, rotated.account.username ?? '')?.name, 'Old')
    assert.equal(password('Old'), rotated.account.password)
  })

  it('remove a device by name or login', () => {
    const username = settings.document.device[0]?.username ?? ''
    assert.equal(removeDevice(settings, username, who).kind, 'done')
    assert.deepEqual([settings.document.device, password('Example printer')], [[], undefined])
    assert.deepEqual(removeDevice(settings, username, who), { kind: 'unknown' })
    assert.deepEqual(rotateDevice(settings, username, who), { kind: 'unknown' })
  })

  it('add, change and remove an alias', () => {
    addAlias(settings, 'anna', ['anna@contoso.com'], who)
    addAlias(settings, 'Anna', ['a.meier@contoso.com'], who)
    assert.deepEqual(settings.setup.aliases, [{ name: 'Anna', to: ['a.meier@contoso.com'] }])
    assert.equal(removeAlias(settings, 'anna', who).kind, 'done')
    assert.deepEqual(removeAlias(settings, 'anna', who), { kind: 'unknown' })
    const refused = addAlias(settings, 'anna', ['nobody'], who)
    assert.equal(refused.kind, 'problems')
  })

  it('take a table out, as if it had never been written', () => {
    const before = settings.document
    assert.equal(edit(settings, who, { network: { method: 'dhcp' } }).kind, 'done')
    assert.equal(settings.document.network?.method, 'dhcp')
    assert.equal(edit(settings, who, { network: undefined }).kind, 'done')
    assert.deepEqual(settings.document, before)
  })
})
