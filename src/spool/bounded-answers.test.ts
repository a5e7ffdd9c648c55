import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MessageId } from '../core/message-id.ts'
import type { MimePart, PartIndex } from '../core/part-index.ts'
import type { Spool } from '../core/spool.ts'
import {
  changeTo,
  later,
  noon,
  octetsOf,
  partKey,
  published,
  recipientsOf,
  settlementOf,
  startOf,
  testSpool,
} from './spool-fixture.ts'

const manyRecipients = (count: number) =>
  recipientsOf(...Array.from({ length: count }, (_, at) => `r${at}@contoso.com`))

/** An index of about 400 octets of JSON for each part. */
function indexOf(parts: number): PartIndex {
  const part = (at: number): MimePart => ({
    number: `1.${at}`,
    parent: '1',
    type: 'application/octet-stream',
    parameters: { name: `page ${at} of a scan with a long name.pdf`, charset: 'utf-8' },
    encoding: 'base64',
    disposition: 'attachment',
    fileName: `page ${at} of a scan with a long name.pdf`,
    contentId: `${at}@scanner.contoso.com`,
    header: { start: at, end: at + 100 },
    body: { start: at + 100, end: at + 200 },
    decodedSize: 75,
    isPlainBase64: true,
  })
  return {
    headerEnd: 10,
    parts: Array.from({ length: parts }, (_, at) => part(at)),
    isCut: false,
    has8bit: false,
    hasBareLineEnds: false,
    longestLine: 78,
  }
}

const large = { index: indexOf(1000) }

/** Sends what is due, answer by answer, until nothing is; the messages of each answer. */
async function sendAll(spool: Spool): Promise<readonly (readonly MessageId[])[]> {
  const answers: MessageId[][] = []
  for (;;) {
    const due = await spool.due(noon, 2048)
    if (due.length === 0) return answers
    answers.push(due.map(({ id }) => id))
    for (const { id, recipients } of due) {
      const changes = recipients.map(({ number }) => changeTo(id, number, 'accepted'))
      await spool.settle(settlementOf(undefined, changes))
    }
  }
}

async function publishMany(spool: Spool, count: number, with_: Parameters<typeof published>[2]) {
  const ids: MessageId[] = []
  for (let n = 0; n < count; n++) ids.push(await published(spool, octetsOf(1), with_))
  return ids
}

/** Messages whose one part is uncertain and may be asked for. */
async function publishUncertain(spool: Spool, count: number, with_: Parameters<typeof published>[2]) {
  const ids = await publishMany(spool, count, with_)
  const recipients = Array.from({ length: with_?.envelope?.recipients.length ?? 1 }, (_, at) => at + 1)
  for (const id of ids) {
    await spool.start(startOf(partKey(id), recipients))
    const changes = recipients.map((recipient) => changeTo(id, recipient, 'indeterminate'))
    await spool.settle(settlementOf(partKey(id), changes, { partState: 'indeterminate', nextAskAt: noon }))
  }
  return ids
}

async function answerAll(spool: Spool): Promise<readonly (readonly MessageId[])[]> {
  const answers: MessageId[][] = []
  for (;;) {
    const asks = await spool.dueAsks(noon, 256)
    if (asks.length === 0) return answers
    answers.push(asks.map(({ part }) => part.message))
    for (const { part } of asks) await spool.settle(settlementOf(part, [], { partState: 'confirmed' }))
  }
}

const mostOf = (answers: readonly (readonly MessageId[])[]): number =>
  Math.max(...answers.map(({ length }) => length))

describe('what is due in one answer', () => {
  it('is 5,000 deliveries, and the rest in the answers after it', async () => {
    await using box = await testSpool()
    const ids = await publishMany(box.spool, 12, manyRecipients(1000))
    const answers = await sendAll(box.spool)
    assert.deepEqual(
      answers.map(({ length }) => length),
      [5, 5, 2],
    )
    assert.deepEqual(answers.flat(), ids)
  })

  it('is 4 MB of indexes, for a full queue too, which the heap of the reader could not hold', async () => {
    await using box = await testSpool()
    const ids = await publishMany(box.spool, 256, large)
    const answers = await sendAll(box.spool)
    const octets = JSON.stringify(large.index).length
    assert.ok(octets > 300_000)
    assert.equal(mostOf(answers), Math.floor(4_000_000 / octets))
    assert.deepEqual(answers.flat(), ids)
  })

  it('is one message at least, however large it is', async () => {
    await using box = await testSpool()
    const ids = [
      await published(box.spool, octetsOf(1), manyRecipients(6000)),
      await published(box.spool, octetsOf(1), { index: indexOf(11_000) }),
      await published(box.spool),
    ]
    assert.deepEqual(await sendAll(box.spool), [[ids[0], ids[2]], [ids[1]]])
  })

  it('counts what was sent of a message before: its parts come along', async () => {
    await using box = await testSpool()
    const all = Array.from({ length: 1000 }, (_, at) => at + 1)
    const ids = await publishMany(box.spool, 4, manyRecipients(1000))
    for (const id of ids) {
      await box.spool.start(startOf(partKey(id), all))
      const changes = all.map((recipient) => changeTo(id, recipient, 'deferred', { dueAt: noon }))
      await box.spool.settle(settlementOf(partKey(id), changes, { partState: 'open' }))
    }
    assert.deepEqual(
      (await sendAll(box.spool)).map(({ length }) => length),
      [2, 2],
    )
  })

  it('is in the order of the queue; what is small is there beside the large ones that have to wait', async () => {
    await using box = await testSpool()
    const first = await published(box.spool)
    const ids = await publishMany(box.spool, 2, manyRecipients(4000))
    const middling = await published(box.spool, octetsOf(1), manyRecipients(100))
    const last = await published(box.spool)
    const urgent = await published(box.spool, octetsOf(1), { priority: 'alarm', acceptedWall: noon })
    assert.deepEqual(await sendAll(box.spool), [
      [urgent, first, ids[0], last],
      [ids[1], middling],
    ])
    assert.equal(await box.spool.nextDueAt(), undefined)
  })

  it('still has an end where everything is small or everything is large', async () => {
    await using box = await testSpool()
    const small = { index: indexOf(15) }
    await publishMany(box.spool, 900, small)
    const found = (await box.spool.due(noon, 2048)).length
    const octets = JSON.stringify(small.index).length
    assert.ok(octets > 5000 && octets < 8000)
    assert.ok(found > 4_000_000 / (octets + 200) && found <= 5_000_000 / octets, `${found}`)
    await using other = await testSpool()
    await publishMany(other.spool, 12, manyRecipients(6000))
    const id = await published(other.spool)
    const seen = (await other.spool.due(noon, 2048)).map((message) => message.id)
    assert.equal(seen.includes(id), false, 'beyond what is worth passing over')
  })
})

describe('what is to be asked in one answer', () => {
  it('is bounded by recipients', async () => {
    await using box = await testSpool()
    const ids = await publishUncertain(box.spool, 6, manyRecipients(1000))
    const answers = await answerAll(box.spool)
    assert.deepEqual(
      answers.map(({ length }) => length),
      [2, 2, 2],
    )
    assert.deepEqual(answers.flat(), ids)
  })

  it('is bounded by indexes', async () => {
    await using box = await testSpool()
    const ids = await publishUncertain(box.spool, 40, large)
    const answers = await answerAll(box.spool)
    assert.ok(mostOf(answers) <= 13)
    assert.deepEqual(answers.flat(), ids)
    assert.deepEqual(await box.spool.dueAsks(later(1), 10), [])
  })
})
