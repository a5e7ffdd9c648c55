import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MessageId } from '../core/message-id.ts'
import type { DueMessage, Spool } from '../core/spool.ts'
import { day, hour, minute } from '../core/time.ts'
import {
  changeTo,
  delivered,
  later,
  newMessage,
  noon,
  octetsOf,
  partKey,
  published,
  readAll,
  recipientsOf,
  settlementOf,
  startOf,
  testSpool,
} from './spool-fixture.ts'

const ids = (messages: readonly DueMessage[]): readonly MessageId[] => messages.map(({ id }) => id)
const twoRecipients = recipientsOf('anna@contoso.com', 'ben@contoso.com')

async function stateOf(spool: Spool, id: MessageId, recipient = 1) {
  const view = await spool.message(id)
  return view?.recipients.find((row) => row.recipient === recipient)
}

describe('starting a part', () => {
  it('puts part, recipients, states and quota on disk together', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(1), twoRecipients)
    assert.equal(await box.spool.start(startOf(partKey(id), [1, 2])), true)
    const view = await box.spool.message(id)
    assert.deepEqual(view?.parts, [
      {
        ...partKey(id),
        operationId: `op-${id}-1-1`,
        bodySha256: 'abc',
        state: 'sending',
        recipients: [1, 2],
        sends: 1,
        asks: 0,
        nextAskAt: undefined,
        startedAt: noon,
      },
    ])
    assert.deepEqual(
      view?.recipients.map(({ state }) => state),
      ['sending', 'sending'],
    )
    assert.deepEqual(await box.spool.quotaUse(noon), [startOf(partKey(id), [1, 2]).use])
    assert.deepEqual(await box.spool.due(later(day), 10), [])
  })

  it('writes nothing if a recipient was held or dropped meanwhile, or is being sent', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(1), twoRecipients)
    for (const action of ['hold', 'drop'] as const) {
      await box.spool.operate(action, { message: id, recipient: 2 }, noon)
      assert.equal(await box.spool.start(startOf(partKey(id), [1, 2])), false, action)
      await box.spool.operate('release', { message: id }, noon)
    }
    assert.deepEqual((await box.spool.message(id))?.parts, [])
    assert.deepEqual(await box.spool.quotaUse(noon), [])
    assert.equal(await box.spool.start(startOf(partKey(id), [1])), true)
    assert.equal(await box.spool.start(startOf(partKey(id, 2), [1])), false)
    assert.equal(await box.spool.start(startOf(partKey(id), [1])), false)
  })

  it('repeats an open part under the same operation, and never one that is settled', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    const key = partKey(id)
    await box.spool.start(startOf(key))
    const deferred = [changeTo(id, 1, 'deferred', { dueAt: noon })]
    await box.spool.settle(settlementOf(key, deferred, { partState: 'open' }))
    const [due] = await box.spool.due(noon, 1)
    assert.equal(due?.recipients[0]?.part?.operationId, `op-${id}-1-1`)
    assert.equal(await box.spool.start(startOf(key)), true)
    assert.equal((await box.spool.message(id))?.parts[0]?.sends, 2)
    await box.spool.settle(settlementOf(key, deferred, { partState: 'abandoned' }))
    assert.equal((await box.spool.due(noon, 1))[0]?.recipients[0]?.part, undefined)
    assert.equal(await box.spool.start(startOf(key)), false)
    assert.equal(await box.spool.start(startOf(partKey(id, 1, 2))), true)
  })

  it('never repeats a part with other octets', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    const start = startOf(partKey(id))
    await box.spool.start(start)
    await box.spool.settle(
      settlementOf(partKey(id), [changeTo(id, 1, 'deferred', { dueAt: noon })], { partState: 'open' }),
    )
    const changed = { ...start, part: { ...start.part, bodySha256: 'other' } }
    await assert.rejects(box.spool.start(changed), /other octets/)
  })
})

describe('settling', () => {
  it('keeps the attempt, the reason and the part for the technician', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await delivered(box.spool, id)
    const view = await box.spool.message(id)
    assert.equal(view?.recipients[0]?.state, 'accepted')
    assert.equal(view?.recipients[0]?.reason, 'now accepted')
    assert.equal(view?.parts[0]?.state, 'accepted')
    assert.deepEqual(view?.attempts, [
      {
        part: 1,
        at: noon,
        upstream: 'acs',
        number: 1,
        outcome: 'accepted',
        detail: 'taken over',
        tookMs: 120,
      },
    ])
  })

  it('publishes the report in the same transaction, or nothing at all', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    const report = newMessage(await box.spool.takeId(), 4, { kind: 'dsn', about: id, device: undefined })
    await box.spool.start(startOf(partKey(id)))
    const bounce = settlementOf(partKey(id), [changeTo(id, 1, 'bounced')], {
      partState: 'failed',
      reports: [{ message: report, content: Buffer.from('dear') }],
    })
    const impossible = { ...bounce, reports: [...bounce.reports, ...bounce.reports] }
    await assert.rejects(box.spool.settle(impossible))
    assert.equal((await stateOf(box.spool, id))?.state, 'sending')
    await box.spool.settle(bounce)
    assert.equal((await stateOf(box.spool, id))?.state, 'bounced')
    const [due] = await box.spool.due(noon, 10)
    assert.deepEqual([due?.id, due?.kind, due?.about], [report.id, 'dsn', id])
    assert.equal(Buffer.from(await readAll(await box.spool.content(report.id))).toString(), 'dear')
  })

  it('keeps the body while a part is to be asked for, for a day at most', async () => {
    await using box = await testSpool()
    const asked = await published(box.spool, octetsOf(500_000))
    const unanswered = await published(box.spool, octetsOf(500_000))
    for (const id of [asked, unanswered]) {
      await box.spool.start(startOf(partKey(id)))
      const accepted = [changeTo(id, 1, 'accepted')]
      await box.spool.settle(settlementOf(partKey(id), accepted, { nextAskAt: later(minute) }))
    }
    const confirmed = [changeTo(asked, 1, 'confirmed')]
    await box.spool.settle(settlementOf(partKey(asked), confirmed, { partState: 'confirmed', asked: true }))
    assert.equal(await box.spool.content(asked), undefined)
    await box.spool.tidy(later(day - 1), 30 * day, 7 * day)
    assert.ok(await box.spool.content(unanswered))
    await box.spool.tidy(later(day), 30 * day, 7 * day)
    assert.equal(await box.spool.content(unanswered), undefined)
  })

  it('opens a message again whose part turns out never to have arrived', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await box.spool.start(startOf(partKey(id)))
    const accepted = [changeTo(id, 1, 'accepted')]
    await box.spool.settle(settlementOf(partKey(id), accepted, { nextAskAt: later(minute) }))
    const deferred = [changeTo(id, 1, 'deferred', { dueAt: noon })]
    await box.spool.settle(settlementOf(partKey(id), deferred, { partState: 'open', asked: true }))
    await box.spool.tidy(later(2 * day), day, day)
    assert.deepEqual(ids(await box.spool.due(noon, 10)), [id])
    assert.equal((await readAll(await box.spool.content(id))).length, 100)
  })

  it("does not undo an operator's word by a late answer, but tells when the mail went out after all", async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await box.spool.start(startOf(partKey(id)))
    const uncertain = [changeTo(id, 1, 'indeterminate')]
    await box.spool.settle(
      settlementOf(partKey(id), uncertain, { partState: 'indeterminate', nextAskAt: noon }),
    )
    assert.equal(await box.spool.operate('drop', { message: id }, noon), 1)
    const deferred = [changeTo(id, 1, 'deferred', { dueAt: noon })]
    await box.spool.settle(
      settlementOf(partKey(id), deferred, { partState: 'indeterminate', nextAskAt: noon }),
    )
    assert.equal((await stateOf(box.spool, id))?.state, 'dropped')
    await box.spool.settle(settlementOf(partKey(id), [changeTo(id, 1, 'accepted')]))
    assert.equal((await stateOf(box.spool, id))?.state, 'accepted')
  })
})

describe('a plan that an operator was faster than', () => {
  it('changes nothing and reports nothing', async () => {
    await using box = await testSpool()
    for (const [action, state] of [
      ['hold', 'held'],
      ['drop', 'dropped'],
    ] as const) {
      const id = await published(box.spool)
      await box.spool.operate(action, { message: id }, noon)
      const report = newMessage(await box.spool.takeId(), 1, { kind: 'dsn', about: id })
      const reports = [{ message: report, content: Buffer.from('x') }]
      await box.spool.settle(settlementOf(undefined, [changeTo(id, 1, 'deferred', { dueAt: noon })]))
      await box.spool.settle(settlementOf(undefined, [changeTo(id, 1, 'expired')], { reports }))
      assert.equal((await stateOf(box.spool, id))?.state, state)
      assert.equal(await box.spool.message(report.id), undefined)
    }
    assert.deepEqual(await box.spool.due(later(day), 10), [])
  })
})

describe('asking', () => {
  it('asks for an unknown fate before it asks for a confirmation', async () => {
    await using box = await testSpool()
    const accepted = await published(box.spool)
    const uncertain = await published(box.spool)
    for (const id of [accepted, uncertain]) await box.spool.start(startOf(partKey(id)))
    await box.spool.settle(
      settlementOf(partKey(accepted), [changeTo(accepted, 1, 'accepted')], { nextAskAt: later(1) }),
    )
    await box.spool.settle(
      settlementOf(partKey(uncertain), [changeTo(uncertain, 1, 'indeterminate')], {
        partState: 'indeterminate',
        nextAskAt: later(2),
      }),
    )
    assert.equal(await box.spool.nextDueAt(), later(1))
    const asks = await box.spool.dueAsks(later(2), 10)
    assert.deepEqual(
      asks.map(({ part }) => part.message),
      [uncertain, accepted],
    )
    assert.deepEqual(
      asks[0]?.message.recipients.map(({ number }) => number),
      [1],
    )
    assert.equal((await box.spool.dueAsks(later(2), 1)).length, 1)
    assert.deepEqual(
      (await box.spool.dueAsks(later(1), 10)).map(({ part }) => part.message),
      [accepted],
    )
  })
})

describe('waiting for an upstream', () => {
  it('ends for so many as may go, oldest first', async () => {
    await using box = await testSpool()
    const waiting: MessageId[] = []
    for (let n = 0; n < 5; n++) {
      const id = await published(box.spool)
      const lifetime = { countedMs: 7, since: undefined }
      const change = changeTo(id, 1, 'deferred', { waitingFor: n === 4 ? 'exchange' : 'acs', lifetime })
      await box.spool.settle(settlementOf(undefined, [change]))
      waiting.push(id)
    }
    assert.deepEqual(await box.spool.due(later(day), 10), [])
    assert.deepEqual((await box.spool.counts()).waitingByUpstream, { acs: 4, exchange: 1 })
    assert.equal(await box.spool.wake('acs', 3, later(5)), 3)
    const due = await box.spool.due(later(5), 10)
    assert.deepEqual(ids(due), waiting.slice(0, 3))
    assert.deepEqual(due[0]?.recipients[0]?.lifetime, { countedMs: 7, since: later(5) })
    assert.equal(await box.spool.wake('acs', 3, later(6)), 1)
    assert.equal(await box.spool.wake('acs', 3, later(6)), 0)
  })
})

describe('recovery', () => {
  it('does not know what became of a part that was on the wire, and says so', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(1), twoRecipients)
    const waits = await published(box.spool)
    await box.spool.start(startOf(partKey(id), [2]))
    const spool = await box.reopen()
    const report = await spool.recover(later(hour))
    assert.match(report.namespace, /^[0-9a-f-]{36}$/)
    assert.equal((await spool.recover(later(hour))).namespace, report.namespace, 'it stays')
    assert.deepEqual(report, {
      namespace: report.namespace,
      sweptReceptions: 0,
      uncertainParts: 1,
      openDeliveries: 3,
    })
    assert.equal((await stateOf(spool, id, 2))?.state, 'indeterminate')
    const due = await spool.due(later(hour), 10)
    assert.deepEqual(ids(due), [id, waits])
    assert.equal(due[0]?.recipients[1]?.part?.state, 'indeterminate')
    assert.deepEqual(
      (await spool.dueAsks(later(hour), 10)).map(({ part }) => part.message),
      [id],
    )
    assert.equal((await spool.recover(later(hour))).uncertainParts, 0)
    assert.equal(await spool.start(startOf(partKey(id), [2])), true)
  })
})
