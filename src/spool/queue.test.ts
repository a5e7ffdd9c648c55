import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, it } from 'node:test'
import { comparableEnvelope } from '../core/envelope.ts'
import type { MessageId } from '../core/message-id.ts'
import type { DueMessage, Spool } from '../core/spool.ts'
import { day, hour, minute, wallMs } from '../core/time.ts'
import { countIn, rowsOf } from './spool-file.ts'
import {
  address,
  changeTo,
  delivered,
  later,
  newMessage,
  noon,
  octetsOf,
  partKey,
  published,
  publishing,
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

describe('a published message', () => {
  it('is due at once with everything that routing and sending need', async () => {
    await using box = await testSpool()
    const index = {
      headerEnd: 5,
      parts: [],
      isCut: true,
      has8bit: true,
      hasBareLineEnds: true,
      longestLine: 999,
    }
    const envelope = {
      reversePath: '' as const,
      recipients: [
        { address: address('anna@contoso.com'), said: 'anna', notify: 'FAILURE', orcpt: 'rfc822;anna' },
        { address: address('ben@contoso.com') },
      ],
      bodyType: '7BIT' as const,
      smtputf8: true,
      dsn: { ret: 'HDRS' as const, envid: 'E1' },
    }
    const id = await published(box.spool, octetsOf(10), {
      kind: 'dsn',
      priority: 'bulk',
      device: undefined,
      from: undefined,
      route: ['acs', 'exchange'],
      facts: { size: 10, acsSize: 90, fidelity: ['calendar'] },
      index,
      envelope,
    })
    const { recipients, ...without } = envelope
    const lifetime = { countedMs: 0, since: noon }
    const fresh = { state: 'queued', attempts: 0, part: undefined, lifetime, dueAt: noon, refusedBy: [] }
    assert.deepEqual(await box.spool.due(noon, 10), [
      {
        id,
        kind: 'dsn',
        priority: 'bulk',
        device: undefined,
        from: undefined,
        subject: 'Scan',
        headerMessageId: `${id}@branch-07`,
        envelope: without,
        route: ['acs', 'exchange'],
        facts: { size: 10, acsSize: 90, fidelity: ['calendar'] },
        index,
        acceptedWall: noon,
        recipients: recipients.map((recipient, at) => ({ number: at + 1, ...recipient, ...fresh })),
        parts: [],
        recipientCount: 2,
        about: undefined,
      },
    ])
  })

  it('keeps every fact of the schema that nobody asks for yet', async () => {
    await using box = await testSpool()
    await published(box.spool)
    const [row] = rowsOf<Record<string, unknown>>(box.file, 'SELECT * FROM message')
    assert.equal(row?.['content_sha256'], 'f'.repeat(64))
    assert.equal(row?.['accepted_monotonic'], 5)
    assert.equal(row?.['boot_id'], 'boot')
    assert.equal(row?.['clock_believable'], 1)
    assert.equal(row?.['partial_key'], null)
  })

  it('is told failed, and leaves nothing, if its id was used before', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    const again = box.spool.receive(id)
    await again.write(octetsOf(5))
    const [publication, other] = await Promise.all([again.publish(newMessage(id, 5)), published(box.spool)])
    assert.equal(publication.kind, 'failed')
    assert.equal((await readAll(await box.spool.content(id))).length, 100)
    assert.equal((await readAll(await box.spool.content(other))).length, 100)
  })
})

describe('ids', () => {
  it('rise, and are never given twice, whatever was published before a restart', async () => {
    await using box = await testSpool()
    const seen = new Set<MessageId>()
    for (let round = 0; round < 3; round++) {
      const spool = await box.reopen()
      for (const id of await Promise.all(Array.from({ length: 150 }, () => spool.takeId()))) {
        assert.ok(!seen.has(id))
        seen.add(id)
      }
    }
  })
})

describe('what is due', () => {
  it('comes alarm before normal before bulk, oldest first, up to the limit', async () => {
    await using box = await testSpool()
    const bulk = await published(box.spool, octetsOf(1), { priority: 'bulk' })
    const second = await published(box.spool, octetsOf(1), { acceptedWall: later(2) })
    const first = await published(box.spool, octetsOf(1), { acceptedWall: later(1), ...twoRecipients })
    const alarm = await published(box.spool, octetsOf(1), { priority: 'alarm', acceptedWall: later(3) })
    assert.deepEqual(ids(await box.spool.due(later(10), 10)), [alarm, first, second, bulk])
    assert.deepEqual(ids(await box.spool.due(later(10), 2)), [alarm, first])
    assert.deepEqual(ids(await box.spool.due(later(1), 10)), [first, bulk])
    assert.equal(await box.spool.nextDueAt(), noon)
  })

  it('shows only those recipients of a message that are due', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(1), twoRecipients)
    await box.spool.settle(
      settlementOf(undefined, [changeTo(id, 1, 'deferred', { dueAt: later(hour), attempts: 3 })]),
    )
    const [message] = await box.spool.due(noon, 10)
    assert.deepEqual(
      message?.recipients.map(({ number }) => number),
      [2],
    )
    const [whole] = await box.spool.due(later(hour), 10)
    assert.deepEqual(
      whole?.recipients.map(({ number, attempts }) => [number, attempts]),
      [
        [1, 3],
        [2, 0],
      ],
    )
  })

  it('is nothing when all is settled', async () => {
    await using box = await testSpool()
    await delivered(box.spool, await published(box.spool))
    assert.deepEqual(await box.spool.due(later(day), 10), [])
    assert.equal(await box.spool.nextDueAt(), undefined)
  })
})

describe('a clock that jumps', () => {
  it('leaves what an earlier boot wrote by a right clock', async () => {
    await using box = await testSpool()
    await published(box.spool)
    await box.spool.shiftTimes({ byMs: 50 * 365 * day, from: wallMs(0) })
    assert.equal((await box.spool.due(noon, 10))[0]?.recipients[0]?.dueAt, noon)
  })

  it('moves every open time, and no fact of the past', async () => {
    await using box = await testSpool()
    const id = await published(box.spool)
    const asked = await published(box.spool)
    await box.spool.start(startOf(partKey(asked)))
    await box.spool.settle(
      settlementOf(partKey(asked), [changeTo(asked, 1, 'accepted')], { nextAskAt: later(minute) }),
    )
    await box.spool.shiftTimes({ byMs: day, from: noon })
    const [due] = await box.spool.due(later(2 * day), 10)
    assert.equal(due?.acceptedWall, noon)
    assert.equal(due?.recipients[0]?.dueAt, later(day))
    assert.deepEqual(due?.recipients[0]?.lifetime, { countedMs: 0, since: later(day) })
    assert.equal((await box.spool.dueAsks(later(2 * day), 1))[0]?.part.nextAskAt, later(day + minute))
    assert.equal((await stateOf(box.spool, id))?.acceptedWall, noon)
  })

  it('puts right when a mail came that was accepted by a wrong clock', async () => {
    await using box = await testSpool()
    const minuteAfterStart = wallMs(minute)
    const wrong = { acceptedWall: minuteAfterStart, clockBelievable: false }
    await published(box.spool, undefined, wrong)
    await box.spool.shiftTimes({ byMs: noon, from: wallMs(2 * minute) })
    const [due] = await box.spool.due(later(day), 10)
    assert.equal(due?.acceptedWall, later(minute))
    assert.equal((await box.spool.counts()).oldestOpen, later(minute))
  })

  it('leaves that time alone once something was sent: a repeat has the same Date', async () => {
    await using box = await testSpool()
    const wrong = { acceptedWall: wallMs(minute), clockBelievable: false }
    const id = await published(box.spool, undefined, wrong)
    await box.spool.shiftTimes({ byMs: noon, from: wallMs(2 * minute) })
    await box.spool.start(startOf(partKey(id)))
    await box.spool.settle(settlementOf(partKey(id), [changeTo(id, 1, 'deferred', { dueAt: later(minute) })]))
    await box.spool.shiftTimes({ byMs: hour, from: later(minute) })
    const [due] = await box.spool.due(later(day), 10)
    assert.equal(due?.acceptedWall, later(minute))
    assert.equal(due?.recipients[0]?.dueAt, later(minute + hour))
  })
})

describe('operators', () => {
  it('retry what is deferred or waits, whatever it waits for', async () => {
    await using box = await testSpool()
    const deferred = await published(box.spool)
    const waiting = await published(box.spool)
    const sending = await published(box.spool)
    await box.spool.settle(
      settlementOf(undefined, [changeTo(deferred, 1, 'deferred', { dueAt: later(day) })]),
    )
    await box.spool.settle(settlementOf(undefined, [changeTo(waiting, 1, 'deferred', { waitingFor: 'acs' })]))
    await box.spool.start(startOf(partKey(sending)))
    assert.equal(await box.spool.operate('retry', { message: deferred }, later(1)), 1)
    assert.deepEqual(ids(await box.spool.due(later(1), 10)), [deferred])
    assert.equal(await box.spool.operate('retry', 'all', later(2)), 2)
    assert.deepEqual(ids(await box.spool.due(later(2), 10)), [deferred, waiting])
  })

  it('retry what is uncertain and would be sent again, but not what waits for an answer', async () => {
    await using box = await testSpool()
    const repeated = await published(box.spool)
    const asked = await published(box.spool)
    for (const [id, dueAt, nextAskAt] of [
      [repeated, later(15 * minute), undefined],
      [asked, undefined, later(day)],
    ] as const) {
      await box.spool.start(startOf(partKey(id)))
      const changes = [changeTo(id, 1, 'indeterminate', { dueAt })]
      await box.spool.settle(settlementOf(partKey(id), changes, { partState: 'indeterminate', nextAskAt }))
    }
    assert.equal(await box.spool.operate('retry', { message: asked }, later(1)), 0)
    assert.equal(await box.spool.operate('retry', { message: repeated }, later(1)), 1)
    assert.equal(await box.spool.operate('retry', 'all', later(2)), 1)
    const due = await box.spool.due(later(2), 10)
    assert.deepEqual(ids(due), [repeated])
    assert.equal(due[0]?.recipients[0]?.state, 'indeterminate')
    assert.equal(await box.spool.start(startOf(partKey(repeated))), true)
    assert.deepEqual(await box.spool.dueAsks(later(2), 10), [])
  })

  it('hold one recipient and release it; held mail uses up no lifetime', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(1), twoRecipients)
    assert.equal(await box.spool.operate('hold', { message: id, recipient: 2 }, later(minute)), 1)
    assert.equal((await stateOf(box.spool, id, 2))?.state, 'held')
    assert.deepEqual(
      (await box.spool.due(later(day), 1))[0]?.recipients.map(({ number }) => number),
      [1],
    )
    assert.equal(await box.spool.operate('release', { message: id }, later(day)), 1)
    const due = await box.spool.due(later(day), 1)
    assert.deepEqual(due[0]?.recipients[1]?.lifetime, { countedMs: minute, since: later(day) })
  })

  it('drop what is not being sent; the body goes with the last recipient', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(1), twoRecipients)
    await box.spool.start(startOf(partKey(id), [1]))
    assert.equal(await box.spool.operate('drop', { message: id }, noon), 1)
    assert.ok(await box.spool.content(id))
    await box.spool.settle(settlementOf(partKey(id), [changeTo(id, 1, 'deferred', { dueAt: noon })]))
    assert.equal(await box.spool.operate('drop', 'all', noon), 1)
    assert.equal(await box.spool.operate('drop', 'all', noon), 0)
    assert.equal(await box.spool.content(id), undefined)
    assert.equal(await box.spool.operate('drop', { message: await box.spool.takeId() }, noon), 0)
  })
})

describe('a lost 250', () => {
  it('is kept with what tells a repeat, until a repeat is heard', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(10), twoRecipients)
    const alike = newMessage(id, 10, recipientsOf('Ben@contoso.com', 'anna@contoso.com'))
    assert.deepEqual(await box.spool.lostReplies(noon), [])
    await box.spool.markReplyLost(id)
    const { kind, contentSha256 } = alike
    const envelopeSha256 = hash('sha256', comparableEnvelope(alike.envelope))
    assert.deepEqual(await box.spool.lostReplies(noon), [
      { id, kind, device: 'scanner', contentSha256, envelopeSha256 },
    ])
    assert.deepEqual(await box.spool.lostReplies(later(1)), [])
    await box.spool.markReplyHeard(id)
    assert.deepEqual(await box.spool.lostReplies(noon), [])
  })

  it('is of no use where no repeat can be told', async () => {
    await using box = await testSpool()
    const others = [{ device: undefined }, { isIdentifiable: false }, { priority: 'alarm' }] as const
    for (const other of others) {
      await box.spool.markReplyLost(await published(box.spool, octetsOf(1), other))
    }
    assert.deepEqual(await box.spool.lostReplies(noon), [])
  })
})

describe('the queue as people see it', () => {
  it('lists what is open, or all, newest first', async () => {
    await using box = await testSpool()
    const done = await published(box.spool)
    const open = await published(box.spool, octetsOf(1), twoRecipients)
    await delivered(box.spool, done)
    const rows = await box.spool.queue({ all: false, limit: 10 })
    assert.deepEqual(
      rows.map((row) => [row.message, row.recipient, row.address, row.state]),
      [
        [open, 1, 'anna@contoso.com', 'queued'],
        [open, 2, 'ben@contoso.com', 'queued'],
      ],
    )
    assert.equal((await box.spool.queue({ all: true, limit: 10 })).length, 3)
    assert.equal((await box.spool.queue({ all: true, limit: 2 })).length, 2)
  })

  it('counts what is open', async () => {
    await using box = await testSpool()
    await delivered(box.spool, await published(box.spool, octetsOf(7)))
    await published(box.spool, octetsOf(30), { acceptedWall: later(5) })
    await published(box.spool, octetsOf(12), { ...twoRecipients, acceptedWall: later(9) })
    assert.deepEqual(await box.spool.counts(), {
      byState: { queued: 3 },
      oldestOpen: later(5),
      waitingByUpstream: {},
      bytes: 42,
    })
  })

  it('shows the files of a message without reading it', async () => {
    await using box = await testSpool()
    const part = {
      number: '2',
      parent: '0',
      type: 'application/pdf',
      parameters: {},
      encoding: 'base64' as const,
      disposition: 'attachment' as const,
      fileName: 'Übersicht.pdf',
      contentId: undefined,
      header: { start: 0, end: 1 },
      body: { start: 1, end: 9 },
      decodedSize: 6,
      isPlainBase64: true,
    }
    const text = { ...part, number: '1', fileName: undefined, disposition: undefined, type: 'text/plain' }
    const index = { ...newMessage(await box.spool.takeId(), 1).index, parts: [text, part] }
    const id = await published(box.spool, octetsOf(1), { index })
    const view = await box.spool.message(id)
    assert.deepEqual(view?.files, [{ name: 'Übersicht.pdf', type: 'application/pdf', size: 6 }])
    assert.equal(view?.hasBody, true)
    assert.equal(view?.session, 'S1')
    assert.equal(await box.spool.message(await box.spool.takeId()), undefined)
  })
})

it('writes of many at once all arrive', async () => {
  await using box = await testSpool()
  const results = await Promise.all(
    Array.from({ length: 300 }, (_, n) => publishing(box.spool, octetsOf(n * 10, n + 1))),
  )
  assert.ok(results.every(({ publication }) => publication.kind === 'stored'))
  assert.equal(countIn(box.file, 'delivery'), 300)
})
