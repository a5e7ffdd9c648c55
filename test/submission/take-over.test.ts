// The take-over window over real sockets and a real spool: addresses of loopback are the devices.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { unknownDevice } from '../../src/core/learning.ts'
import type { Setup } from '../../src/core/setup.ts'
import type { Spool } from '../../src/core/spool.ts'
import { day, hour, minute, wallMs } from '../../src/core/time.ts'
import { stateOf } from '../../src/core/verdict.ts'
import { octetsOf, published, type TestSpool, testSpool } from '../../src/spool/spool-fixture.ts'
import { TakeOverWindow } from '../../src/submission/take-over.ts'
import { RunningClock } from '../running-clock.ts'
import { Peer } from './peer.ts'
import { Rig } from './rig.ts'
import { device, passwordOf, setup } from './setup.ts'

const start = wallMs(Date.UTC(2026, 10, 1, 12))
const scanner = device('Scanner', { username: 'scan1', password: passwordOf('Scanner') })
const panel = device('Panel', { addresses: ['127.0.7.9'], mac: '00:26:73:00:00:09' })
const passwords = { [passwordOf('Scanner')]: '1234' }
const everyday = setup({ devices: [scanner, panel] })

interface Box extends AsyncDisposable {
  readonly clock: RunningClock
  readonly window: TakeOverWindow
  readonly rig: Rig<Spool>
  readonly spool: Spool
}

async function openBox(
  disk: TestSpool,
  with_: Partial<{ setup: Setup; clock: RunningClock }> = {},
): Promise<Box> {
  const clock = with_.clock ?? new RunningClock(start)
  const { spool } = disk
  const window = await TakeOverWindow.restore({ clock, spool })
  const hardware = { kind: 'known', mac: '00:26:73:ff:ff:ff' } as const
  const neighbours = { hardwareAt: () => Promise.resolve(hardware) }
  const rig = await Rig.with({
    setup: with_.setup ?? everyday,
    spool,
    clock,
    passwords,
    neighbours,
    takeOver: window,
  })
  return { clock, window, rig, spool, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() }
}

/** The reply to one mail from an address, or the first refusal. */
async function submit(
  { rig }: Box,
  localAddress: string,
  mail: {
    readonly to?: readonly string[]
    readonly auth?: string
    readonly text?: string
    readonly mailFrom?: string
  } = {},
): Promise<string> {
  using peer = Peer.connect(rig.port(), { localAddress })
  await peer.reply()
  const commands = [
    'EHLO MFP',
    ...(mail.auth === undefined ? [] : [`AUTH PLAIN ${Buffer.from(`\0${mail.auth}`).toString('base64')}`]),
    `MAIL FROM:<scan@contoso.com>${mail.mailFrom ?? ''}`,
    ...(mail.to ?? ['anna@fabrikam.com']).map((to) => `RCPT TO:<${to}>`),
    'DATA',
  ]
  for (const command of commands) {
    const reply = await peer.ask(command)
    if (!/^[23]/.test(reply)) return reply
  }
  return await peer.ask(`From: scan@contoso.com\r\nSubject: scan\r\n\r\n${mail.text ?? 'hello'}\r\n.`)
}

const held = async ({ spool }: Box) => (await spool.unadopted()).map(({ address, mails }) => [address, mails])

describe('an unknown device in a take-over window', () => {
  it('hands in mail for anybody, which is held', async () => {
    await using disk = await testSpool()
    await using box = await openBox(disk)
    assert.match(await submit(box, '127.0.7.23'), /^530 /)
    await box.window.begin('127.0.7.0/24', hour, 'anna')
    assert.match(await submit(box, '127.0.7.23', { to: ['a@one.test', 'b@two.test'] }), /^250 2\.0\.0 Ok/)
    const [row] = await box.spool.queue({ all: false, limit: 10 })
    assert.deepEqual([row?.state, row?.device, row?.dueAt], ['held', unknownDevice('127.0.7.23'), undefined])
    assert.deepEqual(await held(box), [['127.0.7.23', 1]])
    assert.deepEqual(box.rig.accepted, [], 'the scheduler is not told')
    assert.deepEqual(await box.spool.due(wallMs(start + 400 * day), 10), [])
    const session = box.rig.submission.sessions().find(({ messages }) => messages.length > 0)
    assert.ok(session?.lines.some(({ text }) => text === 'held: nobody knows this device yet'))
    const verdict = session?.verdict
    assert.deepEqual([verdict?.code, verdict && stateOf(verdict)], ['F6', 'mail held'])
    assert.equal(verdict?.cure?.kind, 'adopt')
  })

  it('may sign in with whatever it was set up with before; a known login still needs its password', async () => {
    await using disk = await testSpool()
    await using box = await openBox(disk)
    await box.window.begin('127.0.7.0/24', hour, 'anna')
    assert.match(await submit(box, '127.0.7.23', { auth: 'oldscan\0old-password' }), /^250 2\.0\.0 Ok/)
    assert.match(await submit(box, '127.0.7.24', { auth: 'scan1\0wrong' }), /^535 /)
    assert.match(await submit(box, '127.0.7.25', { auth: 'scan1\x001234' }), /^250 2\.0\.0 Ok/)
    assert.deepEqual(await held(box), [['127.0.7.23', 1]])
    const [seen] = box.rig.submission.sightings().filter(({ address }) => address === '127.0.7.23')
    assert.deepEqual([seen?.username, seen?.triedAuth], ['oldscan', true])
    assert.equal(box.rig.accepted.length, 1, 'the known device’s mail goes its way')
  })

  it('is none at the address of a known device, whatever its hardware', async () => {
    await using disk = await testSpool()
    await using box = await openBox(disk)
    await box.window.begin('127.0.7.0/24', hour, 'anna')
    assert.match(await submit(box, '127.0.7.9'), /^530 /)
    assert.deepEqual(await held(box), [])
  })

  it('is none outside of the subnet, nor outside of the trusted networks', async () => {
    await using disk = await testSpool()
    const trusting = setup({
      devices: [scanner, device('Far', { addresses: ['127.0.8.1'] })],
      gateway: { trustedNetworks: ['127.0.7.0/24'] },
    })
    await using box = await openBox(disk, { setup: trusting })
    await box.window.begin('127.0.0.0/16', hour, 'anna')
    assert.match(await submit(box, '127.0.7.23'), /^250 /)
    await box.window.begin('127.0.7.128/25', hour, 'anna')
    assert.match(await submit(box, '127.0.7.23'), /^530 /)
    using peer = Peer.connect(box.rig.port(), { localAddress: '127.0.8.23' })
    assert.match(await peer.line(), /^554 5\.7\.1 Your network/)
  })

  it('can not reach the test address, nor a hundred people at once', async () => {
    await using disk = await testSpool()
    await using box = await openBox(disk)
    await box.window.begin('127.0.7.0/24', hour, 'anna')
    assert.match(await submit(box, '127.0.7.23', { to: ['test'] }), /^550 /)
    const crowd = Array.from({ length: 101 }, (_, n) => `a${n}@fabrikam.com`)
    assert.match(await submit(box, '127.0.7.23', { to: crowd }), /^452 4\.5\.3/)
    assert.deepEqual(await held(box), [])
  })

  it('is sent away while as much waits as may wait: mails', async () => {
    await using disk = await testSpool()
    await using box = await openBox(disk)
    await box.window.begin('127.0.7.0/24', hour, 'anna')
    const other = { device: unknownDevice('127.0.7.1'), isUnadopted: true, acceptedWall: start }
    for (let mails = 0; mails < 199; mails++) await published(box.spool, octetsOf(10), other)
    assert.match(await submit(box, '127.0.7.23'), /^250 /)
    assert.match(await submit(box, '127.0.7.23'), /^452 4\.3\.1 Too much mail of new devices waits/)
    assert.match(await submit(box, '127.0.7.25', { auth: 'scan1\x001234' }), /^250 /)
    await box.spool.ageUnadopted(0)
    await box.spool.dropUnadopted(1)
    assert.match(await submit(box, '127.0.7.23'), /^250 /)
  })

  it('is sent away while as much waits as may wait: octets, declared or not', async () => {
    await using disk = await testSpool()
    await using box = await openBox(disk)
    await box.window.begin('127.0.7.0/24', hour, 'anna')
    const facts = { size: 0, acsSize: 0, fidelity: [] }
    const large = { device: unknownDevice('127.0.7.1'), isUnadopted: true, facts }
    for (let mails = 0; mails < 6; mails++) await published(box.spool, octetsOf(33_000_000), large)
    assert.match(await submit(box, '127.0.7.23', { mailFrom: ' SIZE=3000000' }), /^452 4\.3\.1 Too much/)
    assert.match(
      await submit(box, '127.0.7.23', { text: 'x'.repeat(900).concat('\r\n').repeat(3000) }),
      /^452 4\.3\.1 Too much mail of new devices waits K5/,
    )
    assert.deepEqual(
      box.rig.log.filter(({ event }) => event === 'disk-full'),
      [],
    )
    assert.match(await submit(box, '127.0.7.23', { text: 'small' }), /^250 /)
    assert.deepEqual(await held(box), [
      ['127.0.7.1', 6],
      ['127.0.7.23', 1],
    ])
  })

  it('hands in no more mails at once than there is room for', async () => {
    await using disk = await testSpool()
    await using box = await openBox(disk)
    await box.window.begin('127.0.7.0/24', hour, 'anna')
    const other = { device: unknownDevice('127.0.7.1'), isUnadopted: true }
    for (let mails = 0; mails < 195; mails++) await published(box.spool, octetsOf(10), other)
    const replies = await Promise.all(Array.from({ length: 20 }, (_, n) => submit(box, `127.0.7.${100 + n}`)))
    const taken = replies.filter((reply) => reply.startsWith('250 ')).length
    const total = (await box.spool.unadopted()).reduce((sum, { mails }) => sum + mails, 0)
    assert.equal(total, 195 + taken)
    assert.ok(total <= 200 && replies.every((reply) => /^250 |^452 4\.3\.1/.test(reply)), replies.join('; '))
  })
})

describe('a take-over window whose mail can not be counted', () => {
  it('says that it is the box’s own trouble', async () => {
    const clock = new RunningClock(start)
    const broken = {
      takeOver: () => Promise.resolve(undefined),
      setTakeOver: () => Promise.resolve(),
      unadopted: () => Promise.reject(new Error('the reader died')),
    }
    const window = await TakeOverWindow.restore({ clock, spool: broken })
    await window.begin('127.0.7.0/24', hour, 'anna')
    await using disk = await testSpool()
    await using rig = await Rig.with({ setup: everyday, spool: disk.spool, clock, takeOver: window })
    using peer = Peer.connect(rig.port(), { localAddress: '127.0.7.23' })
    await peer.play(`
      S: 220 *
      C: HELO a
      S: 250 *
      C: MAIL FROM:<a@b.test>
      S: 250 *
      C: RCPT TO:<x@y.test>
      S: 250 *
      C: DATA
      S: 451 4.3.0 *`)
    assert.equal(window.underWay, 0)
  })
})

describe('the take-over window', () => {
  it('ends by itself, two hours after it was opened at the latest', async () => {
    await using disk = await testSpool()
    await using box = await openBox(disk)
    await box.window.begin('127.0.7.0/24', 40 * minute, 'anna')
    await box.clock.jump(39 * minute)
    assert.match(await submit(box, '127.0.7.23'), /^250 /)
    await box.clock.jump(1 * minute)
    assert.match(await submit(box, '127.0.7.23'), /^530 /)
    assert.equal(box.window.isOver, true)
    await box.window.begin('127.0.7.0/24', 50 * hour, 'anna')
    await box.clock.jump(2 * hour)
    assert.equal(box.window.open(), undefined)
  })

  it('takes no notice of a wall clock that is set', async () => {
    await using disk = await testSpool()
    await using box = await openBox(disk)
    await box.window.begin('127.0.7.0/24', hour, 'anna')
    box.clock.setWall(wallMs(start - 10 * day))
    await box.clock.jump(59 * minute)
    assert.equal(box.window.covers('127.0.7.23'), true)
    await box.clock.jump(1 * minute)
    assert.equal(box.window.covers('127.0.7.23'), false)
  })

  it('goes on after a restart for as long as was left', async () => {
    await using disk = await testSpool()
    const clock = new RunningClock(start)
    {
      await using box = await openBox(disk, { clock })
      await box.window.begin('127.0.7.0/24', hour, 'anna')
      await clock.jump(20 * minute)
    }
    await disk.reopen()
    await using box = await openBox(disk, { clock })
    const left = box.window.open()?.leftMs ?? 0
    assert.ok(left > 39 * minute && left <= 40 * minute, String(left))
    assert.match(await submit(box, '127.0.7.23'), /^250 /)
    await clock.jump(40 * minute)
    assert.match(await submit(box, '127.0.7.23'), /^530 /)
  })

  it('is shut after a restart until the clock can be believed, and for good if the clock went back', async () => {
    await using disk = await testSpool()
    const clock = new RunningClock(start)
    await (await TakeOverWindow.restore({ clock, spool: disk.spool })).begin('127.0.7.0/24', hour, 'anna')
    clock.believable = () => false
    const restored = await TakeOverWindow.restore({ clock, spool: disk.spool })
    assert.deepEqual([restored.covers('127.0.7.23'), restored.isOver], [false, false])
    clock.believable = () => true
    assert.equal(restored.covers('127.0.7.23'), true)
    clock.setWall(wallMs(start - minute))
    const wrong = await TakeOverWindow.restore({ clock, spool: disk.spool })
    assert.deepEqual([wrong.covers('127.0.7.23'), wrong.isOver], [false, true])
  })

  it('never covers longer than was said, however often the box restarts and its clock is set', async () => {
    await using disk = await testSpool()
    const step = fc.record({
      runs: fc.integer({ min: 0, max: 90 }),
      set: fc.constantFrom(0, 0, 0, -45, -5, 5, 45),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 6 }),
        fc.integer({ min: 1, max: 120 }),
        async (steps, minutes) => {
          const clock = new RunningClock(start)
          let window = await TakeOverWindow.restore({ clock, spool: disk.spool })
          await window.begin('127.0.7.0/24', minutes * minute, 'anna')
          let passed = 0
          for (const { runs, set } of steps) {
            await clock.jump(runs * minute)
            passed += runs
            if (set !== 0) {
              const from = clock.wall()
              clock.setWall(wallMs(from + set * minute))
              await disk.spool.shiftTimes({ byMs: set * minute, from })
            }
            if (passed >= minutes) assert.equal(window.covers('127.0.7.23'), false)
            window = await TakeOverWindow.restore({ clock, spool: disk.spool })
            assert.equal(window.covers('127.0.7.23') && passed >= minutes, false)
          }
        },
      ),
      { numRuns: 40 },
    )
  })
})
