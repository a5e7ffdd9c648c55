import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import Sqlite from 'better-sqlite3'
import type { MailFilter } from '../core/page-spool.ts'
import type { SessionRecord, Spool } from '../core/spool.ts'
import { day, hour, minute } from '../core/time.ts'
import type { VerdictCode } from '../core/verdict.ts'
import { deviceQueries, deviceSql } from './device-queries.ts'
import { searchSql } from './mail-search.ts'
import { spoolMigrations } from './schema.ts'
import {
  changeTo,
  delivered,
  later,
  noon,
  octetsOf,
  published,
  recipientsOf,
  settlementOf,
  testSpool,
} from './spool-fixture.ts'

const session = (
  id: string,
  code: VerdictCode,
  endedAt: number,
  changes: Partial<SessionRecord> = {},
): SessionRecord => ({
  id,
  startedAt: later(endedAt - 1000),
  endedAt: later(endedAt),
  address: '192.168.7.20',
  listener: 'submission',
  device: 'scanner',
  helo: '',
  tls: '',
  messages: [],
  result: '',
  verdict: { code, sentence: `That was ${code}.`, evidence: [], cure: undefined },
  lines: [],
  ...changes,
})

const wanted: MailFilter = {
  words: [],
  isOpen: false,
  device: undefined,
  state: undefined,
  limit: 50,
  before: undefined,
}
const found = async (spool: Spool, filter: Partial<MailFilter>) =>
  (await spool.findMails({ ...wanted, ...filter })).mails.map(({ message }) => message)

describe('what is known of a device', () => {
  it('is its last session with mail and its last that went wrong', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await box.spool.saveSessions([
      session('A', 'F1', 0, { messages: [id] }),
      session('B', 'A5', 1000, { device: undefined, about: 'scanner' }),
      session('C', 'F4', 2000),
      session('D', 'T2', 3000, { device: undefined }),
    ])
    const [marks] = await box.spool.deviceMarks(['scanner'])
    assert.deepEqual(marks, {
      device: 'scanner',
      mail: { session: 'A', at: noon, code: 'F1' },
      fault: { session: 'B', at: later(1000), code: 'A5' },
      other: { session: 'C', at: later(2000), code: 'F4' },
      lastMail: noon,
    })
    assert.equal((await box.spool.session('B'))?.about, 'scanner')
  })

  it('is its mail of each day, seen by tidying or not, and what was refused', async () => {
    await using box = await testSpool()
    const at = (ms: number) => ({ acceptedWall: later(ms) })
    await delivered(box.spool, await published(box.spool, octetsOf(10), at(-day)))
    await box.spool.tidy(noon, 30 * day, 7 * day)
    await delivered(box.spool, await published(box.spool, octetsOf(10), at(0)))
    const two = await published(box.spool, octetsOf(10), {
      ...recipientsOf('anna@contoso.com', 'ben@contoso.com'),
      ...at(10),
    })
    await box.spool.settle(settlementOf(undefined, [changeTo(two, 1, 'bounced')]))
    await published(box.spool, octetsOf(10), { ...at(20), device: 'another' })
    await box.spool.saveSessions([session('A', 'A5', 5), session('B', 'A5', 6), session('C', 'F1', 7)])

    const { days, isCut } = await box.spool.deviceDays('scanner', [later(-day), noon])
    const none = { waiting: 0, bounced: 0, dropped: 0 }
    assert.equal(isCut, false)
    assert.deepEqual(days, [
      { from: later(-day), mails: 1, sent: 1, ...none, refused: {} },
      { from: noon, mails: 2, sent: 1, ...none, waiting: 1, bounced: 1, refused: { A5: 2 } },
    ])
  })

  it('counts more mail than one slice holds', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await delivered(box.spool, id)
    await box.spool.tidy(noon, 30 * day, 7 * day)
    multiply(box.file, 1200)
    const { days } = await box.spool.deviceDays('scanner', [later(-day)])
    assert.deepEqual([days[0]?.mails, days[0]?.sent], [1201, 1201])
    assert.equal(await box.spool.sentSince(later(-1)), 1201)
    assert.equal(await box.spool.sentSince(later(1)), 0)
  })

  it('counts mail once that tidying sees between two slices', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await delivered(box.spool, id)
    const database = new Sqlite(box.file)
    const queries = deviceQueries(database)
    const from = [later(-day)]
    const lately = queries.sentLately(later(-1))
    const present = queries.present({ device: 'scanner', from })
    await box.spool.tidy(noon, 30 * day, 7 * day)
    const rest = queries.sentSince({ after: { at: later(-1), message: 0 }, except: lately.counted })
    const past = queries.past({ device: 'scanner', from, before: undefined, except: present.counted })
    database.close()
    assert.deepEqual([lately.sent, rest.sent], [1, 0])
    assert.deepEqual([present.days[0]?.mails, past.days[0]?.mails], [1, 0])
  })

  it('follows its new name', async () => {
    await using box = await testSpool()
    const old = await published(box.spool)
    await delivered(box.spool, old)
    await box.spool.tidy(noon, 30 * day, 7 * day)
    multiply(box.file, 700)
    // A number behind the copies.
    for (let n = 0; n < 700; n++) await box.spool.takeId()
    const open = await published(box.spool)
    await box.spool.saveSessions([session('A', 'F1', 0, { messages: [old] })])
    await box.spool.saveTraits([
      {
        device: 'scanner',
        address: '1.2.3.4',
        lastSeen: noon,
        lastSession: 'A',
        tls: '',
        mechanism: '',
        repairs: [],
      },
    ])
    await box.spool.renameDevice('scanner', 'front desk')
    assert.equal((await box.spool.message(open))?.device, 'front desk')
    assert.equal((await box.spool.session('A'))?.device, 'front desk')
    const { days } = await box.spool.deviceDays('front desk', [later(-day)])
    assert.equal(days[0]?.mails, 702)
    assert.deepEqual((await box.spool.deviceMarks(['scanner']))[0]?.mail, undefined)
    assert.deepEqual(
      (await box.spool.traits()).map(({ device }) => device),
      ['front desk'],
    )
    assert.deepEqual(
      (await box.spool.monthUse('2026-01')).map(({ device }) => device),
      ['front desk'],
    )
  })
})

describe('a search of the mail', () => {
  it('finds by id, device, recipient, subject, state and way out, newest first', async () => {
    await using box = await testSpool()
    const first = await published(box.spool, octetsOf(10), recipientsOf('Anna@contoso.com'))
    const second = await published(box.spool, octetsOf(10), {
      ...recipientsOf('ben@contoso.com'),
      subject: 'Pay slip',
      device: 'Front desk',
    })
    await box.spool.settle(
      settlementOf(undefined, [
        changeTo(second, 1, 'deferred', { code: 'address-blocked', dueAt: later(5) }),
      ]),
    )
    assert.deepEqual(await found(box.spool, {}), [second, first])
    assert.deepEqual(await found(box.spool, { words: ['anna'] }), [first])
    assert.deepEqual(await found(box.spool, { words: ['pay', 'ben'] }), [second])
    assert.deepEqual(await found(box.spool, { words: ['pay', 'anna'] }), [])
    assert.deepEqual(await found(box.spool, { words: ['acs'] }), [second])
    assert.deepEqual(await found(box.spool, { words: ['address-blocked'] }), [second])
    assert.deepEqual(await found(box.spool, { device: 'Front desk' }), [second])
    assert.deepEqual(await found(box.spool, { state: 'queued' }), [first])
    assert.equal((await box.spool.findMail(second))?.subject, 'Pay slip')
    await delivered(box.spool, first)
    assert.deepEqual(await found(box.spool, { isOpen: true }), [second])
  })

  it('goes on where it was while the queue moves, and ends', async () => {
    await using box = await testSpool()
    const ids = []
    for (let n = 0; n < 5; n++) ids.unshift(await published(box.spool))
    const page = await box.spool.findMails({ ...wanted, limit: 2 })
    await published(box.spool)
    const next = await box.spool.findMails({ ...wanted, limit: 2, before: page.next })
    const last = await box.spool.findMails({ ...wanted, limit: 2, before: next.next })
    const all = [page, next, last].flatMap(({ mails }) => mails.map(({ message }) => message))
    assert.deepEqual(all, ids)
    assert.equal(last.next, undefined)
  })

  it('looks at so much for one page, and says how far it came', async () => {
    await using box = await testSpool()
    const old = await published(box.spool, octetsOf(10), { subject: 'needle' })
    await delivered(box.spool, await published(box.spool))
    multiply(box.file, 1200)
    const page = await box.spool.findMails({ ...wanted, words: ['needle'] })
    assert.deepEqual(page.mails, [])
    const next = await box.spool.findMails({ ...wanted, words: ['needle'], before: page.next })
    const last = await box.spool.findMails({ ...wanted, words: ['needle'], before: next.next })
    assert.deepEqual([last.mails[0]?.message, last.next], [old, undefined])
  })

  it('finds sessions by their verdict, in pages', async () => {
    await using box = await testSpool()
    await box.spool.saveSessions([
      session('A', 'T2', 0),
      session('B', 'T2', 0, { device: undefined, about: 'front desk' }),
      session('C', 'A5', 0),
      session('D', 'T2', 9, { device: undefined }),
    ])
    const page = await box.spool.findSessions('T2', undefined, 2)
    assert.deepEqual(
      page.map((each) => [each.session, each.device, each.sentence]),
      [
        ['D', undefined, 'That was T2.'],
        ['B', 'front desk', 'That was T2.'],
      ],
    )
    const next = await box.spool.findSessions('T2', { at: noon, session: 'B' }, 2)
    assert.deepEqual(
      next.map((each) => each.session),
      ['A'],
    )
  })
})

describe('a drop that can be undone', () => {
  const until = later(2 * minute)

  it('sends nothing, keeps the body, and brings everything back as it was', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(10), recipientsOf('a@contoso.com', 'b@contoso.com'))
    const back = { dueAt: later(hour), code: 'no-answer', reason: 'no answer' }
    await box.spool.settle(settlementOf(undefined, [changeTo(id, 1, 'deferred', back)]))
    await box.spool.settle(settlementOf(undefined, [changeTo(id, 2, 'indeterminate')]))
    assert.equal(await box.spool.dropUntil({ message: id }, until), 2)
    assert.deepEqual(await box.spool.due(later(day), 10), [])
    assert.equal((await box.spool.findMail(id))?.undoUntil, until)
    assert.notEqual(await box.spool.content(id), undefined)

    assert.equal(await box.spool.undoDrop({ message: id }, later(minute)), 2)
    const [first, second] = (await box.spool.message(id))?.recipients ?? []
    assert.deepEqual([first?.state, first?.dueAt, first?.reason], ['deferred', later(hour), 'no answer'])
    assert.deepEqual([second?.state, second?.dueAt], ['indeterminate', undefined])
    assert.equal((await box.spool.findMail(id))?.undoUntil, undefined)
  })

  it('looks anew for a way out where it waited for one', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await box.spool.settle(
      settlementOf(undefined, [changeTo(id, 1, 'deferred', { dueAt: later(hour), waitingFor: 'acs' })]),
    )
    await box.spool.dropUntil({ message: id, recipient: 1 }, until)
    await box.spool.undoDrop('all', later(1000))
    const [row] = (await box.spool.message(id))?.recipients ?? []
    assert.deepEqual([row?.state, row?.dueAt, row?.waitingFor], ['deferred', later(1000), undefined])
  })

  it('is over when its time is: the body goes', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await box.spool.dropUntil({ message: id }, until)
    assert.equal(await box.spool.endDrops(later(minute)), until)
    assert.notEqual(await box.spool.content(id), undefined)
    assert.equal(await box.spool.undoDrop({ message: id }, until), 0)
    assert.equal(await box.spool.endDrops(until), undefined)
    assert.equal(await box.spool.content(id), undefined)
  })

  it('does not let another recipient finish the message, and survives a restart', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(10), recipientsOf('a@contoso.com', 'b@contoso.com'))
    await box.spool.dropUntil({ message: id, recipient: 2 }, until)
    await delivered(box.spool, id)
    assert.notEqual(await box.spool.content(id), undefined)
    const spool = await box.reopen()
    await spool.recover(later(minute))
    assert.equal(await spool.undoDrop({ message: id, recipient: 2 }, later(minute)), 1)
    assert.equal((await spool.message(id))?.recipients[1]?.state, 'queued')
  })

  it('leaves what went out after all as it is', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await box.spool.settle(settlementOf(undefined, [changeTo(id, 1, 'indeterminate')]))
    await box.spool.dropUntil({ message: id }, until)
    await box.spool.settle(settlementOf(undefined, [changeTo(id, 1, 'accepted')]))
    assert.equal(await box.spool.undoDrop({ message: id }, later(minute)), 0)
    assert.equal((await box.spool.message(id))?.recipients[0]?.state, 'accepted')
  })
})

describe('the way of a mail', () => {
  it('has its attempts with their recipients', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    await delivered(box.spool, id)
    const { attempts, reports, undoUntil } = await box.spool.trail(id)
    assert.deepEqual(
      [attempts.map(({ recipients }) => recipients), reports, undoUntil],
      [[[1]], [], undefined],
    )
  })
})

describe('the questions of pages', () => {
  it('are asked by indexes alone', async () => {
    await using box = await testSpool()
    const database = new Sqlite(box.file)
    const plan = (sql: string): string =>
      database
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.replaceAll(/@\w+/g, '1')}`)
        .all(...Array.from(sql.matchAll(/\?/g), () => 1))
        .map(({ detail }) => detail)
        .join('; ')
    const plans = Object.fromEntries(
      Object.entries({ ...deviceSql, ...searchSql, waiting: deviceSql.open }).map(([name, sql]) => [
        name,
        plan(sql),
      ]),
    )
    database.close()
    assert.deepEqual(plans, {
      all: 'SEARCH message USING INTEGER PRIMARY KEY (rowid<?)',
      mark: 'SEARCH session_about USING COVERING INDEX session_about_device (device=? AND came_to=?)',
      open: 'SEARCH delivery USING COVERING INDEX delivery_open (message<?)',
      waiting: 'SEARCH message USING INDEX message_open (accepted_wall>?)',
      past: 'SEARCH message USING INDEX message_of_device (device=? AND accepted_wall>? AND accepted_wall<?)',
      refused:
        'SEARCH session_about USING COVERING INDEX session_about_device (device=? AND came_to=? AND ended_at>? AND ended_at<?); USE TEMP B-TREE FOR GROUP BY',
      sent: 'SEARCH message USING INDEX message_finished (finished_wall>?)',
      sessions:
        'SEARCH about USING INDEX session_about_code (code=? AND (ended_at,session)<(?,?)); SEARCH session_verdict USING PRIMARY KEY (session=?); SEARCH session USING INDEX sqlite_autoindex_session_1 (id=?)',
      unseen: 'SCAN message USING INDEX message_unstamped',
    })
  })

  it('find what an older release wrote', async () => {
    await using box = await testSpool()
    await box.spool[Symbol.asyncDispose]()
    const database = new Sqlite(box.file)
    const last = spoolMigrations.find(({ version }) => version === 8)
    database.exec('DROP TABLE session_about; DROP TABLE dropped_delivery; DROP INDEX message_of_device')
    database.exec(
      `INSERT INTO session VALUES ('A', 1, 2, 'x', 's', 'scanner', '', '', '["7"]', '', '[]'), ('B', 1, 3, 'x', 's', NULL, '', '', '[]', '', '[]')`,
    )
    database.exec(`INSERT INTO session_verdict VALUES ('A', '{"code":"F1"}'), ('B', '{"code":"T2"}')`)
    database.exec(last?.sql ?? '')
    const rows = database.prepare('SELECT * FROM session_about ORDER BY session').raw().all()
    database.close()
    assert.deepEqual(rows, [
      ['A', 'scanner', 1, 2, 'F1'],
      ['B', '', 0, 3, 'T2'],
    ])
  })
})

/** So many copies of the newest message, finished and sent. */
function multiply(file: string, copies: number): void {
  const database = new Sqlite(file)
  const columns = database
    .prepare<[], string>("SELECT name FROM pragma_table_info('message') WHERE name <> 'id'")
    .pluck()
    .all()
  database.exec(`
    CREATE TEMP TABLE newest AS SELECT * FROM message ORDER BY id DESC LIMIT 1;
    WITH RECURSIVE series (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM series WHERE value < ${copies})
    INSERT INTO message (id, ${columns.join()}) SELECT id + value, ${columns.join()} FROM newest, series;
    WITH RECURSIVE series (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM series WHERE value < ${copies})
    INSERT INTO delivery (message, number, priority, address, state, code, reason, attempts, counted_ms, refused_by)
      SELECT id + value, 1, 1, 'anna@contoso.com', 'accepted', 'accepted', '', 1, 0, '[]' FROM newest, series;
    UPDATE counter SET value = value + ${copies + 1000} WHERE name = 'message'`)
  database.close()
}
