import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  accepted,
  bench,
  indeterminate,
  paused,
  setupOf,
  unreachable,
  upstreamSetup,
} from '../../test/delivery-harness.ts'
import type { Outcome } from '../core/outcome.ts'
import { minute, second } from '../core/time.ts'

const anna = 'anna@contoso.com'
const one = setupOf([upstreamSetup('smarthost', { connections: 1 })])

describe('a stop', () => {
  it('waits for the answer that is on its way: taken, and not in doubt', async () => {
    await using box = await bench(one)
    const way = box.way('smarthost')
    const answer = Promise.withResolvers<Outcome>()
    way.answer = (_, signal) => {
      signal.addEventListener('abort', () => answer.resolve(indeterminate), { once: true })
      return answer.promise
    }
    const id = await box.submit([anna])
    const later = await box.submit([anna])
    await box.until(() => way.sends.length === 1, 'on the wire')
    const stopped = box.stop(new AbortController().signal)
    await new Promise((resolve) => setImmediate(resolve))
    answer.resolve(accepted)
    await stopped
    assert.deepEqual([await box.states(id), await box.states(later)], [['accepted'], ['queued']])
    assert.equal(way.sends.length, 1, 'nothing new begins')
    assert.equal(way.disposals, 1)
  })

  it('cuts off what has no answer when its time is over, and writes down the doubt', async () => {
    await using box = await bench(one)
    const way = box.way('smarthost')
    const time = new AbortController()
    way.answer = (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(indeterminate), { once: true })
      })
    const id = await box.submit([anna])
    await box.until(() => way.sends.length === 1, 'on the wire')
    const stopped = box.stop(time.signal)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(await box.states(id), ['sending'])
    time.abort()
    await stopped
    assert.deepEqual(await box.states(id), ['indeterminate'])
    assert.equal((await box.view(id)).attempts[0]?.outcome, 'indeterminate')
  })

  it('does not wait for a probe', async () => {
    await using box = await bench(one)
    const way = box.way('smarthost')
    way.answer = () => paused()
    way.answerProbe = (signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'transient', code: 'stopped', detail: '' }))
      })
    await box.submit([anna])
    await box.rest()
    await box.clock.jump(5 * minute)
    await box.until(() => way.probes === 1, 'probed')
    await box.stop(new AbortController().signal)
  })
})

describe('a spool that fails to be read', () => {
  it('when the next due time is looked for is logged, and sending goes on a little later', async () => {
    await using box = await bench(one)
    box.tolerated.push('scheduler-round-failed')
    const { nextDueAt } = box.spool
    let failures = 0
    box.spool.nextDueAt = () => {
      failures += 1
      return Promise.reject(new Error('disk I/O error'))
    }
    box.way('smarthost').answer = () => (failures === 0 ? unreachable : accepted)
    await box.submit([anna])
    await box.until(() => failures > 0, 'a failed read')
    await box.until(() => box.errors.length > 0, 'it is logged')
    box.spool.nextDueAt = () => nextDueAt.call(box.spool)
    const id = await box.submit([anna])
    await box.until(async () => {
      await box.clock.jump(5 * second)
      return (await box.only(id)).state === 'accepted'
    }, 'sent')
  })
})
