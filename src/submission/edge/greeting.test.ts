import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../../test/clock.ts'
import { SpoolDouble } from '../../../test/submission/spool-double.ts'
import type { ClientMemory } from '../../core/spool.ts'
import { day, wallMs } from '../../core/time.ts'
import { ClientMemories } from './client-memories.ts'
import { greetingWait } from './greeting-wait.ts'
import { ProgressDeadline } from './progress-deadline.ts'

describe('the banner', () => {
  it('waits for an unknown address, and not for one that speaks SMTP', () => {
    assert.equal(greetingWait('starttls', false, undefined), 300)
    assert.equal(greetingWait('plain', false, 'smtp'), 0)
    assert.equal(greetingWait('starttls', false, 'tls'), 5000)
    assert.equal(greetingWait('starttls', true, undefined), 20)
  })

  it('comes after two silent seconds on an implicit port, whoever it is', () => {
    assert.equal(greetingWait('implicit', false, 'smtp'), 2000)
    assert.equal(greetingWait('implicit', true, undefined), 2000)
  })
})

const start = wallMs(1_800_000_000_000)
const memory = (changes: Partial<ClientMemory> & { readonly address: string }): ClientMemory => ({
  speaksFirst: 'smtp',
  device: undefined,
  seenAt: start,
  ...changes,
})

describe('what is learned of addresses', () => {
  it('is written in batches, once', async () => {
    const [spool, clock] = [new SpoolDouble(), new JumpingClock(start)]
    const memories = new ClientMemories(spool, clock, [])
    memories.learn('192.168.7.20', { speaksFirst: 'tls' })
    memories.learn('192.168.7.20', { device: 'Scanner' })
    memories.learn('192.168.7.21', { speaksFirst: 'smtp' })
    assert.deepEqual(spool.remembered, [])
    await clock.jump(10_000)
    assert.deepEqual(spool.remembered, [
      memory({ address: '192.168.7.20', speaksFirst: 'tls', device: 'Scanner' }),
      memory({ address: '192.168.7.21' }),
    ])
    memories.learn('192.168.7.21', { speaksFirst: 'smtp' })
    await clock.jump(60_000)
    assert.equal(spool.remembered.length, 2)
  })

  it('is known again after a restart', () => {
    const known = [memory({ address: '192.168.7.20', speaksFirst: 'tls', device: 'Scanner' })]
    const memories = new ClientMemories(new SpoolDouble(), new JumpingClock(start), known)
    assert.equal(memories.speaksFirst('192.168.7.20'), 'tls')
    assert.equal(memories.deviceAt('192.168.7.20'), 'Scanner')
    assert.equal(memories.deviceAt('192.168.7.21'), undefined)
  })

  it('names a device for 30 days', async () => {
    const clock = new JumpingClock(start)
    const memories = new ClientMemories(new SpoolDouble(), clock, [
      memory({ address: '192.168.7.20', device: 'Scanner' }),
    ])
    await clock.jump(30 * day)
    assert.equal(memories.deviceAt('192.168.7.20'), undefined)
  })

  it('leaves loopback out: it is many clients behind one address', () => {
    const memories = new ClientMemories(new SpoolDouble(), new JumpingClock(start), [])
    memories.learn('127.0.0.1', { speaksFirst: 'tls' })
    assert.equal(memories.speaksFirst('127.0.0.1'), undefined)
  })

  it('is bounded: the oldest is forgotten', () => {
    const memories = new ClientMemories(new SpoolDouble(), new JumpingClock(start), [])
    for (let n = 0; n < 5000; n++) memories.learn(`10.0.${n >> 8}.${n & 255}`, { speaksFirst: 'smtp' })
    assert.equal(memories.speaksFirst('10.0.0.0'), undefined)
    assert.equal(memories.speaksFirst('10.0.19.135'), 'smtp')
  })
})

describe('a deadline of progress', () => {
  it('comes when nothing happened for so long', async () => {
    const clock = new JumpingClock(start)
    let expired = 0
    const deadline = new ProgressDeadline(clock, () => expired++)
    deadline.limit(1000)
    await clock.jump(900)
    deadline.touch()
    await clock.jump(900)
    assert.equal(expired, 0)
    await clock.jump(100)
    assert.equal(expired, 1)
  })

  it('goes with the limit of the moment and ends when it is disposed', async () => {
    const clock = new JumpingClock(start)
    let expired = 0
    const deadline = new ProgressDeadline(clock, () => expired++)
    deadline.limit(1000)
    deadline.limit(5000)
    await clock.jump(4999)
    assert.equal(expired, 0)
    deadline[Symbol.dispose]()
    await clock.jump(5000)
    assert.equal(expired, 0)
  })

  it('comes in time where the limit becomes shorter, and again after a rest', async () => {
    const clock = new JumpingClock(start)
    let expired = 0
    const deadline = new ProgressDeadline(clock, () => expired++)
    deadline.limit(60_000)
    deadline.limit(1000)
    assert.equal(clock.waiting, 1)
    await clock.jump(1000)
    assert.equal(expired, 1)
    deadline[Symbol.dispose]()
    assert.equal(clock.waiting, 0)
    deadline.limit(2000)
    await clock.jump(2000)
    assert.equal(expired, 2)
  })
})
