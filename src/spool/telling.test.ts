import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import Sqlite from 'better-sqlite3'
import type { PastAlert, RaisedAlert, Telling } from '../core/alerts.ts'
import type { Told } from '../core/telling-spool.ts'
import { day, hour, wallMs } from '../core/time.ts'
import {
  changeTo,
  delivered,
  later,
  newMessage,
  noon,
  octetsOf,
  published,
  settlementOf,
  testSpool,
} from './spool-fixture.ts'
import { finishedSql } from './telling-queries.ts'

const telling: Telling = {
  key: 'upstream-paused/acs',
  severity: 'warning',
  sentence: 'acs is paused.',
  remedy: 'Look.',
  since: noon,
  chapter: '30',
  toldAt: later(1),
  toldSeverity: 'warning',
  toldChapter: '30',
  toldBy: ['mail', 'webhook'],
  owesMail: false,
  clearedAt: undefined,
  raises: 2,
  countedFrom: noon,
}
const nothing: Told = { save: [], forget: [], mail: undefined, letterAt: undefined, ration: undefined }

describe('what was told', () => {
  it('is there again after a restart, until it is forgotten', async () => {
    await using box = await testSpool()
    const ration = { since: noon, count: 3, held: ['warning: x'], more: 1 }
    await box.spool.tell({ ...nothing, save: [telling], letterAt: later(7), ration })
    const spool = await box.reopen()
    assert.deepEqual(await spool.tellings(), [telling])
    assert.deepEqual(await spool.ration(), ration)
    assert.equal(await spool.lastLetter(), later(7))
    await spool.tell({ ...nothing, forget: [telling.key] })
    assert.deepEqual(await spool.tellings(), [])
    assert.equal(await spool.lastLetter(), later(7))
  })

  it('is written with its mail or not at all', async () => {
    await using box = await testSpool()
    const id = await box.spool.takeId()
    const content = octetsOf(200)
    const mail = { message: newMessage(id, content.length, { kind: 'alert' }), content }
    await box.spool.tell({ ...nothing, save: [telling], mail })
    assert.equal((await box.spool.message(id))?.kind, 'alert')
    assert.equal((await box.spool.due(later(1), 10))[0]?.id, id)
    // The same id twice can't be: with it the memory of the second telling goes.
    await assert.rejects(box.spool.tell({ ...nothing, save: [{ ...telling, key: 'other' }], mail }))
    assert.deepEqual(
      (await box.spool.tellings()).map(({ key }) => key),
      [telling.key],
    )
  })
})

describe('forgetting an address', () => {
  const text = 'acs does not send for Anna@contoso.com, joanna@contoso.com stays.'
  const erased = 'acs does not send for (forgotten), joanna@contoso.com stays.'
  const both = { sentence: text, remedy: text }
  const ofAnna = 'upstream-paused/acs <anna@contoso.com>'

  it('erases it from alerts, from what was told and from what waits to be told', async () => {
    await using box = await testSpool()
    const { spool } = box
    const ration = { since: noon, count: 3, held: [text], more: 0 }
    await spool.saveAlert({ key: 'active', severity: 'warning', ...both }, noon)
    for (const key of [ofAnna, 'over']) {
      await spool.saveAlert({ key, severity: 'warning', ...both }, noon)
      await spool.clearAlert(key, later(hour))
    }
    const save = [
      { ...telling, ...both },
      { ...telling, ...both, key: ofAnna },
    ]
    await spool.tell({ ...nothing, save, ration })
    assert.equal(await spool.forget('anna@contoso.com'), 1 + 2 + 2 + 1)
    const reopened = await box.reopen()
    const textsOf = ({ key, sentence, remedy }: Telling | PastAlert | RaisedAlert) => [key, sentence, remedy]
    assert.deepEqual((await reopened.alerts()).map(textsOf), [['active', erased, erased]])
    assert.deepEqual((await reopened.pastAlerts(noon)).map(textsOf).toSorted(), [
      ['over', erased, erased],
      ['upstream-paused/acs <(forgotten)>', erased, erased],
    ])
    assert.deepEqual(await reopened.tellings(), [{ ...telling, sentence: erased, remedy: erased }])
    assert.deepEqual(await reopened.ration(), { ...ration, held: [erased] })
    assert.equal(await reopened.forget('anna@contoso.com'), 0)
  })

  it('keeps the key of an alert that lasts: it says what it is of, and ends it', async () => {
    await using box = await testSpool()
    await box.spool.saveAlert({ key: ofAnna, severity: 'warning', ...both }, noon)
    await box.spool.tell({ ...nothing, save: [{ ...telling, ...both, key: ofAnna }] })
    await box.spool.forget('anna@contoso.com')
    assert.deepEqual(
      (await box.spool.tellings()).map(({ key, sentence }) => [key, sentence]),
      [[ofAnna, erased]],
    )
    await box.spool.clearAlert(ofAnna, later(hour))
    assert.deepEqual(await box.spool.alerts(), [])
  })
})

describe('how mail ended in a span', () => {
  it('counts each mail of devices once, in the span in which it was found finished', async () => {
    await using box = await testSpool()
    const { spool } = box
    await delivered(spool, await published(spool))
    const bounced = await published(spool, octetsOf(1), { device: 'fax' })
    await spool.settle(settlementOf(undefined, [changeTo(bounced, 1, 'bounced')]))
    await delivered(spool, await published(spool, octetsOf(1), { kind: 'alert' }))
    await published(spool)
    assert.deepEqual((await spool.finishedMail(noon, later(day))).deliveries, [])
    await spool.tidy(later(hour), 30 * day, day)
    await delivered(spool, await published(spool))
    const first = await spool.finishedMail(noon, later(hour + 1))
    assert.deepEqual(first, {
      deliveries: [
        { upstream: 'acs', state: 'accepted', count: 1 },
        { upstream: 'acs', state: 'bounced', count: 1 },
      ],
      devices: [
        { device: 'scanner', mails: 1 },
        { device: 'fax', mails: 1 },
      ],
    })
    await spool.tidy(later(2 * hour), 30 * day, day)
    const second = await spool.finishedMail(later(hour + 1), later(day))
    assert.deepEqual(second.deliveries, [{ upstream: 'acs', state: 'accepted', count: 1 }])
  })

  it('adds up slices, by the index of finished mail alone', async () => {
    await using box = await testSpool()
    await delivered(box.spool, await published(box.spool))
    await box.spool.tidy(later(1), 30 * day, day)
    const database = new Sqlite(box.file)
    // A thousand like it, all found at the same moment.
    const columns = database
      .prepare<[], string>("SELECT name FROM pragma_table_info('message') WHERE name <> 'id'")
      .pluck()
      .all()
      .join(', ')
    const numbers = 'WITH RECURSIVE n (v) AS (SELECT 2 UNION ALL SELECT v + 1 FROM n WHERE v < 1001)'
    database.exec(
      `${numbers} INSERT INTO message (id, ${columns}) SELECT v + 1000, ${columns} FROM n, message`,
    )
    database.exec(`${numbers} INSERT INTO delivery (message, number, priority, address, state, code, reason, attempts,
      counted_ms, refused_by, upstream) SELECT v + 1000, 1, 1, 'a@b.example', 'accepted', 'x', 'y', 1, 0, '[]', 'acs' FROM n`)
    const plan = database
      .prepare<number[], { detail: string }>(`EXPLAIN QUERY PLAN ${finishedSql}`)
      .all(1, 1, 9, 9)
    assert.match(
      plan[0]?.detail ?? '',
      /^SEARCH message USING INDEX message_finished \(finished_wall>\? AND finished_wall<\?\)$/,
    )
    assert.equal(plan.length, 1)
    database.close()
    const { deliveries, devices } = await box.spool.finishedMail(noon, wallMs(noon + day))
    assert.deepEqual(deliveries, [{ upstream: 'acs', state: 'accepted', count: 1001 }])
    assert.deepEqual(devices, [{ device: 'scanner', mails: 1001 }])
  })
})

describe('alerts that are over', () => {
  it('are kept for the weekly letter and no longer than history', async () => {
    await using box = await testSpool()
    const { key, severity, sentence, remedy, since } = telling
    await box.spool.saveAlert({ key, severity, sentence, remedy }, since)
    await box.spool.clearAlert(key, later(hour))
    await box.spool.tidy(later(29 * day), day, day)
    assert.equal((await box.spool.pastAlerts(noon)).length, 1)
    await box.spool.tidy(later(31 * day), day, day)
    assert.deepEqual(await box.spool.pastAlerts(noon), [])
  })
})
