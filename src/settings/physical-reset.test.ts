import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { messageIdOf } from '../core/message-id.ts'
import { wallMs } from '../core/time.ts'
import { openSettings, type SettingsOpening } from './open-settings.ts'
import { hashPassword } from './password-hash.ts'

type Opened = Extract<SettingsOpening, { kind: 'open' }>

const wish = { who: 'a test', how: 'a test', firstNumber: 40 }
const scanner = (more = '') => `schema = 1
[[device]]
name = "Scanner"
username = "scan"
password = "first password"
${more}`

describe('a reset', () => {
  let folder: string
  let opened: Opened
  const open = async (): Promise<Opened> => {
    const opening = await openSettings(folder, { profile: 'checkout', now: () => wallMs(1_000_000) })
    assert.equal(opening.kind, 'open')
    return opening
  }
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'inkpost-reset-'))
    opened = await open()
  })
  afterEach(() => {
    opened.settings[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })
  const apply = (text: string) => assert.equal(opened.settings.apply(text, { who: 'anna' }).kind, 'applied')
  const reset = () => {
    const answer = opened.physicalReset.reset(wish)
    assert.equal(answer.kind, 'reset', JSON.stringify(answer))
  }
  const rename = (name: string) => {
    const { document } = opened.settings
    const device = document.device.map((row) => ({ ...row, name }))
    assert.equal(opened.settings.replace({ ...document, device }, { who: 'anna' }).kind, 'applied')
  }

  it('ends operators, those of the document too, tokens, sessions, and an old claim code', async () => {
    const before = opened.operators.claim()
    const hash = await hashPassword('a good password')
    apply(scanner(`[[operator]]\nname = "anna"\nrole = "administrator"\npassword_hash = "${hash}"`))
    assert.equal((await opened.operators.add('bert', 'viewer', 'a good password', 'anna')).kind, 'done')
    opened.tokens.add({ name: 'script', role: 'viewer', days: 3, maker: undefined }, 'anna')
    opened.sessions.saveSession({
      hash: 'h',
      operator: 'anna',
      mark: '',
      pass: undefined,
      leftMs: 1,
      startedAt: wallMs(0),
      from: '',
    })
    reset()
    assert.deepEqual(opened.operators.list(), [])
    assert.deepEqual(opened.tokens.list(), [])
    assert.deepEqual(opened.sessions.sessions(), [])
    assert.doesNotMatch(opened.settings.export(), /operator/)
    const claim = opened.operators.claim()
    assert.ok(claim.kind === 'open' && before.kind === 'open' && claim.code !== before.code)
    assert.equal((await opened.operators.verify('anna', 'a good password')).kind, 'wrong')
    opened.settings[Symbol.dispose]()
    opened = await open()
    assert.equal((await opened.operators.verify('anna', 'a good password')).kind, 'wrong')
    assert.deepEqual(opened.operators.claim(), claim)
  })

  it('is in the audit as what weakens the box, and leaves settings and secrets', () => {
    apply(scanner())
    reset()
    const [entry] = opened.settings.audit(1)
    assert.match(entry?.what.join() ?? '', /^reset by a test: operators/)
    assert.equal(entry?.weakens, true)
    const [device] = opened.settings.setup.devices
    assert.deepEqual(device?.password && opened.settings.open(device.password), {
      kind: 'open',
      value: 'first password',
    })
  })

  it('is refused where the settings say so, and with a locked vault: nothing changes', async () => {
    apply(scanner('[console]\nphysical_reset = false'))
    await opened.operators.add('bert', 'viewer', 'a good password', 'anna')
    assert.deepEqual(opened.physicalReset.reset(wish), {
      kind: 'refused',
      sentence: 'physical_reset is off in the settings',
    })
    apply(scanner())
    opened.settings[Symbol.dispose]()
    rmSync(join(folder, 'vault.key'))
    opened = await open()
    const answer = opened.physicalReset.reset(wish)
    assert.match(answer.kind === 'refused' ? answer.sentence : '', /^the vault is locked/)
    assert.equal(opened.operators.list().length, 1)
    assert.equal(opened.physicalReset.last(), undefined)
  })

  it('gives a box that nobody claimed another code too', () => {
    const before = opened.operators.claim()
    reset()
    assert.equal(before.kind, 'open')
    assert.notDeepEqual(opened.operators.claim(), before)
  })

  it('that ends in the middle was none', async () => {
    await opened.operators.add('bert', 'viewer', 'a good password', 'anna')
    const entries = opened.settings.audit(9).length
    const broken = () => {
      throw new Error('the disk is gone')
    }
    assert.throws(() => opened.settings.endOperators('a test', 'reset', broken), /the disk is gone/)
    assert.equal(opened.operators.list().length, 1)
    assert.equal(opened.settings.audit(9).length, entries)
  })

  it('knows mail from before by its number, however it is typed', () => {
    assert.equal(opened.physicalReset.isOldMail('1'), false)
    reset()
    const { physicalReset } = opened
    assert.deepEqual(
      [messageIdOf(39), `${messageIdOf(39)}/2`, messageIdOf(39).toLowerCase(), messageIdOf(40)].map((id) =>
        physicalReset.isOldMail(id),
      ),
      [true, true, true, false],
    )
  })

  it('knows passwords from before by their value: after a new name and a new start too', async () => {
    apply(scanner())
    assert.equal(opened.physicalReset.isOldPassword('first password'), false)
    reset()
    rename('Copier')
    assert.equal(opened.physicalReset.isOldPassword('first password'), true)
    assert.equal(opened.physicalReset.isOldPassword('another password'), false)
    opened.settings[Symbol.dispose]()
    opened = await open()
    assert.equal(opened.physicalReset.isOldPassword('first password'), true)
    assert.equal(opened.physicalReset.isOldPassword('another password'), false)
  })
})
