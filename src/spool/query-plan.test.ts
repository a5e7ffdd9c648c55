import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import Sqlite from 'better-sqlite3'
import { dueSql } from './due-queries.ts'
import { viewSql } from './message-views.ts'
import { reportSql } from './report-queries.ts'
import { changeTo, later, noon, octetsOf, published, settlementOf, testSpool } from './spool-fixture.ts'

const deliveries = 100_000

describe('a queue of 100,000 deferred and waiting deliveries', () => {
  it('is asked by its indexes alone', async () => {
    await using box = await testSpool()
    await published(box.spool)
    const database = new Sqlite(box.file)
    multiply(database)
    const plan = (sql: string): string =>
      database
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...Array.from(sql.matchAll(/\?/g), () => 1))
        .map(({ detail }) => detail)
        .join('; ')
    const wake = `SELECT message, number FROM delivery WHERE waiting_for = ? ORDER BY message, number LIMIT ?`
    const plans = {
      due: plan(dueSql.due),
      nextDue: plan(dueSql.nextDue),
      asks: plan(dueSql.asks),
      nextAsk: plan(dueSql.nextAsk),
      wake: plan(wake),
      open: plan(viewSql.open),
      waiting: plan(viewSql.waiting),
      reported: plan(reportSql.part),
      openMessages: plan(viewSql.openMessages),
    }
    database.close()
    assert.deepEqual(plans, {
      due: 'SEARCH delivery USING COVERING INDEX delivery_due (priority=? AND due_at<?)',
      nextDue: 'SEARCH delivery USING COVERING INDEX delivery_due (priority=? AND due_at>?)',
      asks: 'SEARCH part USING COVERING INDEX part_ask (state=? AND next_ask_at<?)',
      nextAsk: 'SEARCH part USING COVERING INDEX part_ask (state=? AND next_ask_at>?)',
      wake: 'SEARCH delivery USING COVERING INDEX delivery_waiting (waiting_for=?)',
      open: 'SCAN delivery USING INDEX delivery_open; SEARCH message USING INTEGER PRIMARY KEY (rowid=?); USE TEMP B-TREE FOR LAST TERM OF ORDER BY',
      waiting: 'SEARCH delivery USING COVERING INDEX delivery_waiting (waiting_for>?)',
      reported: 'SEARCH part USING COVERING INDEX part_operation (operation_id=?)',
      openMessages: 'SCAN message USING COVERING INDEX message_open',
    })
  })

  it('looks at no row that is not due', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(1), { priority: 'alarm' })
    await box.spool.settle(settlementOf(undefined, [changeTo(id, 1, 'deferred', { dueAt: later(1e9) })]))
    const database = new Sqlite(box.file)
    multiply(database)
    const due = database.prepare<unknown[], number>(dueSql.due).pluck()
    assert.deepEqual(due.all(1, noon), [])
    database.close()
    const fresh = await published(box.spool)
    assert.deepEqual(
      (await box.spool.due(noon, 10)).map((message) => message.id),
      [fresh],
    )
    assert.equal((await box.spool.counts()).byState.deferred, deliveries + 1)
    assert.equal(await box.spool.wake('acs', 3, noon), 3)
  })
})

/** Half of them deferred to later, half waiting for an upstream. */
function multiply(database: Sqlite.Database): void {
  database.exec(`
    WITH RECURSIVE series (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM series WHERE value < ${deliveries})
    INSERT INTO delivery (message, number, priority, address, state, due_at, waiting_for, code, reason, attempts,
      counted_ms, refused_by)
    SELECT value + 1000, 1, 1, 'anna@contoso.com', 'deferred',
      CASE value % 2 WHEN 0 THEN ${later(1e9)} + value END, CASE value % 2 WHEN 1 THEN 'acs' END, 'x', 'y', 1, 0, '[]'
    FROM series`)
}
