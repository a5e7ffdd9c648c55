import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { day, hour, minute, second, wallMs } from '../core/time.ts'
import type { ApiTokens } from './api-tokens.ts'
import { base32, codeOf, otpauthUri, stepAt } from './one-time-code.ts'
import { openSettings, type SettingsOpening } from './open-settings.ts'
import type { Operators } from './operators.ts'
import type { SecondFactors } from './second-factors.ts'
import type { Settings } from './settings.ts'

describe('one-time codes', () => {
  it('are those of RFC 6238, appendix B, with SHA-1', () => {
    const secret = Buffer.from('12345678901234567890')
    for (const [seconds, code] of [
      [59, '94287082'],
      [1_111_111_109, '07081804'],
      [1_111_111_111, '14050471'],
      [1_234_567_890, '89005924'],
      [2_000_000_000, '69279037'],
      [20_000_000_000, '65353130'],
    ] as const)
      assert.equal(codeOf(secret, stepAt(seconds * 1000), 8), code, String(seconds))
  })

  it('are those of RFC 4226, appendix D', () => {
    const secret = Buffer.from('12345678901234567890')
    const codes = Array.from({ length: 10 }, (_, step) => codeOf(secret, step))
    assert.deepEqual(codes, [
      '755224',
      '287082',
      '359152',
      '969429',
      '338314',
      '254676',
      '287922',
      '162583',
      '399871',
      '520489',
    ])
  })

  it('have secrets in the base32 of RFC 4648, section 10, without padding', () => {
    const vectors = {
      '': '',
      f: 'MY',
      fo: 'MZXQ',
      foo: 'MZXW6',
      foob: 'MZXW6YQ',
      fooba: 'MZXW6YTB',
      foobar: 'MZXW6YTBOI',
    }
    for (const [text, written] of Object.entries(vectors)) assert.equal(base32(Buffer.from(text)), written)
  })

  it('are told to an app by box and operator', () => {
    const uri = new URL(otpauthUri('branch 07', 'anna & co', Buffer.from('foobar')))
    assert.equal(uri.host, 'totp')
    assert.equal(decodeURIComponent(uri.pathname), '/branch 07:anna & co')
    assert.equal(uri.searchParams.get('secret'), 'MZXW6YTBOI')
    assert.equal(uri.searchParams.get('issuer'), 'branch 07')
  })
})

const start = Date.UTC(2026, 10, 29, 12)
let folder: string
let now: number
let isBelievable: boolean
let opened: Extract<SettingsOpening, { kind: 'open' }>
let settings: Settings
let operators: Operators
let factors: SecondFactors
let tokens: ApiTokens

async function reopen(): Promise<void> {
  const opening = await openSettings(folder, {
    profile: 'checkout',
    now: () => wallMs(now),
    isClockBelievable: () => isBelievable,
  })
  assert.equal(opening.kind, 'open')
  opened = opening
  settings = opening.settings
  operators = opening.operators
  factors = opening.secondFactors
  tokens = opening.tokens
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-access-'))
  now = start
  isBelievable = true
  await reopen()
  await operators.add('Anna', 'administrator', 'correct horse', 'test')
})
afterEach(() => {
  opened.settings[Symbol.dispose]()
  rmSync(folder, { recursive: true })
})

const audit = () => settings.audit(99).flatMap(({ what }) => what)

/** The secret that Anna's app holds, and her recovery codes. */
function enrol(): { readonly secret: Uint8Array; readonly codes: readonly string[] } {
  const draft = factors.draft('Anna')
  const confirmed = factors.confirm(draft, codeOf(draft.octets, stepAt(now)), 'test')
  assert.equal(confirmed.kind, 'confirmed')
  now += 30 * second
  return { secret: draft.octets, codes: confirmed.recoveryCodes }
}

const codeAt = (secret: Uint8Array, at: number): string => codeOf(secret, stepAt(at))
const kindOf = (code: string): string => factors.check('Anna', code, 'test').kind

describe('a second factor', () => {
  it('is in force when the app has shown a code, not before', () => {
    const draft = factors.draft('Anna')
    assert.equal(factors.isOn('Anna'), false)
    assert.equal(factors.confirm(draft, '000000', 'test').kind, 'refused')
    assert.equal(factors.isOn('Anna'), false)
    const confirmed = factors.confirm(draft, codeAt(draft.octets, now), 'test')
    assert.ok(confirmed.kind === 'confirmed' && factors.isOn('Anna'))
    assert.equal(confirmed.recoveryCodes.length, 8)
    assert.equal(new Set(confirmed.recoveryCodes).size, 8)
    for (const code of confirmed.recoveryCodes)
      assert.match(code, /^([a-hjkmnp-z2-9]{4} ){2}[a-hjkmnp-z2-9]{4}$/)
  })

  it('has a mark that goes and comes with its secret, and stays while codes are taken', () => {
    assert.equal(factors.markOf('Anna'), undefined)
    const { secret, codes } = enrol()
    const first = factors.markOf('anna')
    assert.match(first ?? '', /^[\w-]{22}$/)
    assert.deepEqual([kindOf(codeAt(secret, now)), kindOf(codes[0] ?? '')], ['right', 'right'])
    assert.equal(factors.markOf('Anna'), first)
    factors.remove('Anna', 'test')
    assert.equal(factors.markOf('Anna'), undefined)
    enrol()
    assert.notEqual(factors.markOf('Anna'), first)
  })

  it('takes the codes of now and of one step before and after, typed in groups, too', () => {
    const { secret } = enrol()
    now += hour
    assert.equal(kindOf(codeAt(secret, now - 60 * second)), 'wrong')
    assert.equal(kindOf(codeAt(secret, now + 60 * second)), 'wrong')
    assert.equal(kindOf(codeAt(secret, now - 30 * second)), 'right')
    assert.equal(kindOf(codeAt(secret, now).replace(/^(...)/, '$1 ')), 'right')
    assert.equal(kindOf(codeAt(secret, now + 30 * second)), 'right')
  })

  it('takes no code twice, none before one that was taken, and not the one of the enrolment', async () => {
    const draft = factors.draft('Anna')
    const first = codeAt(draft.octets, now)
    assert.equal(factors.confirm(draft, first, 'test').kind, 'confirmed')
    assert.equal(kindOf(first), 'wrong')
    now += minute
    const [old, code] = [codeAt(draft.octets, now - 30 * second), codeAt(draft.octets, now)]
    assert.equal(kindOf(code), 'right')
    assert.equal(kindOf(code), 'wrong')
    assert.equal(kindOf(old), 'wrong')
    opened.settings[Symbol.dispose]()
    await reopen()
    assert.equal(kindOf(code), 'wrong', 'after a restart')
  })

  it('takes a recovery code once, however it is typed, and notes it', () => {
    const { codes } = enrol()
    const [one = '', other = ''] = codes
    assert.equal(kindOf(one.toUpperCase().replaceAll(' ', '-')), 'right')
    assert.equal(kindOf(one), 'wrong')
    assert.equal(kindOf(other.replaceAll(' ', '')), 'right')
    assert.equal(factors.recoveryCodesLeft('Anna'), 6)
    assert.deepEqual(audit().slice(0, 2), [
      'operator "Anna": recovery code used, 6 left',
      'operator "Anna": recovery code used, 7 left',
    ])
    for (const wrong of ['', ' ', 'aaaa aaaa aaaa', '12345', '1234567']) assert.equal(kindOf(wrong), 'wrong')
  })

  it('is of one operator alone', async () => {
    const { secret, codes } = enrol()
    await operators.add('bob', 'viewer', 'another horse', 'test')
    const bob = factors.draft('bob')
    factors.confirm(bob, codeAt(bob.octets, now), 'test')
    assert.equal(factors.check('bob', codeAt(secret, now), 'test').kind, 'wrong')
    assert.equal(factors.check('bob', codes[0] ?? '', 'test').kind, 'wrong')
    assert.equal(factors.check('nobody', codeAt(secret, now), 'test').kind, 'wrong')
  })

  it('is asked for on a box without the time: a recovery code signs in then, no code of the app', () => {
    const { secret, codes } = enrol()
    isBelievable = false
    const check = factors.check('Anna', codeAt(secret, now), 'test')
    assert.equal(check.kind, 'blind')
    assert.match(check.kind === 'blind' ? check.sentence : '', /does not know the time yet.*recovery code/)
    assert.equal(kindOf(codes[0] ?? ''), 'right')
    assert.equal(factors.confirm(factors.draft('Anna'), '000000', 'test').kind, 'refused')
  })

  it('is asked for with a lost vault key: a recovery code signs in then', async () => {
    const { secret, codes } = enrol()
    opened.settings[Symbol.dispose]()
    rmSync(join(folder, 'vault.key'))
    await reopen()
    const check = factors.check('Anna', codeAt(secret, now), 'test')
    assert.match(check.kind === 'blind' ? check.sentence : '', /vault is locked/)
    assert.equal(kindOf(codes[0] ?? ''), 'right')
    const draft = factors.draft('Anna')
    assert.equal(factors.confirm(draft, codeAt(draft.octets, now), 'test').kind, 'refused')
  })

  it('is on the disk sealed, and its recovery codes by hash', () => {
    const { secret, codes } = enrol()
    const octets = ['settings.db', 'settings.db-wal']
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('')
    assert.ok(!octets.includes(Buffer.from(secret).toString('latin1')))
    assert.ok(!octets.includes(base32(secret)) && !octets.includes(Buffer.from(secret).toString('base64')))
    for (const code of codes) assert.ok(!octets.includes(code) && !octets.includes(code.replaceAll(' ', '')))
  })

  it('goes by the hand of an administrator, and with its operator', async () => {
    enrol()
    assert.equal(factors.remove('Anna', 'test'), true)
    assert.equal(factors.remove('Anna', 'test'), false)
    assert.equal(audit()[0], 'operator "Anna": second factor removed')
    enrol()
    operators.remove('anna', 'test')
    await operators.add('Anna', 'administrator', 'correct horse', 'test')
    assert.equal(factors.isOn('Anna'), false, 'another person of the same name')
  })
})

describe('a token for scripts', () => {
  const made = (wish: Partial<Parameters<ApiTokens['add']>[0]> = {}) => {
    const done = tokens.add(
      { name: 'monitoring', role: 'viewer', days: undefined, maker: 'anna', ...wish },
      'test',
    )
    assert.equal(done.kind, 'made')
    return done
  }

  it('is known by its hash, for a year, and noted when it is used', () => {
    const { token, id } = made()
    assert.match(token, /^inkpost_[\w-]{43}$/)
    const octets = readFileSync(join(folder, 'settings.db-wal'), 'latin1')
    assert.ok(!octets.includes(token))
    assert.deepEqual(tokens.check(token), { kind: 'known', name: 'monitoring', role: 'viewer' })
    const [view] = tokens.list()
    assert.deepEqual(view, {
      id,
      name: 'monitoring',
      role: 'viewer',
      maker: 'anna',
      madeAt: start,
      endsAt: start + 365 * day,
      usedAt: start,
    })
    now += 365 * day - 1
    assert.equal(tokens.check(token).kind, 'known')
    now += 1
    assert.match(JSON.stringify(tokens.check(token)), /past its end/)
    assert.match(JSON.stringify(tokens.check(`${token}x`)), /not one of this box/)
  })

  it('is noted once an hour', () => {
    const { token } = made()
    tokens.check(token)
    now += 59 * minute
    tokens.check(token)
    assert.equal(tokens.list()[0]?.usedAt, start)
    now += minute
    tokens.check(token)
    assert.equal(tokens.list()[0]?.usedAt, start + hour)
  })

  it('holds on no box that does not know the date', () => {
    const { token } = made()
    isBelievable = false
    assert.match(JSON.stringify(tokens.check(token)), /does not know the date yet/)
    assert.equal(tokens.add({ name: 'x', role: 'viewer', days: 1, maker: undefined }, 'test').kind, 'refused')
  })

  it('never may more than who made it, and ends with them', async () => {
    const { token } = made({ role: 'administrator' })
    const ofTheBox = made({ role: 'administrator', maker: undefined })
    settings.apply('schema = 1\n', { who: 'test' })
    await operators.add('bob', 'technician', 'another horse', 'test')
    const ofBob = made({ role: 'administrator', maker: 'bob' })
    assert.deepEqual(tokens.check(ofBob.token), { kind: 'known', name: 'monitoring', role: 'technician' })
    await operators.add('chief', 'administrator', 'correct horse', 'test')
    assert.deepEqual(operators.remove('Anna', 'test'), { kind: 'done' })
    await operators.add('Anna', 'administrator', 'correct horse', 'test')
    assert.equal(tokens.check(token).kind, 'refused')
    assert.equal(tokens.check(ofTheBox.token).kind, 'known')
  })

  it('is withdrawn, and both are in the audit without it', () => {
    const { token, id } = made({ days: 30 })
    assert.equal(tokens.remove(id, 'test'), true)
    assert.equal(tokens.remove(id, 'test'), false)
    assert.equal(tokens.check(token).kind, 'refused')
    assert.deepEqual(audit().slice(0, 2), [
      'token "monitoring": removed',
      'token "monitoring": made as viewer, for 30 days',
    ])
  })

  it('is refused without a name, a role, or an end', () => {
    for (const [wish, says] of [
      [{ name: '' }, /1 to 64 characters/],
      [{ name: 'a\nb' }, /1 to 64 characters/],
      [{ role: 'box' }, /administrator, technician or viewer/],
      [{ days: 0 }, /1 to 3650 days/],
      [{ days: 1.5 }, /1 to 3650 days/],
      [{ days: 4000 }, /1 to 3650 days/],
    ] as const) {
      const done = tokens.add({ name: 'x', role: 'viewer', days: 1, maker: undefined, ...wish }, 'test')
      assert.match(done.kind === 'refused' ? done.sentence : 'made', says)
    }
  })
})

describe('a claim', () => {
  it('makes one first operator, however many come at the same time', async () => {
    operators.remove('Anna', 'test')
    const claim = operators.claim()
    const code = claim.kind === 'open' ? claim.code : ''
    const names = ['one', 'two', 'three']
    const done = await Promise.all(
      names.map((name) => operators.claimBy(code, name, 'a long password', 'test')),
    )
    assert.deepEqual(done.map(({ kind }) => kind).sort(), ['done', 'refused', 'refused'])
    assert.equal(operators.list().length, 1)
  })

  it('with another code is told apart, and with a locked vault says what helps', async () => {
    operators.remove('Anna', 'test')
    assert.deepEqual(await operators.claimBy('WRONG', 'eve', 'a long password', 'test'), {
      kind: 'wrong-code',
    })
    opened.settings[Symbol.dispose]()
    rmSync(join(folder, 'vault.key'))
    await reopen()
    const done = await operators.claimBy('WRONG', 'eve', 'a long password', 'test')
    assert.match(done.kind === 'refused' ? done.sentence : '', /inkpost operator add/)
  })
})
