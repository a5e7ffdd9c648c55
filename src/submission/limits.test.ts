import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { Peer } from '../../test/submission/peer.ts'
import { Rig } from '../../test/submission/rig.ts'
import { address, device, setup } from '../../test/submission/setup.ts'
import { SpoolDouble } from '../../test/submission/spool-double.ts'
import { comparableEnvelope, type Envelope } from '../core/envelope.ts'
import { GuessLimits } from '../core/guess-limits.ts'
import { messageIdOf } from '../core/message-id.ts'
import { hour, minute, second, wallMs } from '../core/time.ts'
import { MemoryBudget } from '../platform/memory-budget.ts'
import { ConnectionLimits, type Occupant } from './connection-limits.ts'
import { DeviceRates } from './device-rate.ts'
import { LostReplies } from './lost-replies.ts'
import { type HoldParts, holdMemory, MemoryShares } from './memory-hold.ts'
import { Transaction } from './transaction.ts'

const start = wallMs(1_800_000_000_000)

describe('a device’s own rate', () => {
  const rates = (
    clock: JumpingClock,
    seen: readonly { device: string; at: ReturnType<typeof wallMs> }[] = [],
  ) => new DeviceRates(clock, seen, () => 2)

  it('lets mail pass up to it, then paces: so many in any hour', async () => {
    const clock = new JumpingClock(start)
    const device = rates(clock)
    assert.equal(device.take('a', 2).notBefore, undefined)
    await clock.jump(10 * minute)
    assert.equal(device.take('a', 2).notBefore, undefined)
    assert.equal(device.take('a', 2).notBefore, start + hour)
    assert.equal(device.take('a', 2).notBefore, start + hour + 10 * minute)
    assert.equal(device.take('a', 2).notBefore, start + 2 * hour)
    assert.equal(device.take('b', 2).notBefore, undefined)
  })

  it('refuses only above ten times of it within the hour', async () => {
    const clock = new JumpingClock(start)
    const device = rates(clock)
    for (let n = 0; n < 19; n++) device.take('a', 2)
    assert.equal(device.isFarAbove('a', 2), false)
    device.take('a', 2)
    assert.equal(device.isFarAbove('a', 2), true)
    await clock.jump(hour)
    assert.equal(device.isFarAbove('a', 2), false)
  })

  it('survives a restart', () => {
    const clock = new JumpingClock(start)
    const before = (minutes: number) => ({ device: 'a', at: wallMs(start - minutes * minute) })
    const device = rates(clock, [before(10), before(40)])
    assert.equal(device.take('a', 2).notBefore, start + 20 * minute)
  })

  it('does not heed a wall clock that jumps', async () => {
    const clock = new JumpingClock(wallMs(0))
    const device = rates(clock)
    device.take('a', 2)
    device.take('a', 2)
    clock.setWall(start)
    assert.equal(device.take('a', 2).notBefore, start + hour)
  })
})

describe('a place given back', () => {
  it('is free again, whatever came before and after it', () => {
    const device = new DeviceRates(new JumpingClock(start), [], () => 2)
    device.take('a', 2)
    for (let n = 0; n < 3000; n++) device.take('a', 2).giveBack()
    const given = device.take('a', 2)
    assert.equal(given.notBefore, undefined)
    assert.equal(device.take('a', 2).notBefore, start + hour)
    given.giveBack()
    assert.equal(device.take('a', 2).notBefore, start + hour)
    assert.equal(device.isFarAbove('a', 1), false)
    device.take('b', 0).giveBack()
    assert.equal(device.isFarAbove('b', 1), false)
  })
})

describe('wrong passwords', () => {
  it('are answered ever slower; from twenty on one is looked at every 4 s, whatever it is', async () => {
    const clock = new JumpingClock(start)
    const guesses = new GuessLimits(clock)
    const waits = Array.from({ length: 6 }, () => guesses.fail('Scanner'))
    assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 4000])
    for (let n = 6; n < 20; n++) {
      assert.equal(guesses.mayTry('Scanner'), true)
      guesses.fail('Scanner')
    }
    assert.equal(guesses.mayTry('Scanner'), false)
    assert.equal(guesses.mayTry('Alarm'), true)
    await clock.jump(4 * second)
    assert.equal(guesses.mayTry('Scanner'), true)
    assert.equal(guesses.mayTry('Scanner'), false)
    await clock.jump(10 * minute)
    for (let n = 0; n < 5; n++) assert.equal(guesses.mayTry('Scanner'), true)
  })

  it('hold an account back for ten minutes at most, however many there are', async () => {
    const clock = new JumpingClock(start)
    const guesses = new GuessLimits(clock)
    for (let n = 0; n < 5000; n++) guesses.fail('Scanner')
    for (let n = 0; n < 6000; n++) guesses.fail(`address 10.0.${n >> 8}.${n & 255}`)
    await clock.jump(10 * minute)
    assert.equal(guesses.fail('Scanner'), 250)
  })

  it('are forgotten after the right one', () => {
    const guesses = new GuessLimits(new JumpingClock(start))
    guesses.fail('Scanner')
    guesses.succeed('Scanner')
    assert.equal(guesses.fail('Scanner'), 250)
  })
})

/** A connection that was silent since then; `undefined`: something is under way. */
class Silent implements Occupant {
  readonly since: number | undefined
  gaveWay = false

  constructor(since: number | undefined) {
    this.since = since
  }

  quietSince(): number | undefined {
    return this.since
  }

  giveWay(): void {
    this.gaveWay = true
  }
}

describe('connections', () => {
  const limits = { ...setup().limits, connections: 3, connectionsPerAddress: 2 }
  const occupied = (connections: ConnectionLimits, address: string, since: number | undefined): Silent => {
    const occupant = new Silent(since)
    const place = connections.take(address, limits)
    assert.ok(place, address)
    place.occupy(occupant)
    return occupant
  }

  it('are limited in all and by address, and a place comes back', () => {
    const connections = new ConnectionLimits(new JumpingClock(start))
    const first = connections.take('192.168.7.20', limits)
    assert.ok(first)
    assert.ok(connections.take('192.168.7.20', limits))
    assert.equal(connections.take('192.168.7.20', limits), undefined)
    assert.ok(connections.take('192.168.7.21', limits))
    assert.equal(connections.take('192.168.7.22', limits), undefined)
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    assert.ok(connections.take('192.168.7.20', limits))
    assert.equal(connections.open, 3)
  })

  it('have no limit by address on loopback', () => {
    const connections = new ConnectionLimits(new JumpingClock(start))
    for (let n = 0; n < 3; n++) assert.ok(connections.take('127.0.0.1', limits))
  })

  it('that are silent give way: of the most crowded address the longest silent one', async () => {
    const clock = new JumpingClock(start)
    const connections = new ConnectionLimits(clock)
    await clock.jump(second)
    const alone = occupied(connections, '192.168.7.21', 0)
    const younger = occupied(connections, '127.0.1.1', 900)
    const older = occupied(connections, '127.0.1.1', 800)
    assert.ok(connections.take('192.168.7.20', limits))
    assert.deepEqual([alone.gaveWay, younger.gaveWay, older.gaveWay], [false, false, true])
    assert.equal(connections.open, 3)
  })

  it('that are as few as the newcomer’s give way after 10 s of silence only', async () => {
    const clock = new JumpingClock(start)
    const connections = new ConnectionLimits(clock)
    const silent = occupied(connections, '192.168.7.21', 0)
    for (const address of ['192.168.7.22', '192.168.7.23']) occupied(connections, address, undefined)
    await clock.jump(10 * second - 1)
    assert.equal(connections.take('192.168.7.20', limits), undefined)
    await clock.jump(1)
    assert.ok(connections.take('192.168.7.20', limits))
    assert.ok(silent.gaveWay)
  })

  it('of an address that has all its places give way to its own newer ones', async () => {
    const clock = new JumpingClock(start)
    const connections = new ConnectionLimits(clock)
    const forgotten = occupied(connections, '192.168.7.21', 0)
    occupied(connections, '192.168.7.21', undefined)
    assert.equal(connections.take('192.168.7.21', limits), undefined)
    await clock.jump(10 * second)
    assert.ok(connections.take('192.168.7.21', limits))
    assert.ok(forgotten.gaveWay)
    assert.equal(connections.open, 2)
  })

  it('with something under way never do', async () => {
    const clock = new JumpingClock(start)
    const connections = new ConnectionLimits(clock)
    for (let n = 0; n < 3; n++) occupied(connections, '127.0.1.1', undefined)
    await clock.jump(hour)
    assert.equal(connections.take('192.168.7.20', limits), undefined)
  })
})

describe('the last place', () => {
  it('is not taken from a device that has just begun STARTTLS, but from one that does not go on', async () => {
    const clock = new JumpingClock(start)
    const limits = { ...setup().limits, connections: 1 }
    await using rig = await Rig.open({ clock, setup: setup({ limits }) })
    using panel = Peer.connect(rig.port())
    panel.says('EHLO a\r\n')
    assert.equal(await panel.line(), '220 box.local ESMTP inkpost')
    await panel.reply()
    await clock.jump(minute)
    assert.equal(await panel.ask('STARTTLS'), '220 2.0.0 Ready to start TLS')
    using other = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
    assert.equal(await other.line(), '421 4.7.0 Too many connections, try later N6')
    await clock.jump(10 * second)
    using later = Peer.connect(rig.port(), { localAddress: '127.0.0.3' })
    later.says('EHLO a\r\n')
    assert.equal(await later.line(), '220 box.local ESMTP inkpost')
    await panel.closed()
    assert.equal(rig.submission.openConnections(), 1)
  })
})

describe('memory', () => {
  const signal = new AbortController().signal
  const parts = () => ({
    memory: new MemoryBudget(48e6),
    shares: new MemoryShares(),
    clock: new JumpingClock(start),
    budget: 48e6,
  })

  const atOnce = (held: HoldParts, address: string): Disposable => {
    const hold = holdMemory(held, address, undefined, signal)
    return hold instanceof Promise ? assert.fail('has to wait') : hold
  }

  it('is left to others by an address whose mails hold a quarter: its next mail waits for one of them', async () => {
    const held = parts()
    const holds = Array.from({ length: 36 }, () => atOnce(held, '192.168.7.66'))
    const next = holdMemory(held, '192.168.7.66', undefined, signal)
    assert.ok(next instanceof Promise)
    atOnce(held, '192.168.7.20')
    holds.pop()?.[Symbol.dispose]()
    const granted = await next
    assert.ok(granted)
    for (const hold of [...holds, granted]) hold[Symbol.dispose]()
    for (let n = 0; n < 36; n++) atOnce(held, '192.168.7.66')
  })

  it('is waited for 20 s by an address that holds its quarter, and what waits takes nothing from others', async () => {
    const held = parts()
    for (let n = 0; n < 36; n++) atOnce(held, '192.168.7.66')
    const waiting = Array.from({ length: 50 }, () => holdMemory(held, '192.168.7.66', undefined, signal))
    assert.equal(held.memory.waiting, 0)
    atOnce(held, '192.168.7.20')
    await held.clock.jump(20_000)
    assert.deepEqual(
      await Promise.all(waiting),
      waiting.map(() => undefined),
    )
  })

  it('of loopback has no share, and a single mail is always taken', async () => {
    const held = { ...parts(), budget: 1000 }
    assert.ok(await holdMemory(held, '192.168.7.66', undefined, signal))
    assert.equal(await holdMemory(held, '192.168.7.66', undefined, AbortSignal.abort()), undefined)
    for (let n = 0; n < 50; n++) assert.ok(await holdMemory(held, '127.0.0.1', undefined, signal))
  })

  it('that was waited for in vain is no share', async () => {
    const held = { ...parts(), memory: new MemoryBudget(1000) }
    assert.ok(await holdMemory(held, '192.168.7.20', undefined, signal))
    for (let n = 0; n < 100; n++) {
      assert.equal(await holdMemory(held, '192.168.7.66', undefined, AbortSignal.abort()), undefined)
    }
    const fresh = { ...held, memory: new MemoryBudget(48e6) }
    assert.ok(await holdMemory(fresh, '192.168.7.66', undefined, signal))
  })
})

describe('recipients', () => {
  it('said again are one, and said for ever are too many', () => {
    const sender = {
      kind: 'sender',
      reversePath: '',
      isOwn: false,
      bodyType: '7BIT',
      smtputf8: false,
      dsn: {},
    } as const
    const transaction = new Transaction(device('Scanner'), () => 'Scanner', sender, undefined)
    const said = Array.from({ length: 31 }, () => transaction.add([{ address: address('x@y.test') }], 10))
    assert.deepEqual(said, [...Array.from({ length: 30 }, () => true), false])
    assert.equal(transaction.recipients.length, 1)
  })
})

describe('lost replies', () => {
  const log = { write: () => undefined }
  const envelope = (...to: readonly string[]): Envelope => ({
    reversePath: address('a@b.test'),
    recipients: to.map((recipient) => ({ address: address(recipient) })),
    bodyType: '7BIT',
    smtputf8: false,
    dsn: {},
  })
  const mail = (clock: JumpingClock) =>
    ({
      kind: 'mail',
      device: 'Panel',
      envelope: envelope('x@y.test', 'z@y.test'),
      contentSha256: 'a',
      isIdentifiable: true,
      priority: 'normal',
      acceptedMonotonic: clock.monotonic(),
    }) as const

  it('tell a repeat by device, envelope and content, at once and for 15 minutes', async () => {
    const clock = new JumpingClock(start)
    const spool = new SpoolDouble()
    spool.markReplyLost = () => new Promise(() => undefined)
    const lost = new LostReplies(spool, clock, log, [])
    const message = mail(clock)
    assert.equal(lost.repeatedBy(message), undefined)
    lost.mark({ id: messageIdOf(1), message })
    assert.equal(lost.repeatedBy(message), '1')
    assert.equal(lost.repeatedBy({ ...message, envelope: envelope('Z@y.test', 'x@y.test') }), '1')
    const others = [
      { device: 'Other' },
      { kind: 'test' },
      { contentSha256: 'b' },
      { isIdentifiable: false },
      { priority: 'alarm' },
      { envelope: envelope('x@y.test') },
    ] as const
    for (const other of others) {
      assert.equal(lost.repeatedBy({ ...message, ...other }), undefined, JSON.stringify(other))
    }
    await clock.jump(15 * minute)
    assert.equal(lost.repeatedBy(message), undefined)
  })

  it('are those from before the start too', async () => {
    const clock = new JumpingClock(start)
    const { kind, device, contentSha256, envelope } = mail(clock)
    const envelopeSha256 = hash('sha256', comparableEnvelope(envelope))
    const before = [{ id: messageIdOf(7), kind, device, contentSha256, envelopeSha256 }]
    const lost = new LostReplies(new SpoolDouble(), clock, log, before)
    assert.equal(lost.repeatedBy(mail(clock)), '7')
    await clock.jump(15 * minute)
    assert.equal(lost.repeatedBy(mail(clock)), undefined)
  })

  it('are over once a repeat was heard, here and on disk', () => {
    const clock = new JumpingClock(start)
    const spool = new SpoolDouble()
    const lost = new LostReplies(spool, clock, log, [])
    const message = mail(clock)
    lost.heard({ id: messageIdOf(1), message })
    lost.mark({ id: messageIdOf(1), message })
    lost.heard({ id: messageIdOf(2), message })
    assert.equal(lost.repeatedBy(message), '1')
    lost.heard({ id: messageIdOf(1), message })
    assert.equal(lost.repeatedBy(message), undefined)
    assert.deepEqual(spool.markedHeard, ['1'])
  })
})
