// Who comes in, and how: a whole gateway, real passwords, real sockets; only the clock is moved.
import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { describe, it } from 'node:test'
import type { OperatorView, TokenView } from '../../src/core/access-operations.ts'
import type { DayPassView } from '../../src/core/console-session.ts'
import { day, hour, minute, second, wallMs } from '../../src/core/time.ts'
import { codeOf, stepAt } from '../../src/settings/one-time-code.ts'
import { hashPassword } from '../../src/settings/password-hash.ts'
import { JumpingClock } from '../clock.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, until } from '../gateway-process.ts'
import { Visitor } from './visitor.ts'

const start = wallMs(Date.UTC(2026, 10, 29, 12))
const password = 'a long enough one'

interface Box extends AsyncDisposable {
  readonly gateway: GatewayInProcess
  readonly clock: JumpingClock
  readonly visitor: (from?: string) => Visitor
}

/** A claimed box; anna is its administrator. */
async function claimedBox(setup = ''): Promise<Box> {
  const folder = temporaryFolder()
  const clock = new JumpingClock(start)
  const document = plainBox().replace('[console]\n', `[console]\n${setup}\n`)
  const gateway = await GatewayInProcess.start(folder.path, document, { clock })
  await gateway.operations.addOperator('anna', 'administrator', password, 'test')
  return {
    gateway,
    clock,
    visitor: (from) => new Visitor(gateway.console, from === undefined ? {} : { from }),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

const audit = async ({ gateway }: Box): Promise<readonly string[]> =>
  (await gateway.operations.audit(99)).map(({ who, what }) => `${who}: ${what}`)

/** As an authenticator app does it. */
function fromBase32(text: string): Uint8Array {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2))
}
const appCode = (secret: string, at: number): string => codeOf(fromBase32(secret), stepAt(at))

describe('signing in', { timeout: 180_000 }, () => {
  it('gives a new session each time and ends the one this browser had', async () => {
    await using box = await claimedBox()
    const anna = box.visitor()
    anna.cookie = 'inkpost=chosen-by-somebody-else'
    await anna.signIn('ANNA', password)
    const first = anna.cookie
    assert.match(first, /^inkpost=[\w-]{43}$/)
    await anna.signIn('anna', password)
    assert.notEqual(anna.cookie, first)
    const old = box.visitor()
    old.cookie = first
    assert.equal((await old.ask('GET', '/status')).status, 401)
    assert.equal((await anna.ask('GET', '/status')).status, 200)
    assert.ok((await audit(box)).includes('anna at the console, 127.0.0.1: signed in'))
  })

  it('sets a cookie that no script reads and no page elsewhere sends', async () => {
    await using box = await claimedBox()
    const { headers } = await box.visitor().signIn('anna', password)
    const [cookie] = headers['set-cookie'] ?? []
    assert.match(cookie ?? '', /^inkpost=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/)
  })

  it('ends everywhere with a new password, but where it was changed; at the box, everywhere', async () => {
    await using box = await claimedBox()
    const [here, there] = [box.visitor(), box.visitor('127.0.0.2')]
    await here.signIn('anna', password)
    await there.signIn('anna', password)
    const wrong = await here.ask('PUT', '/session/password', {
      old: 'not this one',
      password: 'another long one',
    })
    assert.equal(wrong.status, 403)
    const short = await here.ask('PUT', '/session/password', { old: password, password: 'short' })
    assert.equal(short.status, 422)
    assert.equal((await there.ask('GET', '/status')).status, 200)
    const before = here.cookie
    const right = await here.ask('PUT', '/session/password', { old: password, password: 'another long one' })
    assert.equal(right.value.kind, 'signed-in')
    assert.notEqual(here.cookie, before)
    assert.equal((await here.ask('GET', '/status')).status, 200)
    assert.equal((await there.ask('GET', '/status')).status, 401)
    await box.gateway.operations.setOperatorPassword('anna', 'yet another one', 'command line')
    assert.equal((await here.ask('GET', '/status')).status, 401)
  })

  it('ends at once with the operator, and with a role the rights of it', async () => {
    await using box = await claimedBox()
    await box.gateway.operations.addOperator('bob', 'administrator', password, 'test')
    const bob = box.visitor()
    await bob.signIn('bob', password)
    assert.equal((await bob.ask('GET', '/operators')).status, 200)
    await box.gateway.operations.removeOperator('bob', 'test')
    await box.gateway.operations.addOperator('bob', 'administrator', password, 'test')
    assert.equal((await bob.ask('GET', '/operators')).status, 401)
  })
})

describe('ten thousand guesses', { timeout: 240_000 }, () => {
  it('are answered at once with 429 after the first twenty, and keep nobody else out', async () => {
    await using box = await claimedBox()
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    const thief = new Visitor(box.gateway.console, { from: '127.0.0.66', options: { agent } })
    const counts = new Map<number, number>()
    const retryAfter = new Set<string | undefined>()
    let left = 10_000
    let annas = 0
    const guessing = Array.from({ length: 8 }, async () => {
      while (left-- > 0) {
        const { status, headers } = await thief.signIn('anna', `guess ${left}`)
        counts.set(status, (counts.get(status) ?? 0) + 1)
        if (status === 429) retryAfter.add(headers['retry-after'])
      }
    })
    // Each time from where nobody ever signed in.
    while (left > 0 && annas < 6) {
      const signedIn = await box.visitor(`127.0.1.${annas}`).signIn('anna', password)
      assert.equal(signedIn.value.kind, 'signed-in')
      annas++
    }
    await Promise.all(guessing)
    agent.destroy()
    assert.ok(annas >= 4, `anna came in ${annas} times`)
    // Two wait for their turn while the twentieth is looked at.
    const heard = counts.get(403) ?? 0
    assert.ok(heard > 0 && heard <= 22, JSON.stringify([...counts]))
    assert.equal(heard + (counts.get(429) ?? 0), 10_000)
    assert.ok(retryAfter.has('4'))
    const late = await thief.signIn('anna', password)
    assert.equal(late.status, 429, 'not even the right one, from there')
    assert.match(late.value.error, /try again in 4 seconds/)
    await box.clock.jump(4 * second)
    assert.equal((await thief.signIn('anna', password)).value.kind, 'signed-in', 'nothing is locked')
  })

  it('from thirty addresses at once keep nobody out who comes from another one', async () => {
    await using box = await claimedBox()
    let isOver = false
    const failed = new Set<number>()
    const guessing = Array.from({ length: 30 }, async (_, index) => {
      const thief = box.visitor(`127.0.2.${index + 1}`)
      for (let count = 0; count < 10_000 && !isOver; count++)
        if ((await thief.signIn(`name ${index} ${count}`, 'a guess')).status === 403) failed.add(index)
    })
    try {
      await until('each was wrong once', () => failed.size === 30, 120_000)
      const { value } = await box.visitor('127.0.3.1').signIn('anna', password)
      assert.equal(value.kind, 'signed-in', value.error)
    } finally {
      isOver = true
      await Promise.all(guessing)
    }
  })

  it('do not keep her waiting in a browser in which she signed in before, at their own address either', async () => {
    await using box = await claimedBox()
    const there = '127.0.0.66'
    const anna = box.visitor(there)
    await anna.signIn('anna', password)
    await anna.ask('DELETE', '/session')
    assert.equal((await anna.ask('GET', '/status')).status, 401, 'the mark alone lets nobody in')
    assert.notEqual(anna.mark, '')
    const thief = box.visitor(there)
    const statuses: number[] = []
    while (statuses.at(-1) !== 429) statuses.push((await thief.signIn('anna', 'a guess')).status)
    thief.mark = `${anna.mark.slice(0, -1)}${anna.mark.endsWith('A') ? 'B' : 'A'}`
    assert.equal((await thief.signIn('anna', password)).status, 429, 'a mark that was made up')
    thief.mark = anna.mark
    assert.equal((await thief.signIn('bob', password)).status, 429, 'her mark, for another name')
    assert.equal((await anna.signIn('anna', password)).value.kind, 'signed-in')

    const other = 'another long one'
    await box.gateway.operations.setOperatorPassword('anna', other, 'test')
    assert.equal((await anna.signIn('anna', other)).status, 429, 'a mark under the password before')
  })

  it('at the claim code are slowed in the same way', async () => {
    using folder = temporaryFolder()
    await using gateway = await GatewayInProcess.start(folder.path, plainBox(), {
      clock: new JumpingClock(start),
    })
    const thief = new Visitor(gateway.console, { from: '127.0.0.66' })
    const statuses: number[] = []
    for (let count = 0; count < 30; count++) {
      const claim = { code: `GUESS${count}`, name: 'thief', password }
      statuses.push((await thief.ask('POST', '/claim', claim)).status)
    }
    assert.deepEqual([...new Set(statuses.slice(0, 20))], [422])
    assert.deepEqual([...new Set(statuses.slice(20))], [429])
    const { code } = await gateway.operations.claim()
    const anna = new Visitor(gateway.console, { from: '127.0.0.9' })
    const claimed = await anna.ask('POST', '/claim', { code, name: 'anna', password })
    assert.equal(claimed.value.kind, 'signed-in')
  })
})

describe('a second factor', { timeout: 180_000 }, () => {
  it('is set up with the password and a code, asked for from then on, and goes with the password', async () => {
    await using box = await claimedBox()
    const anna = box.visitor()
    await anna.signIn('anna', password)
    assert.equal((await anna.ask('POST', '/session/second-factor', { password: 'no' })).status, 403)
    const { value: enrolment } = await anna.ask('POST', '/session/second-factor', { password })
    assert.match(enrolment.uri, /^otpauth:\/\/totp\/branch-07:anna\?secret=[A-Z2-7]{32}&/)
    assert.equal((await anna.ask('POST', '/session/second-factor/confirm', { code: '000000' })).status, 403)
    const confirm = { code: appCode(enrolment.secret, box.clock.wall()) }
    const { value: enrolled } = await anna.ask('POST', '/session/second-factor/confirm', confirm)
    assert.equal(enrolled.recoveryCodes.length, 8)
    assert.deepEqual((await anna.ask('GET', '/session/second-factor')).value, {
      isOn: true,
      isRequired: false,
      recoveryCodesLeft: 8,
    })

    await box.clock.jump(minute)
    const again = box.visitor()
    const half = await again.signIn('anna', password)
    assert.equal(half.value.kind, 'code-wanted')
    assert.equal(half.headers['set-cookie'], undefined, 'half way in is not in')
    const { ticket } = half.value
    assert.equal((await again.ask('POST', '/session/code', { ticket, code: '000000' })).status, 403)
    const code = appCode(enrolment.secret, box.clock.wall())
    assert.equal((await again.ask('POST', '/session/code', { ticket: 'x', code })).status, 403)
    assert.equal((await again.ask('POST', '/session/code', { ticket, code })).value.kind, 'signed-in')
    assert.equal((await again.ask('POST', '/session/code', { ticket, code })).status, 403, 'both are spent')

    const third = box.visitor()
    const lost = (await third.signIn('anna', password)).value
    const recovery = { ticket: lost.ticket, code: enrolled.recoveryCodes[0] }
    assert.equal((await third.ask('POST', '/session/code', recovery)).value.kind, 'signed-in')
    assert.equal((await third.ask('POST', '/session/second-factor/remove', { password })).status, 200)
    assert.equal((await box.visitor().signIn('anna', password)).value.kind, 'signed-in')
  })

  it('is a must where the setup says so: who has none sets one up before anything else', async () => {
    await using box = await claimedBox('second_factor = "administrators"')
    await box.gateway.operations.addOperator('bob', 'technician', password, 'test')
    assert.equal((await box.visitor().signIn('bob', password)).value.kind, 'signed-in')
    const anna = box.visitor()
    const { value: half } = await anna.signIn('anna', password)
    assert.equal(half.kind, 'enrolment-wanted')
    assert.equal(anna.cookie, '')
    const { ticket } = half
    assert.equal((await anna.ask('POST', '/session/code', { ticket, code: '000000' })).status, 403)
    const code = appCode(half.enrolment.secret, box.clock.wall())
    const { value: enrolled } = await anna.ask('POST', '/session/enrol', { ticket, code })
    assert.equal(enrolled.standing.kind, 'signed-in')
    assert.equal((await anna.ask<OperatorView[]>('GET', '/operators')).value[0]?.hasSecondFactor, true)
    const kept = await anna.ask('POST', '/session/second-factor/remove', { password })
    assert.equal(kept.status, 409)
    // A lost phone, at the box: a new one is asked for.
    await box.gateway.operations.removeSecondFactor('ANNA', 'command line')
    assert.equal((await box.visitor().signIn('anna', password)).value.kind, 'enrolment-wanted')
  })

  it('is set up under the present password only: who half came in with the old one is out', async () => {
    await using box = await claimedBox('second_factor = "administrators"')
    const thief = box.visitor('127.0.0.66')
    const { value: half } = await thief.signIn('anna', password)
    await box.gateway.operations.setOperatorPassword('anna', 'another long one', 'command line')
    const code = appCode(half.enrolment.secret, box.clock.wall())
    const refused = await thief.ask('POST', '/session/enrol', { ticket: half.ticket, code })
    assert.equal(refused.status, 403)
    assert.equal(thief.cookie, '')
    assert.equal((await box.gateway.operations.operators())[0]?.hasSecondFactor, false)
    const owner = await box.visitor().signIn('anna', 'another long one')
    assert.equal(owner.value.kind, 'enrolment-wanted')
  })

  it('stands still without the time: recovery codes sign in', async () => {
    await using box = await claimedBox()
    const anna = box.visitor()
    await anna.signIn('anna', password)
    const { secret } = (await anna.ask('POST', '/session/second-factor', { password })).value
    const code = appCode(secret, box.clock.wall())
    const { recoveryCodes } = (await anna.ask('POST', '/session/second-factor/confirm', { code })).value
    box.clock.believable = false
    const again = box.visitor()
    const { ticket, about } = (await again.signIn('anna', password)).value
    assert.equal(about.clock.isBelievable, false)
    const blind = await again.ask('POST', '/session/code', { ticket, code })
    assert.equal(blind.status, 409)
    assert.match(blind.value.error, /does not know the time yet/)
    const done = await again.ask('POST', '/session/code', { ticket, code: recoveryCodes[3] })
    assert.equal(done.value.kind, 'signed-in')
  })
})

describe('a day pass', { timeout: 180_000 }, () => {
  it('is made by an administrator and lets a technician in who has no account', async () => {
    await using box = await claimedBox()
    const anna = box.visitor()
    await anna.signIn('anna', password)
    const { value: made } = await anna.ask('POST', '/passes', { guest: 'Bob of Ricoh' })
    const bob = box.visitor('127.0.0.2')
    const { value: standing } = await bob.ask('POST', '/session/pass', { token: made.token })
    assert.deepEqual(
      [standing.me.name, standing.me.role, standing.me.isGuest],
      ['Bob of Ricoh', 'technician', true],
    )
    assert.equal((await bob.ask('GET', '/devices')).status, 200)
    assert.equal((await bob.ask('GET', '/passes')).status, 403)
    assert.equal((await bob.ask('PUT', '/session/password', { old: password, password })).status, 403)
    assert.equal((await box.visitor().ask('POST', '/session/pass', { token: made.token })).status, 403)
    const [listed] = (await anna.ask<DayPassView[]>('GET', '/passes')).value
    assert.deepEqual(
      [listed?.state, listed?.maker, listed?.from, listed?.leftMs],
      ['used', 'anna', '127.0.0.2', 8 * hour],
    )
    await anna.ask('DELETE', `/passes/${made.id}`)
    assert.equal((await bob.ask('GET', '/devices')).status, 401)
    const lines = await audit(box)
    for (const line of [
      `anna at the console, 127.0.0.1: day pass ${made.id}: made for "Bob of Ricoh"`,
      'Bob of Ricoh (day pass of anna) at the console, 127.0.0.2: signed in by a day pass',
      `anna at the console, 127.0.0.1: day pass ${made.id}: withdrawn`,
    ])
      assert.ok(lines.includes(line), line)
    assert.ok(!lines.join().includes(made.token))
  })
})

describe('a token for scripts', { timeout: 180_000 }, () => {
  it('is made once, used without cookie and proof, listed, and withdrawn', async () => {
    await using box = await claimedBox()
    const anna = box.visitor()
    await anna.signIn('anna', password)
    const { value: made } = await anna.ask('POST', '/tokens', { name: 'monitoring', role: 'technician' })
    const authorization = `Bearer ${made.token}`
    const script = box.visitor('127.0.0.3')
    const told = await script.ask('GET', '/queue', undefined, { authorization })
    assert.equal(told.status, 200)
    assert.equal(told.headers['set-cookie'], undefined)
    const alias = { name: 'anna', to: ['anna@contoso.com'] }
    assert.equal((await script.ask('POST', '/aliases', alias, { authorization })).status, 200)
    assert.equal((await script.ask('GET', '/operators', undefined, { authorization })).status, 403)
    const lines = await audit(box)
    assert.ok(
      lines.some((line) => line.startsWith('token "monitoring" at the console, 127.0.0.3: alias')),
      lines.join('\n'),
    )
    const [listed] = (await anna.ask<TokenView[]>('GET', '/tokens')).value
    assert.deepEqual([listed?.maker, listed?.usedAt, listed?.endsAt], ['anna', start, start + 365 * day])
    assert.ok(!JSON.stringify(listed).includes(made.token))
    await anna.ask('DELETE', `/tokens/${made.id}`)
    assert.equal((await script.ask('GET', '/queue', undefined, { authorization })).status, 401)
  })
  it('makes no operator by a setup document, and changes none', async () => {
    await using box = await claimedBox()
    const anna = box.visitor()
    await anna.signIn('anna', password)
    const wish = { name: 'provisioning', role: 'administrator' }
    const { value: made } = await anna.ask('POST', '/tokens', wish)
    const authorization = `Bearer ${made.token}`
    const script = box.visitor('127.0.0.3')
    const { value: setup } = await anna.ask<{ readonly text: string }>('GET', '/setup')
    const hash = await hashPassword('a password of mine')
    const row = (name: string) =>
      `\n[[operator]]\nname = "${name}"\nrole = "administrator"\npassword_hash = "${hash}"\n`
    for (const name of ['mallory', 'anna']) {
      const text = setup.text + row(name)
      const refused = await script.ask('POST', '/setup', { text }, { authorization })
      assert.equal(refused.status, 422, name)
      assert.equal((await box.visitor('127.0.0.4').signIn(name, 'a password of mine')).status, 403)
    }
    assert.equal((await anna.ask('GET', '/operators')).status, 200, 'anna stays signed in')
    const alias = '\n[[alias]]\nname = "it"\nto = ["it@contoso.com"]\n'
    const applied = await script.ask('POST', '/setup', { text: setup.text + alias }, { authorization })
    assert.equal(applied.status, 200)
    const person = await anna.ask('POST', '/setup', { text: setup.text + alias + row('bob') })
    assert.equal(person.status, 200)
    assert.equal((await box.visitor().signIn('bob', 'a password of mine')).value.kind, 'signed-in')
  })
})
