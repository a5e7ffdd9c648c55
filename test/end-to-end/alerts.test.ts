// What people are told: by mail through the box's own way out, by webhook, once, and over restarts. Days pass on a clock
// that the test moves.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { day, hour, minute, wallMs } from '../../src/core/time.ts'
import { createCertificateAuthority } from '../emulator/certificate-authority.ts'
import { type SmtpUpstream, startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { type Finished, GatewayProcess, temporaryFolder, until } from '../gateway-process.ts'
import { HookReceiver } from '../hook-receiver.ts'
import { RunningClock } from '../running-clock.ts'
import { plainBox } from './plain-box.ts'

const authority = createCertificateAuthority()
/** A Thursday and a Sunday. */
const start = wallMs(Date.UTC(2026, 10, 26, 12))
const sunday = wallMs(Date.UTC(2026, 10, 29, 12))
const date = (days: number): string => new Date(start + days * day).toISOString().slice(0, 10)

interface Stage extends AsyncDisposable {
  readonly smtp: SmtpUpstream
  readonly hook: HookReceiver
  readonly clock: RunningClock
  readonly folder: string
  setup(more?: { readonly expires?: string; readonly owner?: string; readonly zone?: string }): string
  gateway(text?: string): Promise<GatewayInProcess>
  /** Subjects of the box's own mail to an address. */
  mailTo(address: string): readonly string[]
}

async function stage(begin = start): Promise<Stage> {
  await using opened = new AsyncDisposableStack()
  const certificateAuthority = await authority
  const folder = opened.use(temporaryFolder()).path
  const smtp = opened.use(
    await startSmtpUpstream({ certificateAuthority, accounts: [{ username: 'u', password: 'p' }] }),
  )
  const hook = opened.use(await HookReceiver.listen())
  const ca = await certificateAuthority.writeCa(folder)
  const clock = new RunningClock(begin)
  const setup: Stage['setup'] = ({ expires = '', owner = '', zone = 'UTC' } = {}) => `${plainBox({
    gateway: `postmaster = "it@contoso.com"\nsender = "box@contoso.com"\ntimezone = "${zone}"`,
    device: owner === '' ? '' : `owner = "${owner}"`,
  })}[[upstream]]
name = "smarthost"
kind = "smarthost"
host = "localhost"
port = ${smtp.port}
ca_file = "${ca}"
[upstream.credential]
kind = "password"
username = "u"
password = "p"
expires = "${expires}"
[alerts]
webhook = "${hook.url}"
`
  const stack = opened.move()
  return {
    smtp,
    hook,
    clock,
    folder,
    setup,
    gateway: (text) => GatewayInProcess.start(folder, text, { clock }),
    mailTo: (address) =>
      smtp.ledger.flatMap(({ recipients, raw }) =>
        recipients.some((recipient) => recipient.address === address)
          ? [/^Subject: (.*)$/m.exec(raw.toString())?.[1]?.trim() ?? '']
          : [],
      ),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const apply = async (gateway: GatewayInProcess, text: string): Promise<void> => {
  const applied = await gateway.operations.applySetup(text, { check: false, who: 'test' })
  assert.equal(applied.kind, 'applied', JSON.stringify(applied))
}

/** In steps, so that what came due is on its way before the next. */
async function pass(clock: RunningClock, ms: number, stepMs = minute): Promise<void> {
  for (let done = 0; done < ms; done += stepMs) await clock.jump(stepMs)
}

/** Lets time pass in steps, and what came due run, until `look` finds something. */
const passUntil = (
  clock: RunningClock,
  what: string,
  look: () => boolean | Promise<boolean>,
): Promise<boolean> =>
  until(what, async () => {
    if (await look()) return true
    await clock.jump(10 * minute)
    return false
  })

describe('being told', { timeout: 120_000 }, () => {
  it('of a secret that expires: by mail and webhook, once, over a restart, and that it is over', async () => {
    await using house = await stage()
    const { clock, smtp, hook } = house
    {
      await using gateway = await house.gateway(house.setup({ expires: date(8) }))
      await pass(clock, 6 * minute)
      await smtp.ledgerReaches(1, AbortSignal.timeout(20_000))
      await until('the webhook heard', () => hook.posts.length === 1)
      const [mail] = smtp.ledger
      assert.deepEqual(
        mail?.recipients.map(({ address }) => address),
        ['it@contoso.com'],
      )
      assert.equal(mail?.mailFrom.address, '')
      const text = mail?.raw.toString() ?? ''
      assert.match(text, /^Auto-Submitted: auto-generated\r$/m)
      assert.match(text, /^Subject: \[branch-07\] warning: The password of smarthost expires: on 4 Dec 2026/m)
      assert.match(text, /What to do: Set the new password of smarthost with the new expires and apply\./)
      assert.equal(
        (await gateway.operations.message(/[0-9A-Z]+(?=\.alert@)/.exec(text)?.[0] ?? ''))?.kind,
        'alert',
      )
    }
    await using again = await house.gateway()
    await pass(clock, 3 * hour, 10 * minute)
    assert.deepEqual(hook.told, ['raised expires/secret/smarthost'])
    // The next step of the same end is told anew.
    await pass(clock, 9 * hour, hour)
    await passUntil(clock, 'the alarm', () => hook.posts.length === 2)
    assert.equal(hook.posts[1]?.['severity'], 'alarm')
    await apply(again, house.setup({ expires: date(400) }))
    await passUntil(clock, 'the end', () => hook.posts.some(({ event }) => event === 'over'))
    await until('the mail of it', () =>
      house.mailTo('it@contoso.com').some((subject) => subject.includes('over:')),
    )
  })

  it("of an owner's report that came back: the postmaster, by mail", async () => {
    await using house = await stage()
    const { clock, smtp } = house
    smtp.script.add({
      on: 'RCPT',
      match: /nobody@|reception@/,
      action: { kind: 'reply', reply: '550 5.1.1 No such user here' },
      count: 10,
    })
    await using gateway = await house.gateway(house.setup({ owner: 'reception@contoso.com' }))
    await gateway.send({ to: ['nobody@contoso.com'] })
    await until('the alert', async () =>
      (await gateway.operations.status()).alerts.some(({ key }) => key === 'owner-mail-bounced/Scanner'),
    )
    await pass(clock, 6 * minute)
    const [subject] = await until('the mail', () => {
      const mails = house.mailTo('it@contoso.com')
      return mails.length > 0 && mails
    })
    assert.match(subject ?? '', /warning: A report for the owner of Scanner/)
  })

  it("of the postmaster's own mail that came back: by webhook alone", async () => {
    await using house = await stage()
    const { clock, smtp, hook } = house
    smtp.script.add({
      on: 'RCPT',
      match: /it@/,
      action: { kind: 'reply', reply: '550 5.1.1 No such user here' },
      count: 10,
    })
    await using gateway = await house.gateway(house.setup({ expires: date(10) }))
    await pass(clock, 6 * minute)
    await until('the alert', async () =>
      (await gateway.operations.status()).alerts.some(({ key }) => key === 'own-mail-bounced'),
    )
    await pass(clock, 6 * minute)
    await until('the webhook', () => hook.told.includes('raised own-mail-bounced'))
    const own = (await gateway.operations.queue({ all: true, limit: 100 })).filter(
      ({ kind }) => kind === 'alert',
    )
    assert.equal(own.length, 1)
  })

  it('of an outage of every way out: by webhook while it lasts, by mail never of it', async () => {
    await using house = await stage()
    const { clock, smtp, hook } = house
    await using gateway = await house.gateway(house.setup())
    await smtp.setOutage('refuse')
    await gateway.send({ to: ['anna@contoso.com'] })
    for (let n = 0; n < 30 && (await gateway.upstream('smarthost')).state !== 'paused'; n++) {
      await clock.jump(2 * minute)
      await until('the lane is quiet', async () => (await gateway.upstream('smarthost')).inFlight === 0)
    }
    await pass(clock, 6 * minute)
    await until('the webhook', () => hook.told.includes('raised upstream-paused/smarthost'))
    const rows = await gateway.operations.queue({ all: true, limit: 100 })
    assert.deepEqual(
      rows.map(({ kind }) => kind),
      ['mail'],
    )
    await smtp.setOutage('none')
    // Short steps: who tells by mail must not look in the middle of the mail by which the way out is found to work.
    for (let n = 0; n < 400 && smtp.ledger.length === 0; n++) {
      await clock.jump(minute / 3)
      await until('the lane is quiet', async () => (await gateway.upstream('smarthost')).inFlight === 0)
    }
    await passUntil(clock, 'the end', () => hook.told.includes('over upstream-paused/smarthost'))
    assert.deepEqual(house.mailTo('it@contoso.com'), [])
    const { past } = await gateway.operations.alerts()
    assert.ok(past.some(({ key }) => key === 'upstream-paused/smarthost'))
  })

  it('by a test: what each way answered', async () => {
    await using house = await stage()
    await using gateway = await house.gateway(house.setup())
    house.hook.status = 404
    const test = await gateway.operations.testAlert('a test')
    assert.ok(test.kind === 'done')
    assert.deepEqual(
      test.answers.map(({ channel, answer }) => [channel, answer.kind, answer.detail]),
      [
        ['mail', 'told', 'in the queue for it@contoso.com'],
        ['webhook', 'failed', 'answered 404'],
        ['syslog', 'off', 'alerts.syslog is not set'],
      ],
    )
    await house.smtp.ledgerReaches(1, AbortSignal.timeout(20_000))
    assert.deepEqual(house.mailTo('it@contoso.com'), [
      '[branch-07] This is a test alert of branch-07, asked for by a test. Nothing is wrong.',
    ])
    assert.deepEqual((await gateway.operations.status()).alerts, [])
  })
})

describe('the weekly letter', { timeout: 120_000 }, () => {
  const letters = (house: Stage): readonly string[] =>
    house.mailTo('it@contoso.com').filter((subject) => subject.includes('week to'))

  it('comes on Monday morning of the zone, once, with what the week was', async () => {
    await using house = await stage(sunday)
    const { clock, smtp } = house
    {
      await using gateway = await house.gateway(house.setup({ zone: 'Europe/Berlin' }))
      await gateway.send({ to: ['anna@contoso.com', 'bert@contoso.com'] })
      await smtp.ledgerReaches(1, AbortSignal.timeout(20_000))
      // Monday, 6:00 in Berlin.
      await pass(clock, 17 * hour, hour)
      assert.deepEqual(letters(house), [])
      await passUntil(clock, 'the letter', () => letters(house).length === 1)
    }
    await using _again = await house.gateway()
    await pass(clock, day, hour)
    assert.deepEqual(letters(house), ['[branch-07] week to 30 Nov: all well'])
    const text = smtp.ledger.find(({ raw }) => raw.includes('week to'))?.raw.toString() ?? ''
    assert.match(text, /^branch-07, 23 Nov to 30 Nov\r$/m)
    assert.match(text, /^MAIL\r\n2 sent, 0 failed, 0 waiting\r\nsmarthost: 2 sent\r$/m)
    assert.match(text, /^WEAK OR NO ENCRYPTION\r\nScanner: no encryption, last 29 Nov\r$/m)
  })

  it('is written when the box is on again, and never while the clock is wrong', async () => {
    await using house = await stage()
    const { clock } = house
    {
      await using gateway = await house.gateway(house.setup())
      // The second day's head is written by a round of the housekeeping that began when the first had ended.
      const heads = () => gateway.log.filter((line) => line.includes('"audit-head"'))
      await passUntil(clock, 'the second day', () => heads().length === 2)
    }
    await clock.jump(5 * day)
    clock.believable = () => false
    await using gateway = await house.gateway()
    await pass(clock, 2 * hour, 10 * minute)
    assert.equal((await gateway.operations.queue({ all: true, limit: 10 })).length, 0)
    clock.believable = () => true
    await passUntil(clock, 'the letter', () => letters(house).length === 1)
  })
})

describe('the commands', { timeout: 60_000 }, () => {
  const launcher = resolve(import.meta.dirname, '../../inkpost')
  /** Not `spawnSync`: the servers of this process have to answer meanwhile. */
  const run = (data: string, ...words: readonly string[]): Promise<Finished> =>
    new Promise((done) => {
      const child = execFile(launcher, [...words, '--data', data], (_error, stdout, stderr) =>
        done({ code: child.exitCode, stdout, stderr }),
      )
    })

  it('test, list and show the calendar of a built gateway', async () => {
    await using house = await stage()
    const data = join(house.folder, 'data')
    await using _gateway = await GatewayProcess.start(data, { setup: house.setup({ expires: '2020-01-01' }) })
    const test = await run(data, 'alert', 'test')
    assert.equal(test.code, 0, test.stderr)
    assert.match(test.stdout, /^mail {5}ok {6}message \w+ to it@contoso\.com: accepted by smarthost$/m)
    assert.match(test.stdout, /^webhook {2}ok {6}answered 200$/m)
    assert.match(test.stdout, /^syslog {3}off {5}alerts\.syslog is not set$/m)
    assert.deepEqual(house.hook.told, ['test test'])
    const list = await run(data, 'alert', 'list')
    assert.match(list.stdout, /^alarm: The password of smarthost expires: that was on 1 Jan 2020\./m)
    const calendar = await run(data, 'calendar')
    assert.match(
      calendar.stdout,
      /^The password of smarthost expires: 1 Jan 2020\n {2}→ Set the new password/,
    )
    assert.match(calendar.stdout, /^The box's own certificate for devices expires: \d+ \w+ 20\d\d$/m)
    const bad = await run(data, 'alert', 'test', '--timeout', 'soon')
    assert.equal(bad.code, 2)
  })
})
