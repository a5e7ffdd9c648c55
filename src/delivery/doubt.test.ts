import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  accepted,
  acsTraits,
  type Bench,
  bench,
  confirmed,
  indeterminate,
  paused,
  refused,
  setupOf,
  throttled,
  transient,
  upstreamSetup,
} from '../../test/delivery-harness.ts'
import type { Setup } from '../core/setup.ts'
import { day, hour, minute, second } from '../core/time.ts'

const anna = 'anna@contoso.com'
const ben = 'ben@contoso.com'
const one = setupOf([upstreamSetup('acs')])
const two = setupOf([upstreamSetup('acs'), upstreamSetup('smarthost')])
const unknown = transient('not-found')
const askable = (setup: Setup = one): Promise<Bench> => bench(setup, { traits: { acs: acsTraits } })
const confirming = (): Promise<Bench> => bench(one, { traits: { acs: { ...acsTraits, canConfirm: true } } })

describe('a mail whose fate is unknown, where the service can be asked', () => {
  it('is asked for and found taken: never sent again', async () => {
    await using box = await askable(two)
    const acs = box.way('acs')
    acs.answer = () => indeterminate
    const id = await box.submit([anna])
    await box.rest()
    assert.deepEqual(await box.states(id), ['indeterminate'])
    assert.equal(acs.asked.length, 0, 'not in the same breath')
    await box.pass(10 * second)
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.deepEqual(acs.asked, [acs.sends[0]?.operationId])
    await box.pass(2 * day, 6 * hour)
    assert.equal(acs.sends.length + box.way('smarthost').sends.length, 1)
  })

  it('goes again under the same operation id when it was unknown twice, a minute apart', async () => {
    await using box = await askable(two)
    const acs = box.way('acs')
    acs.answer = () => (acs.sends.length === 1 ? indeterminate : accepted)
    acs.answerAsk = () => unknown
    const id = await box.submit([anna])
    await box.rest()
    await box.pass(70 * second, second)
    assert.deepEqual([acs.asked.length, acs.sends.length], [1, 1])
    await box.pass(2 * second, second)
    assert.deepEqual([acs.asked.length, acs.sends.length], [2, 2])
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.equal(acs.sends[1]?.operationId, acs.sends[0]?.operationId)
    assert.equal(acs.sends[1]?.isRepeat, true)
    assert.equal(box.delivery.counters.repeats, 1)
    assert.equal(box.way('smarthost').sends.length, 0)
  })

  it('is asked for twice anew after each repeat, never repeated within a minute', async () => {
    await using box = await askable()
    const acs = box.way('acs')
    acs.answer = () => (acs.sends.length < 4 ? indeterminate : accepted)
    acs.answerAsk = () => unknown
    const id = await box.submit([anna])
    await box.rest()
    await box.pass(6 * minute, second)
    assert.deepEqual(await box.states(id), ['accepted'])
    const times = acs.sends.map(({ at }) => at)
    for (const [n, at] of times.entries()) if (n > 0) assert.ok(at - (times[n - 1] ?? 0) >= 61_000)
    assert.equal(acs.asked.length, 6)
    assert.equal(new Set(acs.sends.map(({ operationId }) => operationId)).size, 1)
  })

  it('is not given up for an answer that says nothing: a refusal to tell, a busy service', async () => {
    await using box = await askable(two)
    const acs = box.way('acs')
    acs.answer = () => indeterminate
    const answers = [
      throttled(2 * minute),
      transient('http-503'),
      transient('denied'),
      unknown,
      transient('x'),
    ]
    acs.answerAsk = () => answers[acs.asked.length - 1] ?? accepted
    const id = await box.submit([anna])
    await box.rest()
    await box.pass(hour, minute)
    assert.deepEqual([acs.asked.length, acs.sends.length], [6, 1])
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.equal(box.way('smarthost').sends.length, 0)
  })

  it('bounces when the answer is that it failed for good', async () => {
    await using box = await askable()
    box.way('acs').answer = ({ to }) => (to.includes(anna) ? indeterminate : accepted)
    box.way('acs').answerAsk = () => refused()
    const id = await box.submit([anna])
    await box.rest()
    await box.pass(10 * second)
    assert.deepEqual(await box.states(id), ['bounced'])
    assert.equal((await box.reports()).length, 1)
  })

  it('is asked for less and less often, and ends with its lifetime', async () => {
    await using box = await askable()
    const acs = box.way('acs')
    acs.answer = ({ to }) => (to.includes(anna) ? indeterminate : accepted)
    acs.answerAsk = () => transient('http-503')
    const id = await box.submit([anna])
    await box.rest()
    await box.pass(4 * day, hour)
    assert.deepEqual(await box.states(id), ['indeterminate'])
    assert.ok(acs.asked.length < 130, `${acs.asked.length} questions`)
    await box.pass(2 * day, hour)
    assert.deepEqual(await box.states(id), ['expired'])
    assert.equal(acs.sends.filter(({ to }) => to.includes(anna)).length, 1)
  })

  it('spares the quota of questions', async () => {
    const few = { ...acsTraits, askQuota: { perHour: 2 } }
    await using box = await bench(one, { traits: { acs: few } })
    box.way('acs').answer = () => indeterminate
    for (let n = 0; n < 5; n++) await box.submit([anna])
    await box.rest()
    await box.pass(50 * minute, minute)
    assert.equal(box.way('acs').asked.length, 2)
    await box.pass(2 * hour, minute)
    assert.equal(box.way('acs').asked.length, 5)
  })
})

describe('a mail whose fate is unknown, where nobody can be asked', () => {
  it('is sent again later by the same way, and counted', async () => {
    await using box = await bench(two)
    const acs = box.way('acs')
    acs.answer = () => (acs.sends.length === 1 ? indeterminate : accepted)
    const id = await box.submit([anna])
    await box.rest()
    await box.pass(15 * minute - 1)
    assert.equal(acs.sends.length, 1)
    await box.pass(1)
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.deepEqual([box.delivery.counters.repeats, box.way('smarthost').sends.length], [1, 0])
    assert.equal(acs.sends[1]?.isRepeat, true)
  })

  for (const [name, again] of [
    ['a pause', paused()],
    ['a quota', throttled(hour)],
    ['a failure', transient()],
    ['a refusal that another way might not share', refused('message', true)],
  ] as const)
    it(`does not change its way out for ${name} at the repeat`, async () => {
      await using box = await bench(two)
      const acs = box.way('acs')
      acs.answer = () => (acs.sends.length === 1 ? indeterminate : again)
      const id = await box.submit([anna])
      await box.rest()
      await box.pass(20 * minute, minute)
      assert.equal(acs.sends.length >= 2, true)
      const toAnna = box.way('smarthost').sends.filter(({ to }) => to.includes(anna))
      assert.equal(toAnna.length, 0)
      const expected = again.kind === 'permanent' ? 'bounced' : 'indeterminate'
      assert.deepEqual(await box.states(id), [expected])
    })

  it('stays on its way when the settings, and so its octets, change', async () => {
    await using box = await bench(two)
    const acs = box.way('acs')
    acs.answer = () => (acs.sends.length === 1 ? indeterminate : transient())
    const id = await box.submit([anna])
    await box.rest()
    const devices = one.devices.map((device) => ({ ...device, subjectPrefix: '[scan] ' }))
    await box.apply({ ...two, devices })
    await box.pass(15 * minute)
    assert.equal(acs.sends.length, 2)
    assert.notEqual(acs.sends[1]?.operationId, acs.sends[0]?.operationId)
    assert.deepEqual(await box.states(id), ['indeterminate'], 'the doubt goes on')
    assert.equal(box.delivery.counters.repeats, 1)
    assert.equal(box.way('smarthost').sends.length, 0)
  })

  it('is repeated no longer than its lifetime', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = ({ to }) => (to.includes(anna) ? indeterminate : accepted)
    const id = await box.submit([anna])
    await box.pass(6 * day, hour)
    assert.deepEqual(await box.states(id), ['expired'])
    assert.ok(acs.sends.length < 50, `${acs.sends.length} copies`)
  })

  it('keeps the doubt of one recipient apart from what is known of others', async () => {
    await using box = await bench(two)
    const acs = box.way('acs')
    acs.answer = () =>
      acs.sends.length === 1
        ? new Map([
            [anna, indeterminate],
            [ben, transient()],
          ])
        : accepted
    const id = await box.submit([anna, ben])
    await box.rest()
    assert.deepEqual(await box.states(id), ['indeterminate', 'deferred'])
    await box.pass(16 * minute, minute)
    assert.deepEqual(await box.states(id), ['accepted', 'accepted'])
    const to = (who: string) => acs.sends.filter((call) => call.to.includes(who)).length
    assert.deepEqual([to(anna), to(ben)], [2, 2])
  })
})

describe('what was taken and can be confirmed', () => {
  it('is asked for twice at most', async () => {
    await using box = await confirming()
    const acs = box.way('acs')
    acs.answerAsk = () => accepted
    const id = await box.submit([anna])
    await box.rest()
    await box.pass(29 * second)
    assert.equal(acs.asked.length, 0)
    await box.pass(1 * second)
    assert.equal(acs.asked.length, 1)
    await box.pass(5 * minute)
    await box.pass(1 * day, hour)
    assert.equal(acs.asked.length, 2)
    assert.deepEqual(await box.states(id), ['accepted'])
  })

  it('becomes confirmed, and is asked for no more', async () => {
    await using box = await confirming()
    box.way('acs').answerAsk = () => confirmed
    const id = await box.submit([anna])
    await box.rest()
    await box.pass(hour, minute)
    assert.deepEqual(await box.states(id), ['confirmed'])
    assert.equal(box.way('acs').asked.length, 1)
  })

  it('bounces with a report when the service says later that it failed', async () => {
    await using box = await confirming()
    const acs = box.way('acs')
    acs.answerAsk = (reference) => (reference === acs.sends[0]?.operationId ? refused() : confirmed)
    const id = await box.submit([anna])
    await box.rest()
    await box.pass(minute)
    assert.deepEqual(await box.states(id), ['bounced'])
    assert.equal((await box.reports()).length, 1)
  })

  it('is sent once more under a new operation when the service failed by its own fault, and not twice', async () => {
    await using box = await confirming()
    const acs = box.way('acs')
    acs.answerAsk = () => transient('operation-failed-internally')
    const id = await box.submit([anna])
    await box.rest()
    await box.pass(30 * second)
    const toAnna = () => acs.sends.filter(({ to }) => to.includes(anna))
    assert.deepEqual(
      toAnna().map(({ part, generation }) => [part, generation]),
      [
        [1, 1],
        [1, 2],
      ],
    )
    assert.notEqual(toAnna()[0]?.operationId, toAnna()[1]?.operationId)
    await box.pass(minute, second)
    assert.equal(toAnna().length, 2)
    assert.deepEqual(await box.states(id), ['bounced'])
  })
})

describe('a restart', () => {
  const cut = async (box: Bench, id: Parameters<Bench['states']>[0]): Promise<void> => {
    await box.until(async () => (await box.states(id)).includes('sending'), 'on the wire')
    await box.powerCut()
  }

  it('in the middle of a send asks first', async () => {
    await using box = await askable(two)
    box.way('acs').answer = () => new Promise<never>(() => {})
    const id = await box.submit([anna])
    await cut(box, id)
    box.way('acs').answer = () => accepted
    await box.start()
    await box.until(async () => (await box.only(id)).state === 'accepted', 'asked')
    assert.deepEqual([box.way('acs').asked.length, box.way('acs').sends.length], [1, 1])
    assert.equal(box.way('smarthost').sends.length, 0)
  })

  it('in the middle of a send repeats on the same way where nobody can be asked', async () => {
    await using box = await bench(two)
    box.way('acs').answer = () => new Promise<never>(() => {})
    const id = await box.submit([anna])
    await cut(box, id)
    box.way('acs').answer = () => accepted
    await box.start()
    await box.until(async () => (await box.only(id)).state === 'accepted', 'repeated')
    assert.deepEqual([box.way('acs').sends.length, box.delivery.counters.repeats], [2, 1])
    assert.equal(box.way('acs').sends[1]?.operationId, box.way('acs').sends[0]?.operationId)
  })

  it('settles on an upstream that has left the settings', async () => {
    await using box = await askable(two)
    box.way('acs').answer = () => new Promise<never>(() => {})
    const id = await box.submit([anna])
    await cut(box, id)
    box.setup = setupOf([upstreamSetup('smarthost')])
    box.retired = [upstreamSetup('acs')]
    await box.start()
    await box.until(async () => (await box.only(id)).state === 'accepted', 'asked')
    assert.equal(box.way('smarthost').sends.length, 0)
    const states = box.delivery.status(await box.spool.counts()).map(({ name, state }) => `${name} ${state}`)
    assert.deepEqual(states, ['smarthost ready', 'acs retired'])
  })
})

describe('a fault of our own', () => {
  it('in a driver is doubt, not silence', async () => {
    await using box = await askable()
    box.tolerated.push('driver-failed')
    const acs = box.way('acs')
    acs.answer = () => {
      throw new Error('planted')
    }
    const id = await box.submit([anna])
    await box.rest()
    assert.deepEqual(await box.states(id), ['indeterminate'])
    await box.pass(10 * second)
    assert.deepEqual(await box.states(id), ['accepted'])
  })

  it('in preparing is tried again later, not at once and for ever', async () => {
    await using box = await bench(one)
    box.tolerated.push('preparation-failed')
    const acs = box.way('acs')
    let tries = 0
    acs.refusal = () => {
      tries += 1
      if (tries < 3) throw new Error('planted')
      return undefined
    }
    const id = await box.submit([anna])
    await box.rest()
    assert.equal(tries, 1)
    await box.pass(5 * minute, minute)
    assert.deepEqual(await box.states(id), ['accepted'])
  })

  it('of the disk loses no outcome: it is written when that is possible again', async () => {
    await using box = await bench(one)
    box.tolerated.push('outcome-not-written')
    const { settle } = box.spool
    let failures = 3
    box.spool.settle = (settlement) => {
      if (settlement.attempt && failures-- > 0) return Promise.reject(new Error('disk full'))
      return settle.call(box.spool, settlement)
    }
    const id = await box.submit([anna])
    await box.until(() => box.errors.length > 0, 'the first failure')
    await box.until(async () => {
      await box.clock.jump(5 * second)
      return (await box.only(id)).state === 'accepted'
    }, 'written')
    assert.equal(box.way('acs').sends.length, 1)
  })

  it('of the disk before the socket opens does not spin', async () => {
    await using box = await bench(one)
    box.tolerated.push('courier-failed')
    const { start } = box.spool
    let tries = 0
    box.spool.start = (wish) => {
      tries += 1
      return tries < 3 ? Promise.reject(new Error('disk full')) : start.call(box.spool, wish)
    }
    const id = await box.submit([anna])
    await box.until(() => box.errors.length === 1, 'the first failure')
    assert.equal(tries, 1)
    await box.until(async () => {
      await box.clock.jump(5 * second)
      return (await box.only(id)).state === 'accepted'
    }, 'sent')
    assert.deepEqual([tries, box.way('acs').sends.length], [3, 1])
  })
})
