import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { wallMs } from '../core/time.ts'
import { openSettings } from './open-settings.ts'
import type { Operators } from './operators.ts'
import { hashPassword, verifyPassword } from './password-hash.ts'
import type { Settings } from './settings.ts'

describe('operators', () => {
  let folder = ''
  let settings: Settings
  let operators: Operators
  const open = async (): Promise<void> => {
    const opening = await openSettings(folder, { profile: 'checkout', now: () => wallMs(1e12) })
    assert.equal(opening.kind, 'open')
    settings = opening.settings
    operators = opening.operators
  }
  const reopen = (): Promise<void> => {
    settings[Symbol.dispose]()
    return open()
  }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'operators-'))
    return open()
  })
  afterEach(() => {
    settings[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })
  const names = (): readonly string[] => operators.list().map(({ name, origin }) => `${name} (${origin})`)
  const inDocument = (name: string, hash: string): string =>
    `[[operator]]\nname = "${name}"\nrole = "viewer"\npassword_hash = "${hash}"\n`

  it('sign in with the password they were made with, whatever the case of the name', async () => {
    assert.deepEqual(await operators.add('Anna', 'technician', 'correct horse', 'test'), { kind: 'done' })
    await reopen()
    assert.deepEqual(await operators.verify('anna', 'correct horse'), {
      kind: 'verified',
      name: 'Anna',
      role: 'technician',
      mark: operators.standing('Anna')?.mark,
    })
    assert.deepEqual(await operators.verify('Anna', 'wrong'), { kind: 'wrong' })
    assert.deepEqual(await operators.verify('nobody', 'correct horse'), { kind: 'wrong' })
  })

  it('stand in the setup value, and their changes in the audit without the password', async () => {
    const told: number[] = []
    settings.onChange((setup) => told.push(setup.operators.length))
    await operators.add('anna', 'administrator', 'correct horse', 'test')
    await operators.setPassword('anna', 'another horse', 'test')
    assert.equal((await operators.verify('anna', 'correct horse')).kind, 'wrong')
    assert.equal((await operators.verify('anna', 'another horse')).kind, 'verified')
    operators.remove('anna', 'test')
    assert.deepEqual(told, [1, 1, 0])
    assert.deepEqual(
      settings.audit(9).flatMap(({ what }) => what),
      [
        'operator "anna": removed',
        'operator "anna": password changed',
        'operator "anna": added as administrator',
      ],
    )
  })

  it('get no password in the place of one that nobody proved', async () => {
    await operators.add('chief', 'administrator', 'correct horse', 'test')
    await operators.add('anna', 'administrator', 'correct horse', 'test')
    const [mark, hash] = [operators.standing('anna')?.mark, await hashPassword('another horse')]
    const late = operators.setPassword('anna', 'one of the thief', 'test', mark)
    // While that one is hashed.
    settings.apply(inDocument('anna', hash), { who: 'test' })
    assert.deepEqual(await late, { kind: 'outdated' })
    assert.equal((await operators.verify('anna', 'another horse')).kind, 'verified')
    const present = operators.standing('anna')?.mark
    assert.deepEqual(await operators.setPassword('anna', 'a third horse', 'test', present), { kind: 'done' })
  })

  it('are refused with a short password, twice, and when they do not exist', async () => {
    assert.deepEqual(await operators.add('anna', 'viewer', 'short', 'test'), {
      kind: 'refused',
      sentence: 'the password needs at least 10 characters',
    })
    assert.deepEqual(await operators.add(' anna', 'viewer', 'long enough', 'test'), {
      kind: 'refused',
      sentence: 'the name needs 1 to 64 characters without blanks around them',
    })
    await operators.add('anna', 'viewer', 'long enough', 'test')
    assert.deepEqual(await operators.add('ANNA', 'viewer', 'long enough', 'test'), { kind: 'exists' })
    assert.deepEqual(await operators.setPassword('bob', 'long enough', 'test'), { kind: 'unknown' })
    assert.deepEqual(operators.remove('bob', 'test'), { kind: 'unknown' })
  })

  it('made in the console survive a document, those of an earlier document do not', async () => {
    await operators.add('anna', 'administrator', 'correct horse', 'test')
    const hash = await hashPassword('of the document')
    settings.apply(inDocument('bob', hash) + inDocument('carl', hash), { who: 'test' })
    assert.deepEqual(names(), ['anna (console)', 'bob (document)', 'carl (document)'])
    settings.apply(inDocument('bob', '(kept)'), { who: 'test' })
    assert.deepEqual(names(), ['anna (console)', 'bob (document)'])
    assert.equal((await operators.verify('bob', 'of the document')).kind, 'verified')
    operators.remove('bob', 'test')
    assert.deepEqual(names(), ['anna (console)'])
    assert.doesNotMatch(settings.export(), /operator/)
  })

  it('keep an administrator as long as anybody is one of them, whoever writes them', async () => {
    await operators.add('Anna', 'administrator', 'correct horse', 'test')
    const demoted = inDocument('Anna', await hashPassword('of the document'))
    for (const keepsAdministrator of [true, false]) {
      const refused = settings.apply(demoted, { who: 'test', keepsAdministrator })
      assert.ok(refused.kind === 'problems')
      assert.match(refused.problems.map(({ sentence }) => sentence).join(), /no administrator would be left/)
    }
    await operators.add('bob', 'technician', 'correct horse', 'test')
    for (const keepsAdministrator of [true, false]) {
      const kept = operators.remove('anna', 'test', { keepsAdministrator })
      assert.deepEqual(kept, {
        kind: 'last',
        sentence: 'Anna can not go: no administrator would be left: make another one first',
      })
    }
    await operators.add('carl', 'administrator', 'correct horse', 'test')
    assert.equal(operators.remove('anna', 'test', { keepsAdministrator: true }).kind, 'done')
  })

  it('may all go at the box, which its claim code opens again', async () => {
    const document = inDocument('bob', await hashPassword('of the document')).replace(
      'viewer',
      'administrator',
    )
    const hasGone = () => names().length === 0 && operators.claim().kind === 'open'
    await operators.add('anna', 'administrator', 'correct horse', 'test')
    assert.equal(operators.remove('anna', 'test', { keepsAdministrator: true }).kind, 'last')
    assert.equal(operators.remove('anna', 'test').kind, 'done')
    assert.ok(hasGone())
    assert.equal(settings.apply(document, { who: 'test' }).kind, 'applied')
    assert.equal(settings.apply('schema = 1', { who: 'test', keepsAdministrator: true }).kind, 'problems')
    assert.equal(settings.apply('schema = 1', { who: 'test' }).kind, 'applied')
    assert.ok(hasGone())
  })

  it('stay as they are where a document may not touch them, which it may repeat', async () => {
    const hash = await hashPassword('of the document')
    const there = inDocument('bob', hash)
    await operators.add('anna', 'administrator', 'correct horse', 'test')
    settings.apply(there, { who: 'test' })
    const before = [operators.list(), operators.standing('bob'), operators.standing('anna')]
    const kept = { who: 'test', keepsOperators: true }
    const another = await hashPassword('another horse')
    for (const [name, document] of [
      ['carl', there + inDocument('carl', hash)],
      ['anna', there + inDocument('anna', another)],
      ['anna', there + inDocument('anna', '(kept)').replace('viewer', 'administrator')],
      ['bob', inDocument('bob', another)],
      ['bob', there.replace('viewer', 'administrator')],
      ['bob', '[gateway]\nname = "branch-08"\n'],
    ] as const) {
      const refused = settings.apply(document, kept)
      assert.ok(refused.kind === 'problems', document)
      assert.deepEqual(
        refused.problems.map(({ place }) => place),
        [`operator "${name}"`],
      )
    }
    assert.deepEqual([operators.list(), operators.standing('bob'), operators.standing('anna')], before)
    const repeated = settings.apply(`${settings.export()}\n[limits]\nrecipients = 7\n`, kept)
    assert.equal(repeated.kind, 'applied')
    assert.equal(settings.setup.limits.recipients, 7)
  })

  it('are shown without their hash, and a hash that nobody keeps is refused', async () => {
    settings.apply(inDocument('bob', await hashPassword('of the document')), { who: 'test' })
    assert.match(settings.export(), /password_hash = "\(kept\)"/)
    const application = settings.apply(inDocument('carl', '(kept)'), { who: 'test' })
    assert.equal(application.kind, 'problems')
    assert.deepEqual(application.problems, [
      {
        severity: 'error',
        place: 'operator 1 "carl": password_hash',
        sentence: 'nothing is kept for this operator; write the hash itself',
      },
    ])
  })

  it('sign in while the vault key is lost', async () => {
    await operators.add('anna', 'administrator', 'correct horse', 'test')
    rmSync(join(folder, 'vault.key'))
    await reopen()
    assert.equal((await operators.verify('anna', 'correct horse')).kind, 'verified')
  })

  describe('claim code', () => {
    it('is made once, of letters and digits that nobody confuses', async () => {
      const claim = operators.claim()
      assert.equal(claim.kind, 'open')
      assert.match(claim.code, /^[A-HJKMNP-Z2-9]{8}$/)
      await reopen()
      assert.deepEqual(operators.claim(), claim)
      assert.ok(operators.isClaimCode(` ${claim.code.toLowerCase().slice(0, 4)}-${claim.code.slice(4)}`))
      assert.ok(!operators.isClaimCode('AAAAAAAA') && !operators.isClaimCode(''))
    })

    it('is spent by the first operator, and another one when there is none again', async () => {
      const first = operators.claim()
      await operators.add('anna', 'administrator', 'correct horse', 'test')
      assert.deepEqual(operators.claim(), { kind: 'claimed' })
      assert.ok(!operators.isClaimCode(first.kind === 'open' ? first.code : ''))
      operators.remove('anna', 'test')
      const second = operators.claim()
      assert.equal(second.kind, 'open')
      assert.notDeepEqual(second, first)
    })

    it('is not to be had while the vault is locked', async () => {
      rmSync(join(folder, 'vault.key'))
      await reopen()
      assert.deepEqual(operators.claim(), { kind: 'locked' })
    })
  })
})

describe('password hash', () => {
  it('takes the parameters of the hash, not our own', async () => {
    // RFC 7914 section 12, second vector: P = "password", S = "NaCl", N = 1024, r = 8, p = 16.
    const salt = Buffer.from('NaCl').toString('base64url')
    const hash = Buffer.from(
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
      'hex',
    ).toString('base64url')
    assert.equal(await verifyPassword('password', `scrypt$1024$8$16$${salt}$${hash}`), true)
    assert.equal(await verifyPassword('Password', `scrypt$1024$8$16$${salt}$${hash}`), false)
  })

  it('is no password for what is no hash', async () => {
    for (const hash of ['', 'scrypt$', 'bcrypt$1$1$1$a$b', '(kept)'])
      assert.equal(await verifyPassword('', hash), false)
  })
})
