import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { wallMs } from '../core/time.ts'
import { type Database, openDatabase } from '../platform/database.ts'
import { AuditRows } from './audit-rows.ts'
import { verifyAudit } from './audit-verification.ts'
import { settingsMigrations } from './settings-database.ts'

function database(migrations = settingsMigrations): Database {
  const opening = openDatabase(':memory:', { migrations })
  return opening.kind === 'open' ? opening.database : assert.fail(opening.detail)
}

function filled(count: number): { readonly rows: AuditRows; readonly database: Database } {
  const file = database()
  const rows = new AuditRows(file)
  for (let n = 1; n <= count; n += 1)
    rows.record(wallMs(n * 1000), `anna at the console, 192.168.7.${n % 250}`, [`deed ${n}`], {
      changes: [{ what: 'gateway: name', before: `"b${n - 1}"`, after: `"b${n}"` }],
      weakens: n % 3 === 0,
    })
  return { rows, database: file }
}

const verdictOf = async (rows: AuditRows, witnesses: Parameters<typeof verifyAudit>[1] = []) => {
  const verdict = await verifyAudit(rows, witnesses)
  return verdict.kind === 'broken' ? verdict.sentence : 'intact'
}

describe('the chain of the audit', () => {
  it('is intact while nobody changes it, over many pages', async () => {
    const { rows } = filled(1000)
    const verdict = await verifyAudit(rows, [])
    assert.deepEqual(verdict, {
      kind: 'intact',
      entries: 1000,
      oldest: 1000,
      head: rows.head(),
      witnesses: 0,
    })
  })

  it('of nothing is intact', async () => {
    const verdict = await verifyAudit(new AuditRows(database()), [])
    assert.deepEqual(verdict, {
      kind: 'intact',
      entries: 0,
      oldest: undefined,
      head: undefined,
      witnesses: 0,
    })
  })

  for (const column of ['at', 'who', 'place', 'what', 'changes', 'weakens', 'hash'])
    it(`notices another ${column} in any entry`, () =>
      fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 9 }), async (id) => {
          const { rows, database } = filled(9)
          const other = column === 'at' || column === 'weakens' ? '77' : "'[]x'"
          database.exec(`UPDATE audit SET ${column} = ${other} WHERE id = ${id}`)
          assert.match(await verdictOf(rows), new RegExp(`entry ${id} was changed`))
        }),
        { numRuns: 9 },
      ))

  it('notices an entry that is gone, and two that changed places', async () => {
    const { rows, database } = filled(9)
    database.exec('DELETE FROM audit WHERE id = 4')
    assert.match(await verdictOf(rows), /from 4 to 4 are missing/)
    const swapped = filled(9)
    swapped.database.exec('UPDATE audit SET id = 100 WHERE id = 4; UPDATE audit SET id = 4 WHERE id = 5')
    swapped.database.exec('UPDATE audit SET id = 5 WHERE id = 100')
    assert.match(await verdictOf(swapped.rows), /entry 4 was changed/)
  })

  it('notices that its end was cut off, by a head that somebody else wrote down', async () => {
    const { rows, database } = filled(9)
    const head = rows.head() ?? assert.fail('no head')
    const witness = { ...head, source: 'nightly-2026-11-28' }
    assert.equal(await verdictOf(rows, [witness]), 'intact')
    database.exec('DELETE FROM audit WHERE id > 7')
    assert.equal(await verdictOf(rows), 'intact', 'nobody could tell')
    assert.match(await verdictOf(rows, [witness]), /nightly-2026-11-28 knows entry 9, the last here is 7/)
  })

  it('notices another chain in its place', async () => {
    const head = filled(9).rows.head() ?? assert.fail('no head')
    const { rows, database } = filled(4)
    database.exec("UPDATE audit SET hash = '' WHERE id = 4; UPDATE audit SET who = 'eve' WHERE id = 4")
    const forged = new AuditRows(database)
    for (let n = 5; n <= 12; n += 1) forged.record(wallMs(n), 'eve', ['x'])
    assert.equal(await verdictOf(rows), 'intact')
    assert.match(await verdictOf(rows, [{ ...head, source: 'the log' }]), /another one than the log says/)
  })

  it('goes on behind entries that were too old to be kept', async () => {
    const { rows } = filled(9)
    const old = { ...(rows.after(2, 1)[0] ?? assert.fail()), source: 'an old copy' }
    rows.removeBefore(wallMs(6000))
    assert.deepEqual(
      rows.find(99).map(({ id }) => id),
      [9, 8, 7, 6],
    )
    assert.equal(await verdictOf(rows, [old]), 'intact')
    rows.removeBefore(wallMs(99_000))
    assert.equal(rows.find(99).length, 0)
    rows.record(wallMs(100_000), 'anna', ['later'])
    assert.equal(rows.find(1)[0]?.id, 10)
    assert.equal(await verdictOf(rows), 'intact')
  })

  it('has no gap where a wrong clock wrote old times among young ones', async () => {
    const { rows } = filled(5)
    rows.record(wallMs(0), 'inkpost', ['in 1970'])
    rows.record(wallMs(8000), 'anna', ['later'])
    rows.removeBefore(wallMs(3000))
    assert.deepEqual(
      rows.find(99).map(({ id }) => id),
      [7, 6, 5, 4, 3],
    )
    assert.equal(await verdictOf(rows), 'intact')
  })

  it('takes in what a release wrote that knew no chain, before it and on the way back', async () => {
    const file = database(settingsMigrations.slice(0, 1))
    file.exec(`INSERT INTO audit (at, who, what) VALUES (1, 'anna', '["first"]'), (2, 'anna', '["second"]')`)
    const [, ...later] = settingsMigrations
    for (const { sql } of later) file.exec(sql)
    const rows = new AuditRows(file)
    rows.record(wallMs(3), 'anna', ['third'])
    assert.equal(await verdictOf(rows), 'intact')
    file.exec(`INSERT INTO audit (at, who, what) VALUES (4, 'anna', '["by the older release"]')`)
    const again = new AuditRows(file)
    assert.equal(await verdictOf(again), 'intact')
    assert.equal(again.find(1)[0]?.place, '')
  })
})

describe('an entry that lost its hash', () => {
  it('keeps nobody from opening the box, and is told', async () => {
    const { database } = filled(9)
    database.exec("UPDATE audit SET hash = '' WHERE id = 4")
    assert.match(await verdictOf(new AuditRows(database)), /entry 4 was changed/)
  })
})

describe('finding in the audit', () => {
  it('goes by cursor, person, text, time and weakening', () => {
    const { rows } = filled(9)
    const ids = (...asked: Parameters<AuditRows['find']>) => rows.find(...asked).map(({ id }) => id)
    assert.deepEqual(ids(3), [9, 8, 7])
    assert.deepEqual(ids(3, { before: 7 }), [6, 5, 4])
    assert.deepEqual(ids(9, { who: 'ANNA', text: 'deed 4' }), [4])
    assert.deepEqual(ids(9, { text: '"b5"' }), [6, 5])
    assert.deepEqual(ids(9, { since: wallMs(3000), until: wallMs(5000) }), [4, 3])
    assert.deepEqual(ids(9, { weakens: true }), [9, 6, 3])
    assert.deepEqual(ids(9, { who: 'bert' }), [])
  })

  it('says where it was done', () => {
    const rows = new AuditRows(database())
    for (const who of [
      'anna at the command line',
      'anna at the console, 192.168.7.5',
      'inkpost',
      'first start',
    ])
      rows.record(wallMs(1), who, ['x'])
    assert.deepEqual(
      rows.find(9).map(({ place }) => place),
      ['setup document', 'the box itself', 'console 192.168.7.5', 'command line'],
    )
  })
})
