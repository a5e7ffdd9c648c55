import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import Sqlite from 'better-sqlite3'
import type { DeliveryReport, ReportedPart, ReportSettlement } from '../core/delivery-report.ts'
import type { MessageId } from '../core/message-id.ts'
import type { Spool } from '../core/spool.ts'
import { day, minute } from '../core/time.ts'
import {
  changeTo,
  delivered,
  later,
  newMessage,
  noon,
  octetsOf,
  partKey,
  published,
  recipientsOf,
  settlementOf,
  startOf,
  testSpool,
} from './spool-fixture.ts'

const bounced: DeliveryReport = {
  operationId: '',
  recipient: 'anna@contoso.com',
  status: 'bounced',
  detail: '550 no anna@contoso.com here',
  at: noon,
}

async function reportedOn(spool: Spool, id: MessageId): Promise<ReportedPart> {
  return (await spool.reported(`op-${id}-1-1`)) ?? assert.fail('its operation is known')
}

async function settlement(
  spool: Spool,
  id: MessageId,
  more: Partial<ReportSettlement> = {},
): Promise<ReportSettlement> {
  const { part, deliveries } = await reportedOn(spool, id)
  return {
    part,
    recipient: 1,
    report: bounced,
    receivedAt: later(minute),
    from: deliveries[0] ?? assert.fail('it has a delivery'),
    change: changeTo(id, 1, 'bounced', { code: 'reported-bounced', reason: 'refused' }),
    note: 'refused',
    reports: [],
    ...more,
  }
}

const stateOf = async (spool: Spool, id: MessageId) => (await spool.message(id))?.recipients[0]?.state

describe('a report', () => {
  it('is led to its mail by the operation alone', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(1), recipientsOf('anna@contoso.com', 'ben@contoso.com'))
    await box.spool.start(startOf(partKey(id), [2]))
    const found = await reportedOn(box.spool, id)
    assert.equal(found.message.id, id)
    assert.deepEqual(
      found.message.recipients.map(({ number, address }) => [number, address]),
      [[2, 'ben@contoso.com']],
    )
    assert.deepEqual(found.deliveries, [{ recipient: 2, state: 'sending', code: 'sending', reports: [] }])
    assert.equal(await box.spool.reported('op-of-somebody-else'), undefined)
  })

  it('changes state, history and part together, and publishes the mail that tells of it', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await delivered(box.spool, id)
    const dsn = newMessage(await box.spool.takeId(), 4, { kind: 'dsn', about: id })
    const reports = [{ message: dsn, content: Buffer.from('dear') }]
    assert.equal(await box.spool.settleReport(await settlement(box.spool, id, { reports })), 'written')
    const view = await box.spool.message(id)
    assert.equal(view?.recipients[0]?.state, 'bounced')
    assert.equal(view?.parts[0]?.state, 'failed')
    assert.equal(view?.attempts.at(-1)?.outcome, 'reported: bounced')
    assert.equal((await box.spool.message(dsn.id))?.kind, 'dsn')
    assert.deepEqual((await reportedOn(box.spool, id)).deliveries[0]?.reports, [
      { status: 'bounced', at: noon },
    ])
  })

  it('that comes again, after a restart too, writes nothing and tells nobody', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await delivered(box.spool, id)
    const once = await settlement(box.spool, id)
    assert.equal(await box.spool.settleReport(once), 'written')
    const spool = await box.reopen()
    const dsn = newMessage(await spool.takeId(), 4, { kind: 'dsn' })
    const again = { ...once, reports: [{ message: dsn, content: Buffer.from('dear') }] }
    assert.equal(await spool.settleReport(again), 'known')
    assert.equal(await spool.message(dsn.id), undefined)
    assert.equal((await spool.message(id))?.attempts.length, 2)
  })

  it('made up for another state is overtaken, and can come again', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await delivered(box.spool, id)
    const early = await settlement(box.spool, id)
    await box.spool.settle(settlementOf(undefined, [changeTo(id, 1, 'confirmed')]))
    assert.equal(await box.spool.settleReport(early), 'overtaken')
    const asConfirmed = await settlement(box.spool, id)
    await box.spool.settle(settlementOf(undefined, [changeTo(id, 1, 'confirmed', { code: 'delivered' })]))
    assert.equal(await box.spool.settleReport(asConfirmed), 'overtaken')
    assert.equal(await stateOf(box.spool, id), 'confirmed')
    assert.equal(await box.spool.settleReport(await settlement(box.spool, id)), 'written')
    assert.equal(await stateOf(box.spool, id), 'bounced')
  })

  it('stands against a late answer of the service', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await delivered(box.spool, id)
    await box.spool.settleReport(await settlement(box.spool, id))
    await box.spool.settle(settlementOf(undefined, [changeTo(id, 1, 'confirmed')]))
    assert.equal(await stateOf(box.spool, id), 'bounced')
  })

  it('may be kept without a change, and goes with its message', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await delivered(box.spool, id)
    const note = await settlement(box.spool, id, { change: undefined, note: 'the recipient is a list' })
    assert.equal(await box.spool.settleReport(note), 'written')
    assert.equal(await stateOf(box.spool, id), 'accepted')
    await box.spool.tidy(noon, 30 * day, day)
    await box.spool.tidy(later(40 * day), 30 * day, day)
    assert.equal(await box.spool.reported(`op-${id}-1-1`), undefined)
    const database = new Sqlite(box.file, { readonly: true })
    assert.equal(database.prepare('SELECT count(*) FROM delivery_report').pluck().get(), 0)
    database.close()
  })

  it('is swept at the start where an earlier release took its message away', async () => {
    await using box = await testSpool()
    const kept = await published(box.spool)
    const gone = await published(box.spool)
    for (const id of [kept, gone]) {
      await delivered(box.spool, id)
      await box.spool.settleReport(await settlement(box.spool, id))
    }
    const database = new Sqlite(box.file)
    database.pragma('foreign_keys = ON')
    database.prepare('DELETE FROM message WHERE id = (SELECT max(id) FROM message)').run()
    const count = database.prepare('SELECT count(*) FROM delivery_report').pluck()
    assert.equal(count.get(), 2)
    await (await box.reopen()).recover(noon)
    assert.equal(count.get(), 1)
    database.close()
  })

  it('is erased with an address', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await delivered(box.spool, id)
    await box.spool.settleReport(await settlement(box.spool, id))
    assert.equal(await box.spool.forget('anna@contoso.com'), 2)
  })

  it('without the code of a report is a fault of ours', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await delivered(box.spool, id)
    const wrong = await settlement(box.spool, id, { change: changeTo(id, 1, 'bounced') })
    await assert.rejects(box.spool.settleReport(wrong), /no code of a report/)
    assert.equal(await stateOf(box.spool, id), 'accepted')
  })
})

describe('what reports come to', () => {
  it('is expected while something was taken lately and nothing was reported on it', async () => {
    await using box = await testSpool()
    assert.equal(await box.spool.awaitsReport('acs', noon), false)
    const id = await published(box.spool)
    assert.equal(await box.spool.awaitsReport('acs', noon), false)
    await delivered(box.spool, id)
    assert.equal(await box.spool.awaitsReport('acs', noon), true)
    assert.equal(await box.spool.awaitsReport('smarthost', noon), false)
    assert.equal(await box.spool.awaitsReport('acs', later(1)), false)
    await box.spool.settleReport(await settlement(box.spool, id, { change: undefined }))
    assert.equal(await box.spool.awaitsReport('acs', noon), false)
  })

  it('is counted by device, mail of the box itself and what is under way left out', async () => {
    await using box = await testSpool()
    const { spool } = box
    const states = [
      ['bounced', 'reported-suppressed'],
      ['bounced', 'refused'],
      ['expired', 'expired'],
      ['confirmed', 'delivered'],
      ['confirmed', 'confirmed'],
      ['accepted', 'accepted'],
      ['deferred', 'unreachable'],
      ['dropped', 'dropped-by-operator'],
    ] as const
    for (const [state, code] of states) {
      const id = await published(spool)
      await spool.settle(settlementOf(undefined, [changeTo(id, 1, state, { code })]))
    }
    const old = await published(spool, octetsOf(1), { acceptedWall: later(-day) })
    const dsn = await published(spool, octetsOf(1), { kind: 'dsn' })
    const other = await published(spool, octetsOf(1), { device: 'copier' })
    for (const id of [old, dsn, other])
      await spool.settle(settlementOf(undefined, [changeTo(id, 1, 'accepted')]))
    assert.deepEqual(await spool.mailCounts(noon), [
      { device: 'copier', sent: 1, delivered: 0, failed: 0, suppressed: 0 },
      { device: 'scanner', sent: 6, delivered: 1, failed: 3, suppressed: 1 },
    ])
    assert.equal((await spool.mailCounts(later(-day))).find(({ device }) => device === 'scanner')?.sent, 7)
    assert.deepEqual(await spool.mailCounts(later(1)), [])
    assert.deepEqual(await spool.suppressions(noon, 10), [
      { device: 'scanner', address: 'anna@contoso.com', at: noon, mails: 1 },
    ])
    assert.deepEqual(await spool.suppressions(later(1), 10), [])
  })
})
