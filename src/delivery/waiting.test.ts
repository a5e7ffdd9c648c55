import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  accepted,
  acsTraits,
  address,
  bench,
  deviceSetup,
  noon,
  paused,
  scanOf,
  setupOf,
  smtpTraits,
  throttled,
  transient,
  unreachable,
  upstreamSetup,
} from '../../test/delivery-harness.ts'
import type { MessageId } from '../core/message-id.ts'
import { day, hour, minute, second, wallMs } from '../core/time.ts'
import type { ProbeOutcome } from '../core/upstream.ts'

const anna = 'anna@contoso.com'
const one = setupOf([upstreamSetup('acs')])
const two = setupOf([upstreamSetup('acs'), upstreamSetup('smarthost')])
const expired = paused('secret-expired')
const keyMissing = paused('key-missing')

describe('a paused way out', () => {
  it('parks its mail with the reason, raises an alert and uses no attempt', async () => {
    await using box = await bench(one)
    box.way('acs').answer = () => expired
    const id = await box.submit([anna])
    await box.rest()
    const { state, attempts, waitingFor, reason } = await box.only(id)
    assert.deepEqual([state, attempts, waitingFor, reason], ['deferred', 0, 'acs', 'it says secret-expired'])
    assert.deepEqual(box.alerts.keys, ['upstream-paused/acs'])
    const [status] = box.delivery.status(await box.spool.counts())
    assert.deepEqual([status?.state, status?.waiting, status?.remedy], ['paused', 1, 'cure it'])
  })

  it('takes no more mail, and writes the queue no more than once for each', async () => {
    await using box = await bench(one)
    box.way('acs').answer = () => expired
    box.way('acs').answerProbe = () => expired
    await box.submit([anna])
    await box.rest()
    const ids = [await box.submit([anna]), await box.submit([anna])]
    await box.rest()
    assert.equal(box.way('acs').sends.length, 1)
    let writes = 0
    const { settle } = box.spool
    box.spool.settle = (settlement) => {
      writes += settlement.changes.length
      return settle.call(box.spool, settlement)
    }
    await box.pass(5 * hour, minute)
    assert.equal(writes, 0)
    assert.ok(box.way('acs').probes >= 6)
    assert.deepEqual(await box.states(ids[0] ?? assert.fail()), ['deferred'])
  })

  it('is known to new mail, whether it is the only one or one of two', async () => {
    const waits = { waitingFor: 'acs', code: 'secret-expired', reason: 'it says secret-expired' }
    for (const setup of [one, two]) {
      await using box = await bench(setup)
      const id = await box.spool.takeId()
      const mail = box.message(id, scanOf(id), [anna])
      assert.equal(box.delivery.parking(mail), undefined)
      for (const { name } of setup.upstreams) box.way(name).answer = () => expired
      await box.submit([anna])
      await box.rest()
      assert.deepEqual(box.delivery.parking(mail), waits)
      assert.equal(box.delivery.parking({ ...mail, route: ['elsewhere'] }), undefined)
    }
  })

  it('is probed, tries one mail, then lets all go, and the alert ends', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () => expired
    const ids = []
    for (let n = 0; n < 6; n++) ids.push(await box.submit([anna]))
    await box.rest()
    const before = acs.sends.length
    const held = Promise.withResolvers<void>()
    acs.answer = async () => {
      await held.promise
      return accepted
    }
    await box.clock.jump(5 * minute)
    await box.until(() => acs.sends.length > before, 'the one mail')
    await box.rest(1)
    assert.deepEqual([acs.probes, acs.sends.length - before], [1, 1])
    assert.deepEqual(box.alerts.keys, ['upstream-paused/acs'])
    held.resolve()
    await box.rest()
    assert.equal(acs.sends.length - before, 6)
    for (const id of ids) assert.deepEqual(await box.states(id), ['accepted'])
    assert.deepEqual(box.alerts.keys, [])
  })

  it('is paused again, for longer, when the one mail fails', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () => expired
    const id = await box.submit([anna])
    await box.rest()
    await box.pass(5 * minute)
    assert.deepEqual([acs.probes, acs.sends.length], [1, 2])
    await box.pass(14 * minute)
    assert.equal(acs.probes, 1)
    await box.pass(1 * minute)
    assert.deepEqual([acs.probes, acs.sends.length], [2, 3])
    assert.deepEqual((await box.only(id)).attempts, 0)
  })

  it('sends nothing where the probe fails, and needs no mail where none waits', async () => {
    await using box = await bench(two)
    const acs = box.way('acs')
    acs.answer = () => expired
    acs.answerProbe = () => (acs.probes < 2 ? expired : { kind: 'usable' })
    await box.submit([anna])
    await box.rest()
    assert.equal(box.way('smarthost').sends.length, 1)
    await box.pass(5 * minute)
    assert.deepEqual(box.alerts.keys, ['upstream-paused/acs'])
    await box.pass(15 * minute)
    assert.deepEqual([acs.probes, acs.sends.length, box.alerts.keys], [2, 1, []])
  })

  it('lets a mail to many go as the one call that it was', async () => {
    await using box = await bench(one, { traits: { acs: acsTraits } })
    const acs = box.way('acs')
    acs.answer = () => (acs.sends.length === 1 ? expired : accepted)
    await box.submit(Array.from({ length: 50 }, (_, n) => `r${n}@contoso.com`))
    await box.rest()
    await box.pass(5 * minute)
    assert.deepEqual(
      acs.sends.map(({ to }) => to.length),
      [50, 50],
    )
    assert.equal(acs.sends[1]?.operationId, acs.sends[0]?.operationId)
  })

  it('is tried at once after other settings, even where only a secret changed', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () => expired
    const id = await box.submit([anna])
    await box.rest()
    acs.answer = () => accepted
    await box.apply(one)
    await box.until(async () => (await box.only(id)).state === 'accepted', 'sent without time passing')
    assert.equal(box.clock.wall(), noon)
  })

  it('never bounces its mail: it waits 29 days and flows', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () => expired
    acs.answerProbe = () => expired
    const id = await box.submit([anna])
    await box.pass(29 * day, 3 * hour)
    assert.deepEqual(await box.states(id), ['deferred'])
    acs.answer = () => accepted
    acs.answerProbe = () => ({ kind: 'usable' })
    await box.pass(2 * hour)
    assert.deepEqual(await box.states(id), ['accepted'])
  })

  it('ends the wait after 30 days, with a report', async () => {
    await using box = await bench(one)
    box.way('acs').answer = () => expired
    box.way('acs').answerProbe = () => expired
    const id = await box.submit([anna])
    await box.pass(31 * day, 6 * hour)
    const { state, status } = await box.only(id)
    assert.deepEqual([state, status], ['expired', '5.4.7'])
    assert.equal((await box.reports()).length, 1)
  })

  it('is still paused after a restart', async () => {
    await using box = await bench(one)
    box.way('acs').answer = () => expired
    await box.submit([anna])
    await box.rest()
    await box.restart()
    await box.submit([anna])
    await box.rest()
    assert.equal(box.way('acs').sends.length, 1)
    box.way('acs').answer = () => accepted
    await box.pass(5 * minute)
    assert.equal(box.way('acs').sends.length, 3)
  })

  it('is tried at once after a restart where only the box itself lacked something', async () => {
    await using box = await bench(one)
    box.way('acs').answer = () => keyMissing
    await box.submit([anna])
    await box.rest()
    await box.restart()
    box.way('acs').answer = () => accepted
    await box.rest()
    assert.equal(box.way('acs').sends.length, 2)
  })
})

describe('a pause by hand', () => {
  it('survives a restart, new settings and any time, and ends by hand', async () => {
    await using box = await bench(one)
    assert.equal(await box.delivery.pause('acs'), 'changed')
    assert.equal(await box.delivery.pause('acs'), 'unchanged')
    const id = await box.submit([anna])
    await box.rest()
    await box.restart()
    await box.apply(setupOf([upstreamSetup('acs', { connections: 5 })]))
    await box.pass(2 * day, 6 * hour)
    assert.deepEqual([box.way('acs').sends.length, box.way('acs').probes], [0, 0])
    assert.equal((await box.only(id)).state, 'deferred')
    assert.equal(await box.delivery.resume('acs'), 'changed')
    assert.equal(await box.delivery.resume('acs'), 'unchanged')
    await box.rest()
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.deepEqual(box.alerts.keys, [])
  })

  it('sends what waits there another way', async () => {
    await using box = await bench(two)
    box.way('acs').answer = () => throttled(4 * minute)
    const id = await box.submit([anna])
    await box.rest()
    assert.equal((await box.only(id)).waitingFor, 'acs', 'for so short a time it waits')
    await box.delivery.pause('acs')
    await box.until(async () => (await box.only(id)).state === 'accepted', 'by the other way')
    assert.equal(box.way('smarthost').sends.length, 1)
  })

  it('is not lifted by a probe that was under way', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () => expired
    const probed = Promise.withResolvers<ProbeOutcome>()
    acs.answerProbe = () => probed.promise
    await box.submit([anna])
    await box.rest()
    await box.clock.jump(5 * minute)
    await box.until(() => acs.probes === 1, 'the probe')
    await box.delivery.pause('acs')
    probed.resolve({ kind: 'usable' })
    await box.rest()
    await box.pass(day)
    const [status] = box.delivery.status(await box.spool.counts())
    assert.deepEqual([status?.state, status?.reason, acs.sends.length], ['paused', 'paused by hand', 1])
  })

  it('finds what the settings name since a moment ago', async () => {
    await using box = await bench(one)
    box.setup = two
    assert.equal(await box.delivery.pause('smarthost'), 'changed')
  })

  it('is refused for what is not there', async () => {
    await using box = await bench(one)
    assert.deepEqual(
      [await box.delivery.pause('nobody'), await box.delivery.resume('nobody')],
      ['unknown', 'unknown'],
    )
  })
})

describe('a paused sender', () => {
  const picky = setupOf(
    [
      upstreamSetup('acs'),
      upstreamSetup('smarthost', { senders: ['*@fabrikam.com'], sender: address('relay@fabrikam.com') }),
    ],
    [deviceSetup('scanner'), deviceSetup('ups', { sender: address('ups@contoso.com') })],
  )
  const unlinked = paused('domain-not-linked', 'sender')

  it('leaves by the next way out under its sender, while others go on by the first', async () => {
    await using box = await bench(picky)
    box.way('acs').answer = ({ sender }) => (sender === 'scanner@contoso.com' ? unlinked : accepted)
    const first = await box.submit([anna])
    await box.rest()
    const second = await box.submit([anna])
    const other = await box.submit([anna], { device: 'ups' })
    await box.rest()
    for (const id of [first, second, other]) assert.deepEqual(await box.states(id), ['accepted'])
    assert.deepEqual(
      box.way('acs').sends.map(({ sender }) => sender),
      ['scanner@contoso.com', 'ups@contoso.com'],
    )
    assert.deepEqual(
      box.way('smarthost').sends.map(({ sender }) => sender),
      ['relay@fabrikam.com', 'relay@fabrikam.com'],
    )
    assert.deepEqual(box.alerts.keys, ['upstream-paused/acs <scanner@contoso.com>'])
  })

  it('waits under its own name where there is no other way, and is tried by its own mail', async () => {
    await using box = await bench(setupOf([upstreamSetup('Exchange Online')]))
    const exchange = box.way('Exchange Online')
    exchange.answer = () => unlinked
    const id = await box.submit([anna])
    await box.rest()
    assert.equal((await box.only(id)).waitingFor, 'Exchange Online <scanner@contoso.com>')
    exchange.answer = () => accepted
    await box.pass(5 * minute)
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.deepEqual([exchange.probes, box.alerts.keys], [0, []])
  })
})

describe("a 'too many'", () => {
  it('uses no attempt, and the mail goes when it may', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () => (acs.sends.length === 1 ? throttled(2 * minute) : accepted)
    const id = await box.submit([anna])
    await box.rest()
    const { state, attempts, waitingFor } = await box.only(id)
    assert.deepEqual([state, attempts, waitingFor], ['deferred', 0, 'acs'])
    await box.pass(2 * minute - 1)
    assert.equal(acs.sends.length, 1)
    await box.pass(1)
    assert.deepEqual(await box.states(id), ['accepted'])
  })

  it('for longer than mail has patience sends it another way', async () => {
    await using box = await bench(two)
    box.way('acs').answer = () => throttled(10 * minute)
    const id = await box.submit([anna])
    await box.rest()
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.equal(box.way('smarthost').sends.length, 1)
  })

  it('below the own share is told, until the rate has recovered', async () => {
    await using box = await bench(setupOf([upstreamSetup('acs', { quota: { perMinute: 30 } })]))
    const acs = box.way('acs')
    acs.answer = () => (acs.sends.length === 1 ? throttled(minute) : accepted)
    await box.submit([anna])
    await box.rest()
    assert.deepEqual(box.alerts.keys, ['quota-shared/acs'])
    await box.pass(hour)
    await box.submit([anna])
    await box.rest()
    assert.deepEqual(box.alerts.keys, [])
  })
})

describe('a quota', () => {
  const limited = setupOf([upstreamSetup('acs', { connections: 10, quota: { perMinute: 3 } })])

  it('is never exceeded, however many connections there are', async () => {
    await using box = await bench(limited)
    const acs = box.way('acs')
    for (let n = 0; n < 10; n++) await box.submit([anna])
    await box.rest()
    assert.equal(acs.sends.length, 3)
    await box.pass(5 * minute, minute / 4)
    assert.equal(acs.sends.length, 10)
    for (const { at } of acs.sends) {
      const inside = acs.sends.filter((other) => other.at <= at && other.at > at - minute)
      assert.ok(inside.length <= 3, `${inside.length} in a minute`)
    }
  })

  it('counts before a restart, too', async () => {
    await using box = await bench(limited)
    for (let n = 0; n < 3; n++) await box.submit([anna])
    await box.rest()
    await box.restart()
    const id = await box.submit([anna])
    await box.rest()
    assert.equal(box.way('acs').sends.length, 3)
    await box.pass(minute)
    assert.deepEqual(await box.states(id), ['accepted'])
  })

  it('is not used up by what is refused before it is sent', async () => {
    await using box = await bench(limited)
    const acs = box.way('acs')
    acs.refusal = ({ recipients }) =>
      recipients[0]?.address === anna ? { ...transient('not-ready') } : undefined
    for (let n = 0; n < 5; n++) await box.submit([anna])
    await box.rest()
    const id = await box.submit(['ben@contoso.com'])
    await box.rest()
    assert.deepEqual(await box.states(id), ['accepted'])
  })

  it('of recipients lets a large mail wait without turning the queue over and over', async () => {
    await using box = await bench(setupOf([upstreamSetup('acs', { quota: { recipientsPerDay: 10 } })]))
    await box.submit(Array.from({ length: 8 }, (_, n) => `r${n}@contoso.com`))
    await box.rest()
    const id = await box.submit(Array.from({ length: 5 }, (_, n) => `r${n}@contoso.com`))
    await box.rest()
    let settlements = 0
    const { settle } = box.spool
    box.spool.settle = (settlement) => {
      settlements += 1
      return settle.call(box.spool, settlement)
    }
    await box.pass(2 * hour, minute)
    assert.ok(settlements <= 2 * 12 + 2, `${settlements} in two hours`)
    await box.pass(day)
    assert.deepEqual(new Set(await box.states(id)), new Set(['accepted']))
  })
})

describe('an outage', () => {
  it('pauses the way out after three failures, and lets everything flow when it is over', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () => unreachable
    acs.answerProbe = () => ({ kind: 'transient', code: 'unreachable', detail: 'down' })
    const ids = [await box.submit([anna]), await box.submit([anna]), await box.submit([anna])]
    await box.rest()
    assert.deepEqual(box.alerts.keys, ['upstream-paused/acs'])
    const sent = acs.sends.length
    await box.pass(hour)
    assert.equal(acs.sends.length, sent)
    acs.answer = () => accepted
    acs.answerProbe = () => ({ kind: 'usable' })
    await box.pass(hour)
    for (const id of ids) assert.deepEqual(await box.states(id), ['accepted'])
    assert.deepEqual(box.alerts.keys, [])
  })

  it('of 14 days expires nothing, for one mail or many', async () => {
    for (const count of [1, 4]) {
      await using box = await bench(one)
      const acs = box.way('acs')
      acs.answer = () => unreachable
      acs.answerProbe = () => ({ kind: 'transient', code: 'unreachable', detail: 'down' })
      const ids = []
      for (let n = 0; n < count; n++) ids.push(await box.submit([anna]))
      await box.pass(14 * day, 2 * hour)
      for (const id of ids) assert.deepEqual(await box.states(id), ['deferred'])
      acs.answer = () => accepted
      acs.answerProbe = () => ({ kind: 'usable' })
      await box.pass(8 * hour)
      for (const id of ids) assert.deepEqual(await box.states(id), ['accepted'])
    }
  })

  it('sends even a single mail another way', async () => {
    await using box = await bench(two)
    const acs = box.way('acs')
    acs.answer = () => unreachable
    const id = await box.submit([anna])
    await box.rest()
    await box.pass(15 * minute, minute)
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.deepEqual([acs.sends.length, box.way('smarthost').sends.length], [4, 1])
  })

  it('is none where the service answers, if only to say that it is busy', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    acs.answer = () => (acs.sends.length % 3 === 0 ? transient() : unreachable)
    for (let n = 0; n < 5; n++) {
      await box.submit([anna])
      await box.rest()
    }
    assert.deepEqual(box.alerts.keys, [])
  })
})

describe('the end of the lifetime', () => {
  it('comes after five days of a service that answers and does not take it', async () => {
    await using box = await bench(one)
    box.way('acs').answer = ({ to }) => (to.includes(anna) ? transient() : accepted)
    const id = await box.submit([anna])
    await box.pass(5 * day - hour)
    assert.deepEqual(await box.states(id), ['deferred'])
    await box.pass(5 * hour)
    const { state, status, reason } = await box.only(id)
    assert.deepEqual([state, status, reason], ['expired', '5.4.7', 'gave up: busy'])
    assert.equal((await box.reports()).length, 1)
  })

  it('does not come nearer while the box is off', async () => {
    await using box = await bench(one)
    box.way('acs').answer = () => transient()
    const id = await box.submit([anna])
    await box.rest()
    await box.stop()
    await box.clock.jump(9 * day)
    await box.restart()
    await box.rest()
    assert.equal(box.way('acs').sends.length, 2)
    assert.deepEqual(await box.states(id), ['deferred'])
  })
})

describe('the clock', () => {
  it('sends nothing before it is believable, and judges no mail by 1970', async () => {
    await using box = await bench(one, { start: false })
    box.clock.believable = false
    box.clock.setWall(wallMs(60_000))
    await box.start()
    box.way('acs').answer = () => transient()
    const id = await box.submit([anna])
    await box.pass(minute)
    assert.equal(box.way('acs').sends.length, 0)
    box.clock.setWall(noon)
    box.clock.believable = true
    await box.pass(minute)
    assert.equal(box.way('acs').sends.length, 1)
    assert.deepEqual(await box.states(id), ['deferred'])
  })

  it('that is set forward or back makes no wait shorter or longer', async () => {
    for (const by of [20 * day, -20 * day]) {
      await using box = await bench(one)
      const acs = box.way('acs')
      acs.answer = () => (acs.sends.length < 3 ? transient() : accepted)
      const id = await box.submit([anna])
      await box.rest()
      await box.pass(2 * minute)
      assert.equal(acs.sends.length, 2)
      box.clock.setWall(wallMs(box.clock.wall() + by))
      await box.pass(minute)
      assert.equal(acs.sends.length, 2, 'not at once')
      await box.pass(2 * minute)
      assert.deepEqual(await box.states(id), ['accepted'])
    }
  })
})

describe('other settings', () => {
  it('wake mail that had no way out', async () => {
    await using box = await bench(setupOf([]))
    const id = await box.submit([anna])
    await box.rest()
    const { state, code } = { ...(await box.only(id)), code: (await box.only(id)).waitingFor }
    assert.deepEqual([state, code], ['deferred', 'a-way-out'])
    assert.deepEqual(box.alerts.keys, ['no-way-out'])
    assert.match(box.alerts.active()[0]?.sentence ?? '', /no way out for one recipient/)
    await box.apply(one)
    await box.rest()
    assert.deepEqual(await box.states(id), ['accepted'])
    assert.deepEqual(box.alerts.keys, [])
  })

  it('send mail that waits for a way out that is gone by another', async () => {
    await using box = await bench(one)
    box.way('acs').answer = () => expired
    const id = await box.submit([anna])
    await box.rest()
    await box.apply(setupOf([upstreamSetup('smarthost')]))
    await box.rest()
    assert.deepEqual(await box.states(id), ['accepted'])
  })

  for (const [what, answer, setup, end] of [
    ['paused', expired, setupOf([upstreamSetup('smarthost')]), 'accepted'],
    ['throttled for long', throttled(hour), setupOf([upstreamSetup('smarthost')]), 'accepted'],
    ['throttled for a minute', throttled(minute), setupOf([upstreamSetup('smarthost')]), 'accepted'],
    ['paused, and nothing else is set up', expired, setupOf([]), 'deferred'],
  ] as const)
    it(`count for what was on the wire: ${what}`, async () => {
      await using box = await bench(one)
      const acs = box.way('acs')
      const held = Promise.withResolvers<void>()
      acs.answer = async () => {
        await held.promise
        return answer
      }
      const id = await box.submit([anna])
      await box.until(() => acs.sends.length === 1, 'on the wire')
      box.retired = [upstreamSetup('acs')]
      await box.apply(setup)
      await box.rest(1)
      held.resolve()
      await box.until(async () => (await box.only(id)).state === end, 'it looked for its way again')
      await box.rest()
      assert.deepEqual(box.alerts.keys.includes('no-way-out'), end === 'deferred')
      assert.equal(acs.sends.length, 1)
    })

  it('count for mail that was being written, to wait for a way out that is gone', async () => {
    await using box = await bench(one)
    box.way('acs').answer = () => expired
    box.way('acs').answerProbe = () => expired
    await box.submit([anna])
    await box.rest()
    const id = await box.spool.takeId()
    const octets = scanOf(id)
    const message = box.message(id, octets, [anna])
    const parked = box.delivery.parking(message)
    assert.equal(parked?.waitingFor, 'acs')
    const reception = box.spool.receive(id)
    await reception.write(octets)
    box.retired = [upstreamSetup('acs')]
    await box.apply(setupOf([upstreamSetup('smarthost')]))
    await box.rest()
    await reception.publish({ ...message, parked })
    box.delivery.accepted({ ...message, parked })
    await box.until(async () => (await box.only(id)).state === 'accepted', 'it goes the new way')
  })

  it('let what is on the wire come to its end before the old driver goes', async () => {
    await using box = await bench(one)
    const acs = box.way('acs')
    const held = Promise.withResolvers<void>()
    acs.answer = async () => {
      await held.promise
      return expired
    }
    await box.submit([anna])
    await box.until(() => acs.sends.length === 1, 'on the wire')
    await box.apply(setupOf([upstreamSetup('acs', { connections: 7 })]))
    assert.equal(acs.disposals, 0)
    held.resolve()
    await box.rest()
    await box.until(() => acs.disposals === 1, 'the old driver went')
    const [status] = box.delivery.status(await box.spool.counts())
    assert.equal(status?.state, 'paused', 'what it said holds for the new one')
  })
})

describe('a slow way out', () => {
  const devices = [
    deviceSetup('scanner', { route: ['slow'] }),
    deviceSetup('ups', { route: ['fast'], sender: address('ups@contoso.com') }),
  ]
  const ways = [upstreamSetup('slow', { connections: 1 }), upstreamSetup('fast', { connections: 1 })]
  const slowAndFast = setupOf(ways, devices)
  const fast = { device: 'ups', route: ['fast'] }

  /** A box whose slow way out holds its first mail until the end of the test. */
  async function stuck(start: boolean) {
    const box = await bench(slowAndFast, { start, traits: { slow: smtpTraits } })
    const held = Promise.withResolvers<void>()
    box.way('slow').answer = async () => {
      await held.promise
      return accepted
    }
    const isSent = async (id: MessageId) => (await box.only(id)).state === 'accepted'
    return {
      box,
      isSent,
      async [Symbol.asyncDispose]() {
        held.resolve()
        await box[Symbol.asyncDispose]()
      },
    }
  }

  it('does not keep mail for another one waiting behind its own', async () => {
    await using place = await stuck(false)
    const { box, isSent } = place
    for (let n = 0; n < 300; n++) await box.submit([anna], { route: ['slow'] })
    const ids: MessageId[] = []
    for (let n = 0; n < 10; n++) ids.push(await box.submit([anna], fast))
    await box.start()
    // One connection: every look further down finds the next one, and the clock stands still.
    for (const id of ids) await box.until(() => isSent(id), 'overtakes')
  })

  it('keeps what comes just after a look further down waiting for seconds, not for the longest sleep', async () => {
    await using place = await stuck(false)
    const { box, isSent } = place
    for (let n = 0; n < 300; n++) await box.submit([anna], { route: ['slow'] })
    await box.start()
    await box.rest(1)
    const id = await box.submit([anna], fast)
    await box.rest(1)
    assert.equal(await isSent(id), false)
    await box.clock.jump(5 * second)
    await box.until(() => isSent(id), 'goes')
  })

  it('does not keep it waiting behind mail that fills a look by its size', async () => {
    await using place = await stuck(true)
    const { box, isSent } = place
    const crowd = (count: number) => Array.from({ length: count }, (_, n) => `r${n}@contoso.com`)
    for (let n = 0; n < 12; n++) await box.submit(crowd(1000), { route: ['slow'] })
    await box.until(() => box.way('slow').sends.length === 1, 'on the wire')
    const id = await box.submit([anna], fast)
    await box.until(() => isSent(id), 'goes at once')
  })
})

describe('a long queue', () => {
  it('is read about as far as its ways out can take, not again and again as a whole', async () => {
    const backlog = 200
    await using box = await bench(setupOf([upstreamSetup('smarthost', { connections: 2 })]), { start: false })
    const { due } = box.spool
    let messagesRead = 0
    box.spool.due = async (now, limit) => {
      const messages = await due.call(box.spool, now, limit)
      messagesRead += messages.length
      return messages
    }
    for (let n = 0; n < backlog; n++) await box.submit([anna])
    await box.start()
    await box.until(() => box.way('smarthost').sends.length === backlog, 'all sent')
    // Twice as a whole at first; then ten places for each connection that ends.
    assert.ok(messagesRead <= 2 * backlog + 11 * backlog, `${messagesRead} messages read`)
  })

  it('of mail that has no way out does not keep the mail behind it waiting', async () => {
    await using box = await bench(one, { start: false })
    for (let n = 0; n < 600; n++) await box.submit([anna], { route: ['gone'] })
    const ids = [await box.submit([anna]), await box.submit([anna])]
    await box.start()
    for (const id of ids) await box.until(async () => (await box.only(id)).state === 'accepted', 'sent')
  })

  it('is parked as a whole when its way out closes, without time passing', async () => {
    const setup = setupOf([upstreamSetup('acs', { connections: 1 })])
    await using box = await bench(setup, { start: false })
    const held = Promise.withResolvers<void>()
    box.way('acs').answer = () => held.promise.then(() => expired)
    const ids: MessageId[] = []
    for (let n = 0; n < 40; n++) ids.push(await box.submit([anna]))
    await box.start()
    await box.rest(1)
    held.resolve()
    for (const id of ids) {
      await box.until(async () => (await box.only(id)).waitingFor === 'acs', 'parked')
    }
  })
})
