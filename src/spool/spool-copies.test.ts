import assert from 'node:assert/strict'
import { copyFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import Sqlite from 'better-sqlite3'
import { type MessageId, messageNumberOf } from '../core/message-id.ts'
import { lookAtSpool, resettleSpool } from './spool-copies.ts'
import { runSpoolErrand } from './spool-errands.ts'
import { countIn, rowsOf } from './spool-file.ts'
import { noon, octetsOf, opened, published, readAll, testSpool } from './spool-fixture.ts'

const resettle = {
  kind: 'resettle',
  origin: 'the backup of 29 Nov 03:00',
  hold: 'all',
  numbersAbove: 0,
  takenBefore: [],
} as const
const ofOldBox = { ...resettle, origin: 'an old box', hold: 'uncertain' } as const

describe('a copy of a spool', () => {
  it('is consistent and whole while mail goes on', async () => {
    await using box = await testSpool()
    await box.spool.recover(noon)
    const octets = octetsOf(700_000)
    const first = await published(box.spool, octets)
    const copying = runSpoolErrand({ kind: 'copy', file: box.file, to: `${box.file}.copy` })
    for (let n = 0; n < 20; n += 1) await published(box.spool, octetsOf(2000, n + 2))
    assert.deepEqual(await copying, { kind: 'copied' })
    await using copy = await opened({ file: `${box.file}.copy`, reserveOctets: 0 })
    const content = await copy.content(first)
    assert.ok(content)
    assert.ok(Buffer.from(octets).equals(await readAll(content)))
    const mails = countIn(`${box.file}.copy`, 'message')
    assert.ok(mails >= 1 && mails <= 21)
    assert.equal(countIn(`${box.file}.copy`, 'delivery'), mails)
  })

  it('has nothing in it of what was deleted', async () => {
    await using box = await testSpool()
    await box.spool.recover(noon)
    const id = await published(box.spool, octetsOf(3_000_000))
    await box.spool.operate('drop', { message: id }, noon)
    await box.reopen()
    const answer = await runSpoolErrand({ kind: 'copy', file: box.file, to: `${box.file}.copy` })
    assert.deepEqual(answer, { kind: 'copied' })
    assert.ok(statSync(`${box.file}.copy`).size < 500_000)
  })

  it('is killed with its signal', async () => {
    await using box = await testSpool()
    const stop = AbortSignal.abort(new Error('stopping'))
    await assert.rejects(
      runSpoolErrand({ kind: 'copy', file: box.file, to: `${box.file}.copy` }, stop),
      /stopping/,
    )
  })

  it('of a file with nothing in it is not needed: no mail waits there', async () => {
    await using box = await testSpool()
    const file = `${box.file}.empty`
    writeFileSync(file, '')
    assert.deepEqual(await runSpoolErrand({ kind: 'look', file }), {
      kind: 'seen',
      open: 0,
      lastNumber: 0,
      cameFrom: [],
    })
  })

  it('says why there can be none', async () => {
    await using box = await testSpool()
    const answer = await runSpoolErrand({ kind: 'copy', file: `${box.file}.none`, to: `${box.file}.copy` })
    assert.equal(answer.kind === 'refused' && answer.refusal, 'unreadable')
  })
})

describe('a spool from a backup', () => {
  async function resettled(prepare: (id: MessageId, file: string) => void) {
    const box = await testSpool()
    await box.spool.recover(noon)
    const id = await published(box.spool, octetsOf(500))
    await box.spool[Symbol.asyncDispose]()
    prepare(id, box.file)
    const before = rowsOf<{ value: string }>(box.file, "SELECT value FROM meta WHERE key = 'namespace'")[0]
    const answer = await runSpoolErrand({ ...resettle, file: box.file })
    return { box, id, answer, namespace: before?.value }
  }
  const sql = (text: string) => (_id: MessageId, file: string) => {
    const database = new Sqlite(file)
    database.exec(text)
    database.close()
  }

  for (const state of ['queued', 'deferred', 'indeterminate', 'sending', 'held', 'collecting'])
    it(`holds what was ${state}: it may already have been sent`, async () => {
      const { id, answer, ...its } = await resettled(
        sql(`UPDATE delivery SET state = '${state}', code = 'x'`),
      )
      await using box = its.box
      assert.deepEqual(answer, { kind: 'resettled', held: 1, goingOn: 0, wasTakenBefore: false })
      const spool = await box.reopen()
      await spool.recover(noon)
      const row = (await spool.message(id))?.recipients[0]
      assert.equal(row?.state, 'held')
      assert.match(row?.reason ?? '', /^may already have been sent: it is from the backup of 29 Nov 03:00$/)
      assert.equal(await spool.nextDueAt(), undefined)
      assert.equal(await spool.operate('release', { message: id }, noon), 1)
      assert.equal((await spool.message(id))?.recipients[0]?.state, 'queued')
    })

  for (const state of ['accepted', 'confirmed', 'bounced', 'expired', 'dropped'])
    it(`leaves what was ${state}`, async () => {
      const { id, answer, ...its } = await resettled(sql(`UPDATE delivery SET state = '${state}'`))
      await using box = its.box
      assert.deepEqual(answer, { kind: 'resettled', held: 0, goingOn: 0, wasTakenBefore: false })
      const spool = await box.reopen()
      assert.equal((await spool.message(id))?.recipients[0]?.state, state)
    })

  for (const [what, change, held] of [
    ['lets go on what was queued', "state = 'queued'", 0],
    ['lets go on what was deferred, its fate known', "state = 'deferred'", 0],
    ['lets go on what was collecting', "state = 'collecting'", 0],
    ['holds what was on the wire', "state = 'sending'", 1],
    ['holds what was asked for', "state = 'indeterminate'", 1],
  ] as const)
    it(`of a box that ended ${what}`, async () => {
      await using box = await testSpool()
      await box.spool.recover(noon)
      const id = await published(box.spool, octetsOf(500))
      await box.spool[Symbol.asyncDispose]()
      sql(`UPDATE delivery SET ${change}, code = 'x'`)(id, box.file)
      const answer = resettleSpool(box.file, ofOldBox)
      assert.deepEqual(answer, { kind: 'resettled', held, goingOn: 1 - held, wasTakenBefore: false })
      const code = rowsOf<{ code: string }>(box.file, 'SELECT code FROM delivery')[0]?.code
      assert.equal(code, held ? 'may-already-be-sent' : 'x')
    })

  it('of a box that ended holds what is queued to be repeated under an operation of unknown fate', async () => {
    await using box = await testSpool()
    await box.spool.recover(noon)
    const id = await published(box.spool, octetsOf(500))
    await box.spool[Symbol.asyncDispose]()
    sql(`INSERT INTO part SELECT id, 'acs', 1, 1, 'op', '', 'sending', 1, 0, 5, 0 FROM message;
      INSERT INTO part_recipient SELECT id, 'acs', 1, 1, 1 FROM message;`)(id, box.file)
    const answer = resettleSpool(box.file, ofOldBox)
    assert.deepEqual(answer, { kind: 'resettled', held: 1, goingOn: 0, wasTakenBefore: false })
    const parts = rowsOf<object>(box.file, 'SELECT state, next_ask_at, operation_id FROM part')
    assert.deepEqual(
      parts.map((part) => ({ ...part })),
      [{ state: 'indeterminate', next_ask_at: null, operation_id: 'op' }],
    )
  })

  it('of a card that was taken over before holds all: nothing on the card says so, this box does', async () => {
    await using box = await testSpool()
    await box.spool.recover(noon)
    await published(box.spool, octetsOf(500))
    await box.spool[Symbol.asyncDispose]()
    copyFileSync(box.file, `${box.file}.card`)
    const first = resettleSpool(box.file, ofOldBox)
    assert.deepEqual(first, { kind: 'resettled', held: 0, goingOn: 1, wasTakenBefore: false })
    const seen = lookAtSpool(box.file)
    assert.ok(seen.kind === 'seen')
    const again = resettleSpool(`${box.file}.card`, { ...ofOldBox, takenBefore: seen.cameFrom })
    assert.deepEqual(again, { kind: 'resettled', held: 1, goingOn: 0, wasTakenBefore: true })
    // What another card brought meanwhile takes none of that away.
    const other = resettleSpool(box.file, { ...ofOldBox, takenBefore: ['another', ...seen.cameFrom] })
    assert.equal(other.kind, 'resettled')
    const then = lookAtSpool(box.file)
    assert.deepEqual(
      then.kind === 'seen' && then.cameFrom.slice(1).toSorted(),
      ['another', ...seen.cameFrom].toSorted(),
    )
  })

  it('keeps mail that awaits adoption out of the hands of `release`', async () => {
    const { id, ...its } = await resettled(
      sql(`UPDATE delivery SET state = 'held', code = 'awaits-adoption'`),
    )
    await using box = its.box
    const spool = await box.reopen()
    assert.match((await spool.message(id))?.recipients[0]?.reason ?? '', /may already have been sent/)
    assert.equal(await spool.operate('release', { message: id }, noon), 0)
  })

  it('uses no id twice: numbers go on far behind, and operations have a new namespace', async () => {
    const { id, namespace, ...its } = await resettled(() => {})
    await using box = its.box
    const spool = await box.reopen()
    const report = await spool.recover(noon)
    assert.notEqual(report.namespace, namespace)
    const next = messageNumberOf(await spool.takeId()) ?? 0
    assert.ok(next > (messageNumberOf(id) ?? 0) + 2 ** 20)
  })

  it('goes on behind the numbers of the spool that it replaces', async () => {
    const its = await resettled(() => {})
    await using box = its.box
    resettleSpool(box.file, { ...resettle, numbersAbove: 2 ** 30 })
    const [row] = rowsOf<{ value: number }>(box.file, "SELECT value FROM counter WHERE name = 'message'")
    assert.ok((row?.value ?? 0) > 2 ** 30)
  })

  it('closes a take-over window that was open then', async () => {
    const its = await resettled(sql(`INSERT INTO take_over VALUES (1, '10.0.0.0/8', 'anna', 1, 2)`))
    await using box = its.box
    assert.equal(countIn(box.file, 'take_over'), 0)
  })

  it('is refused where it is damaged inside', async () => {
    const { answer, ...its } = await resettled((_id, file) => {
      const database = new Sqlite(file)
      database.unsafeMode(true)
      database.pragma('writable_schema = ON')
      database.exec("UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'session'")
      database.close()
    })
    await using _box = its.box
    assert.equal(answer.kind === 'refused' && answer.refusal, 'unreadable')
  })
})
