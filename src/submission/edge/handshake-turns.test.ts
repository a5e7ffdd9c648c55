import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../../test/clock.ts'
import { minute, second, wallMs } from '../../core/time.ts'
import { HandshakeTurns } from './handshake-turns.ts'

const { signal } = new AbortController()
const rates = { perSecond: 50, perSecondOfAddress: 5, burstOfAddress: 20 }

/** How many of so many attempts are granted at once, and what becomes of the others. */
function crowd(turns: HandshakeTurns, address: string, count: number) {
  const outcome = { atOnce: 0, granted: 0, refused: 0 }
  for (let n = 0; n < count; n++) {
    const turn = turns.take(address, signal)
    if (turn === true) outcome.atOnce++
    else void turn.then((isGranted) => outcome[isGranted ? 'granted' : 'refused']++)
  }
  return outcome
}

describe('TLS handshakes', () => {
  it('begin at once at the rate of an office', async () => {
    const clock = new JumpingClock(wallMs(0))
    const turns = new HandshakeTurns(clock, rates)
    for (let n = 0; n < 600; n++) {
      assert.equal(turns.take(`192.168.7.${n % 40}`, signal), true)
      await clock.jump(20)
    }
  })

  it('of one address have a rate of their own; what is above it waits, and ten wait at most', async () => {
    const clock = new JumpingClock(wallMs(0))
    const turns = new HandshakeTurns(clock, rates)
    const outcome = crowd(turns, '192.168.7.66', 100)
    assert.equal(turns.take('192.168.7.20', signal), true)
    await clock.jump(second)
    assert.deepEqual(outcome, { atOnce: 20, granted: 5, refused: 70 })
    await clock.jump(second)
    assert.deepEqual(outcome, { atOnce: 20, granted: 10, refused: 70 })
    assert.equal(turns.waiting, 0)
  })

  it('of loopback have none: it is many clients', () => {
    const turns = new HandshakeTurns(new JumpingClock(wallMs(0)), rates)
    assert.equal(crowd(turns, '127.0.0.1', 50).atOnce, 50)
  })

  it('come first where an address began none for long, however many others wait', async () => {
    const clock = new JumpingClock(wallMs(0))
    const turns = new HandshakeTurns(clock, rates)
    const attackers = Array.from({ length: 30 }, (_, n) => crowd(turns, `10.0.0.${n}`, 1000))
    assert.equal(turns.waiting, 200)
    await clock.jump(second)
    for (let n = 0; n < 30; n++) attackers.push(crowd(turns, `10.0.0.${n}`, 1000))
    assert.equal(turns.waiting, 200)
    const device = crowd(turns, '192.168.7.20', 1)
    await clock.jump(second / 50)
    assert.deepEqual(device, { atOnce: 0, granted: 1, refused: 0 })
    assert.ok(attackers.some(({ refused }) => refused >= 970))
  })

  it('are not waited for any more by a client that is gone: its turn is another one’s', async () => {
    const clock = new JumpingClock(wallMs(0))
    const turns = new HandshakeTurns(clock, { perSecond: 1, perSecondOfAddress: 1, burstOfAddress: 1 })
    assert.equal(turns.take('10.0.0.1', signal), true)
    const gone = new AbortController()
    const first = turns.take('10.0.0.2', gone.signal)
    const second_ = turns.take('10.0.0.3', signal)
    gone.abort()
    assert.equal(await first, false)
    assert.equal(turns.waiting, 1)
    await clock.jump(second)
    assert.equal(await second_, true)
    assert.equal(turns.take('10.0.0.4', gone.signal) instanceof Promise, true)
    assert.deepEqual([turns.waiting, clock.waiting], [0, 0])
  })

  it('begin when the first of those that wait may, whoever came first', async () => {
    const clock = new JumpingClock(wallMs(0))
    const turns = new HandshakeTurns(clock, { perSecond: 50, perSecondOfAddress: 0.1, burstOfAddress: 1 })
    assert.equal(turns.take('10.0.0.1', signal), true)
    const slow = crowd(turns, '10.0.0.1', 1)
    for (let n = 2; n < 51; n++) assert.equal(turns.take(`10.0.0.${n}`, signal), true)
    const soon = crowd(turns, '10.0.0.99', 1)
    await clock.jump(second)
    assert.deepEqual([soon.granted, slow.granted], [1, 0])
    await clock.jump(9 * second)
    assert.equal(slow.granted, 1)
  })

  it('do not wait longer than a device has patience', async () => {
    const clock = new JumpingClock(wallMs(0))
    const turns = new HandshakeTurns(clock, { perSecond: 1, perSecondOfAddress: 1, burstOfAddress: 1 })
    const outcomes = Array.from({ length: 41 }, (_, n) => crowd(turns, `10.0.0.${n}`, 1))
    await clock.jump(2 * minute)
    const counted = (how: 'atOnce' | 'granted' | 'refused') =>
      outcomes.filter((outcome) => outcome[how]).length
    assert.deepEqual([counted('atOnce'), counted('granted'), counted('refused')], [1, 20, 20])
    assert.equal(turns.waiting, 0)
  })
})
