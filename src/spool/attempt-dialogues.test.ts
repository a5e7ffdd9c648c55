import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import Sqlite from 'better-sqlite3'
import type { MessageId } from '../core/message-id.ts'
import type { Spool } from '../core/spool.ts'
import { day } from '../core/time.ts'
import { countIn } from './spool-file.ts'
import {
  changeTo,
  later,
  noon,
  octetsOf,
  partKey,
  published,
  settlementOf,
  startOf,
  testSpool,
} from './spool-fixture.ts'

const dialogue = 'S: 220 relay ready\nC: RCPT TO:<Anna@contoso.com>\nS: 550 5.1.1 User unknown'

/** A first attempt without an answer, and a second one that was refused with words. */
async function refused(spool: Spool): Promise<MessageId> {
  const id = await published(spool, octetsOf(1))
  const key = partKey(id)
  await spool.start(startOf(key))
  await spool.settle(settlementOf(key, [changeTo(id, 1, 'deferred', { dueAt: noon })], { partState: 'open' }))
  await spool.start(startOf(key))
  const { attempt } = settlementOf(key, [])
  assert.ok(attempt)
  const told = { partState: 'failed', attempt: { ...attempt, outcome: 'permanent', dialogue } } as const
  await spool.settle(settlementOf(key, [changeTo(id, 1, 'bounced')], told))
  return id
}

const dialoguesOf = async (spool: Spool, id: MessageId) =>
  (await spool.message(id))?.attempts.map((attempt) => attempt.dialogue)

describe('dialogues of failed attempts', () => {
  it('stand at the attempt that they belong to', async () => {
    await using box = await testSpool()
    const id = await refused(box.spool)
    assert.deepEqual(await dialoguesOf(box.spool, id), [undefined, dialogue])
  })

  it('go with the attempt when it is too old', async () => {
    await using box = await testSpool()
    await refused(box.spool)
    assert.equal(countIn(box.file, 'attempt_dialogue'), 1)
    await box.spool.tidy(noon, 30 * day, 7 * day)
    await box.spool.tidy(later(30 * day + 1), 30 * day, 7 * day)
    assert.equal(countIn(box.file, 'attempt_dialogue'), 0)
  })

  it('tell no address that is forgotten', async () => {
    await using box = await testSpool()
    const id = await refused(box.spool)
    await box.spool.forget('anna@contoso.com')
    assert.match((await dialoguesOf(box.spool, id))?.[1] ?? '', /RCPT TO:<\(forgotten\)>\nS: 550/)
  })

  it('are not in the way of a release that knows none', async () => {
    await using box = await testSpool()
    const id = await refused(box.spool)
    const older = new Sqlite(box.file)
    older.pragma('foreign_keys = ON')
    // As release 0.1 writes and removes attempts.
    older.exec("INSERT INTO attempt VALUES (1, 3, 1, '[1]', 1, 'acs', 1, 'transient', '', 1)")
    assert.deepEqual(await dialoguesOf(box.spool, id), [undefined, dialogue, undefined])
    older.exec('DELETE FROM attempt WHERE message = 1')
    older.close()
    assert.equal(countIn(box.file, 'attempt_dialogue'), 0)
  })
})
