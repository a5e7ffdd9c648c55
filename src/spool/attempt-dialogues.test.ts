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

/** One mail that is tried again and again, each time with the next of these. */
async function triedWith(spool: Spool, dialogues: readonly string[]): Promise<MessageId> {
  const id = await published(spool, octetsOf(1))
  const key = partKey(id)
  const { attempt } = settlementOf(key, [])
  assert.ok(attempt)
  for (const said of dialogues) {
    await spool.start(startOf(key))
    const told = { partState: 'open', attempt: { ...attempt, outcome: 'transient', dialogue: said } } as const
    await spool.settle(settlementOf(key, [changeTo(id, 1, 'deferred', { dueAt: noon })], told))
  }
  return id
}

const busy = (n: number, text = 'Try again later'): string =>
  `S: 220 relay ESMTP Sun, ${n} Nov 2026\nC: MAIL FROM:<a@contoso.com>\nS: 451 4.7.0 ${text} [DB${n}.prod]`

const dialoguesOf = async (spool: Spool, id: MessageId) =>
  (await spool.message(id))?.attempts.map((attempt) => attempt.dialogue)

describe('dialogues of failed attempts', () => {
  it('stand at the attempt that they belong to', async () => {
    await using box = await testSpool()
    const id = await refused(box.spool)
    assert.deepEqual(await dialoguesOf(box.spool, id), [undefined, dialogue])
  })

  it('stand once where a server says the same for days', async () => {
    await using box = await testSpool()
    const id = await triedWith(
      box.spool,
      Array.from({ length: 37 }, (_, n) => busy(n)),
    )
    const kept = await dialoguesOf(box.spool, id)
    assert.equal(kept?.length, 37, 'every attempt is there')
    assert.deepEqual([kept?.[0], new Set(kept?.slice(1))], [busy(0), new Set([undefined])])
  })

  it('stand each where they differ: by a code, a status, a word or a command of ours', async () => {
    await using box = await testSpool()
    const said = [
      busy(1),
      busy(2, 'Too many of you'),
      busy(3).replace('4.7.0', '4.3.2'),
      busy(4).replace('451', '421'),
      busy(5).replace('MAIL', 'AUTH LOGIN\nC: MAIL'),
    ]
    assert.deepEqual(await dialoguesOf(box.spool, await triedWith(box.spool, [...said, ...said])), [
      ...said,
      ...said.map(() => undefined),
    ])
  })

  it('that differ each time are no more than the first four and the last', async () => {
    await using box = await testSpool()
    const said = [...'abcdefgh'].map((letter) => busy(1, letter))
    assert.deepEqual(await dialoguesOf(box.spool, await triedWith(box.spool, said)), [
      ...said.slice(0, 4),
      undefined,
      undefined,
      undefined,
      said[7],
    ])
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
