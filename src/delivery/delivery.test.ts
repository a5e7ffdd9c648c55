import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  accepted,
  acsTraits,
  type Bench,
  bench,
  deviceSetup,
  refused,
  setupOf,
  smtpTraits,
  transient,
  upstreamSetup,
} from '../../test/delivery-harness.ts'
import { hour, minute } from '../core/time.ts'

const anna = 'anna@contoso.com'
const ben = 'ben@contoso.com'
const one = setupOf([upstreamSetup('acs')])
const two = setupOf([upstreamSetup('acs'), upstreamSetup('smarthost')])
const crowd = (count: number) => Array.from({ length: count }, (_, n) => `r${n + 1}@contoso.com`)

describe('a mail on its way out', () => {
  it('is sent at once and accepted', async () => {
    await using box = await bench(one)
    const id = await box.submit([anna])
    await box.rest()
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.deepEqual(
      box.way('acs').sends.map(({ to }) => to),
      [[anna]],
    )
  })

  it('is tried again at its due time and not before, with the same operation id', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () => (acs.sends.length === 1 ? transient() : accepted)
    const id = await box.submit([anna])
    await box.rest()
    const { dueAt, state } = await box.only(id)
    assert.equal(state, 'deferred')
    await box.pass((dueAt ?? 0) - box.clock.wall() - 1)
    assert.equal(acs.sends.length, 1)
    await box.pass(1)
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.equal(acs.sends[1]?.operationId, acs.sends[0]?.operationId)
    assert.equal(acs.sends[1]?.isRepeat, true)
    assert.equal(box.delivery.counters.repeats, 1)
  })

  it('keeps what was said in an attempt that failed, and of one that went well nothing', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.dialogue = 'C: DATA\nS: 451 4.3.0 busy'
    acs.answer = () => (acs.sends.length === 1 ? transient() : accepted)
    const id = await box.submit([anna])
    await box.rest()
    acs.dialogue = undefined
    await box.pass(hour)
    const { attempts } = await box.view(id)
    assert.deepEqual(
      attempts.map(({ outcome, dialogue }) => [outcome, dialogue]),
      [
        ['transient', 'C: DATA\nS: 451 4.3.0 busy'],
        ['accepted', undefined],
      ],
    )
  })

  it('bounces on a verdict about it, with a report to the owner that is no mail of the device', async () => {
    await using box = await bench(one)
    box.way('acs').answer = ({ to }) => (to[0] === anna ? refused() : accepted)
    const id = await box.submit([anna])
    await box.rest()
    assert.deepEqual(await box.states(id), ['bounced'])
    const [report] = await box.reports()
    assert.ok(report)
    assert.deepEqual(
      (await box.view(report)).recipients.map((recipient) => recipient.address),
      ['owner@contoso.com'],
    )
    await box.rest()
    assert.deepEqual(await box.states(report), ['accepted'])
  })

  it('tells per recipient: taken, refused, later', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () =>
      new Map([
        [anna, accepted],
        [ben, refused()],
        ['cara@contoso.com', acs.sends.length === 1 ? transient() : accepted],
        ['owner@contoso.com', accepted],
      ])
    const id = await box.submit([anna, ben, 'cara@contoso.com'])
    await box.rest()
    assert.deepEqual(await box.states(id), ['accepted', 'bounced', 'deferred'])
    await box.pass(3 * minute)
    assert.deepEqual(await box.states(id), ['accepted', 'bounced', 'accepted'])
    const toCara = acs.sends.filter(({ to }) => to.includes('cara@contoso.com'))
    assert.deepEqual(
      toCara.map(({ to }) => to),
      [[anna, ben, 'cara@contoso.com'], ['cara@contoso.com']],
    )
  })
})

describe('a mail to many', () => {
  const groups = (box: Bench) => box.way('acs').sends.map(({ to }) => to.length)

  it('to 120 goes in three calls, each its own operation, nobody twice', async () => {
    await using box = await bench(one, { traits: { acs: acsTraits } })
    const id = await box.submit(crowd(120))
    await box.rest()
    assert.deepEqual(
      groups(box).toSorted((a, b) => b - a),
      [50, 50, 20],
    )
    const { sends } = box.way('acs')
    assert.equal(new Set(sends.map(({ operationId }) => operationId)).size, 3)
    assert.deepEqual(sends.flatMap(({ to }) => to).toSorted(), crowd(120).toSorted())
    assert.deepEqual(new Set(await box.states(id)), new Set(['accepted']))
  })

  it('comes back as one part after a failure, not as many', async () => {
    await using box = await bench(one, { traits: { acs: acsTraits } })
    const acs = box.way('acs')
    acs.answer = () => (acs.sends.length === 1 ? transient() : accepted)
    await box.submit(crowd(50))
    await box.rest()
    await box.pass(3 * minute)
    assert.deepEqual(groups(box), [50, 50])
    assert.equal(acs.sends[0]?.operationId, acs.sends[1]?.operationId)
  })

  it('refused as one is halved until the bad one stands alone; it alone bounces, in one report', async () => {
    await using box = await bench(one, { traits: { acs: acsTraits } })
    const bad = 'r17@contoso.com'
    box.way('acs').answer = ({ to }) => (to.includes(bad) ? refused('message', true) : accepted)
    const id = await box.submit(crowd(50))
    await box.until(async () => (await box.states(id)).includes('bounced'), 'the bad one is found')
    await box.rest()
    const states = await box.states(id)
    assert.equal(states[16], 'bounced')
    assert.equal(states.filter((state) => state === 'accepted').length, 49)
    const reached = box
      .way('acs')
      .sends.filter(({ to }) => !to.includes(bad) && !to.includes('owner@contoso.com'))
      .flatMap(({ to }) => to)
    assert.equal(new Set(reached).size, reached.length, 'nobody twice')
    assert.equal((await box.reports()).length, 1)
    assert.ok(groups(box).length <= 14, `${groups(box)}`)
  })

  it('refused as it is goes at once in the other form of its driver, to all and under the next generation', async () => {
    await using box = await bench(one, { traits: { acs: acsTraits } })
    const acs = box.way('acs')
    acs.answer = ({ isRefusedAsItIs }) =>
      isRefusedAsItIs ? accepted : { ...refused('message', true), hasOtherForm: true }
    const id = await box.submit(crowd(10))
    await box.rest()
    assert.deepEqual(
      acs.sends.map(({ to, part, generation, isRefusedAsItIs }) => [
        to.length,
        part,
        generation,
        isRefusedAsItIs,
      ]),
      [
        [10, 1, 1, false],
        [10, 1, 2, true],
      ],
    )
    assert.notEqual(acs.sends[0]?.operationId, acs.sends[1]?.operationId)
    assert.deepEqual(new Set(await box.states(id)), new Set(['accepted']))
    assert.equal((await box.only(id)).attempts, 1)
  })

  it('refused in both forms is halved in the second', async () => {
    await using box = await bench(one, { traits: { acs: acsTraits } })
    const acs = box.way('acs')
    acs.answer = ({ to, isRefusedAsItIs }) => {
      if (!isRefusedAsItIs) return { ...refused('message', true), hasOtherForm: true }
      return to.includes(ben) ? refused('message', true) : accepted
    }
    const id = await box.submit([anna, ben])
    await box.until(async () => (await box.states(id)).includes('bounced'), 'the bad one is found')
    assert.deepEqual(await box.states(id), ['accepted', 'bounced'])
    assert.deepEqual(
      acs.sends.slice(0, 4).map(({ to, isRefusedAsItIs }) => [to.length, isRefusedAsItIs]),
      [
        [2, false],
        [2, true],
        [1, true],
        [1, true],
      ],
    )
  })

  it('refused as one for its size is not halved: it goes elsewhere as it is', async () => {
    await using box = await bench(two, { traits: { acs: acsTraits } })
    box.way('acs').answer = () => ({ ...refused('message', true), status: '5.3.4' })
    const id = await box.submit(crowd(10))
    await box.rest()
    assert.deepEqual(groups(box), [10])
    assert.equal(box.way('smarthost').sends.length, 1)
    assert.deepEqual(new Set(await box.states(id)), new Set(['accepted']))
  })

  it('refused for an address by what has no envelope is halved; refused for its content it is not', async () => {
    await using box = await bench(one, { traits: { acs: { ...smtpTraits, hasNoEnvelope: true } } })
    const acs = box.way('acs')
    acs.answer = ({ to }) => (to.includes(ben) ? refused('message') : accepted)
    const id = await box.submit([anna, ben])
    await box.until(async () => (await box.states(id)).includes('bounced'), 'the bad one is found')
    assert.deepEqual(await box.states(id), ['accepted', 'bounced'])
    acs.answer = ({ to }) => (to.length > 1 ? { ...refused('message'), status: '5.6.0' } : accepted)
    const other = await box.submit([anna, ben])
    await box.until(async () => (await box.states(other)).includes('bounced'), 'it is refused')
    assert.deepEqual(await box.states(other), ['bounced', 'bounced'])
  })

  it('is refused one by one by what keeps envelopes apart', async () => {
    await using box = await bench(one)
    box.way('acs').answer = ({ to }) => (to.length > 1 ? refused('message') : accepted)
    const id = await box.submit([anna, ben])
    await box.rest()
    assert.deepEqual(await box.states(id), ['bounced', 'bounced'])
    assert.equal((await box.reports()).length, 1)
  })

  it('whose content is gone bounces whole and at once', async () => {
    await using box = await bench(one, { start: false, traits: { acs: acsTraits } })
    const id = await box.submit(crowd(5))
    const { content } = box.spool
    box.spool.content = (wanted) =>
      wanted === id ? Promise.resolve(undefined) : content.call(box.spool, wanted)
    await box.start()
    await box.rest()
    assert.deepEqual(new Set(await box.states(id)), new Set(['bounced']))
  })
})

describe('a refusal that another way out might not share', () => {
  it('sends it there, and remembers', async () => {
    await using box = await bench(two)
    box.way('acs').answer = () => refused('recipient', true)
    const id = await box.submit([anna])
    await box.rest()
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.deepEqual([box.way('acs').sends.length, box.way('smarthost').sends.length], [1, 1])
  })

  it('bounces when the last one refuses', async () => {
    await using box = await bench(two)
    for (const name of ['acs', 'smarthost'])
      box.way(name).answer = ({ to }) => (to.includes(anna) ? refused('recipient', true) : accepted)
    const id = await box.submit([anna])
    await box.rest()
    assert.deepEqual(await box.states(id), ['bounced'])
  })

  it('bounces where the other way out is of a kind that nobody serves', async () => {
    await using box = await bench(two, { unserved: ['smarthost'] })
    box.way('acs').answer = ({ to }) => (to.includes(anna) ? refused('recipient', true) : accepted)
    const id = await box.submit([anna])
    await box.rest()
    assert.deepEqual(await box.states(id), ['bounced'])
  })
})

describe('reports', () => {
  it('are ten an hour for a device; the rest is one alert', async () => {
    await using box = await bench(setupOf([upstreamSetup('acs', { connections: 1 })]))
    box.way('acs').answer = ({ to }) => (to.includes(anna) ? refused() : accepted)
    for (let n = 0; n < 13; n++) await box.submit([anna])
    await box.rest()
    assert.equal((await box.reports()).length, 10)
    assert.deepEqual(box.alerts.keys, ['many-bounces/scanner'])
    await box.pass(hour)
    await box.submit([anna])
    await box.rest()
    assert.equal((await box.reports()).length, 11)
  })

  it('above ten are summed up in one mail at the end of the hour, or at the stop', async () => {
    await using box = await bench(setupOf([upstreamSetup('acs', { connections: 1 })]))
    const acs = box.way('acs')
    acs.answer = ({ to }) => (to.includes(anna) ? refused() : transient())
    const summaries = async () =>
      (await box.spool.queue({ all: true, limit: 1000 })).filter(({ kind }) => kind === 'alert')
    const ids = []
    for (let n = 0; n < 13; n++) ids.push(await box.submit([anna]))
    await box.rest()
    assert.deepEqual(await summaries(), [])
    await box.pass(hour + minute, minute)
    const [summary, ...others] = await summaries()
    assert.ok(summary)
    assert.deepEqual(
      [summary.subject, summary.address, summary.state, others],
      ['Not delivered: 3 more of scanner', 'owner@contoso.com', 'deferred', []],
    )
    const content = await box.spool.content(summary.message)
    const octets = await Array.fromAsync(content?.read() ?? [])
    const text = Buffer.concat(octets).toString()
    assert.equal(ids.filter((id) => text.includes(`${id}  ${anna}  no such user`)).length, 3, text)
    for (let n = 0; n < 11; n++) await box.submit([anna])
    await box.rest()
    await box.stop()
    assert.equal((await summaries()).length, 2)
  })

  it('make no report when they bounce themselves', async () => {
    await using box = await bench(one)
    box.way('acs').answer = () => refused()
    await box.submit([anna])
    await box.rest()
    assert.equal((await box.reports()).length, 1)
    assert.deepEqual(box.alerts.keys, ['owner-mail-bounced/scanner'])
  })
})

describe('test mail', () => {
  it('never leaves, whatever is set up', async () => {
    await using box = await bench(
      setupOf([upstreamSetup('acs')], [deviceSetup('scanner', { route: ['acs'] })]),
    )
    const id = await box.submit(['test@branch-07.local'], { kind: 'test', route: ['acs'] })
    await box.until(async () => (await box.only(id)).state === 'accepted', 'answered')
    assert.deepEqual([box.way('acs').sends.length, box.way('outbox').sends.length], [0, 1])
  })
})

describe('an operator', () => {
  it('holds, releases, retries and drops', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () => transient()
    const [held, dropped, retried] = [
      await box.submit([anna]),
      await box.submit([anna]),
      await box.submit([anna]),
    ]
    await box.rest()
    await box.spool.operate('hold', { message: held }, box.clock.wall())
    await box.spool.operate('drop', { message: dropped }, box.clock.wall())
    acs.answer = () => accepted
    await box.spool.operate('retry', { message: retried }, box.clock.wall())
    box.delivery.poke()
    await box.until(async () => (await box.only(retried)).state === 'accepted', 'retried')
    await box.pass(hour)
    assert.deepEqual([await box.states(held), await box.states(dropped)], [['held'], ['dropped']])
    await box.spool.operate('release', { message: held }, box.clock.wall())
    box.delivery.poke()
    await box.until(async () => (await box.only(held)).state === 'accepted', 'released')
    assert.equal((await box.reports()).length, 0)
  })
})

describe('what happened', () => {
  it('is counted by way out and outcome, and kept as attempts', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () => (acs.sends.length === 1 ? transient() : accepted)
    const id = await box.submit([anna])
    await box.rest()
    await box.pass(3 * minute)
    assert.deepEqual(
      [...box.delivery.counters.attempts],
      [
        ['acs transient', 1],
        ['acs accepted', 1],
      ],
    )
    const { attempts } = await box.view(id)
    assert.deepEqual(
      attempts.map(({ number, outcome }) => [number, outcome]),
      [
        [1, 'transient'],
        [2, 'accepted'],
      ],
    )
  })
})
