import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { countIn } from './spool-file.ts'
import {
  delivered,
  newMessage,
  noon,
  octetsOf,
  partKey,
  published,
  readAll,
  startOf,
  testSpool,
} from './spool-fixture.ts'

describe('reception', () => {
  it('stores octets of every size as they came', async () => {
    await using box = await testSpool()
    for (const size of [0, 1, 63_999, 64_000, 64_001, 262_144, 262_145, 1_000_000]) {
      const octets = octetsOf(size, size)
      const id = await published(box.spool, octets)
      assert.deepEqual(
        Buffer.from(await readAll(await box.spool.content(id))),
        Buffer.from(octets),
        `${size}`,
      )
    }
  })

  it('reads back what was written so far, before it is published and after', async () => {
    await using box = await testSpool()
    const octets = octetsOf(900_000)
    const id = await box.spool.takeId()
    const reception = box.spool.receive(id)
    for (let at = 0; at < octets.length; at += 33_333) {
      await reception.write(octets.subarray(at, at + 33_333))
      const end = Math.min(at + 33_333, octets.length)
      const range = { start: Math.max(0, end - 90_000), end }
      assert.deepEqual(
        Buffer.from(await readAll(reception.content(), range)),
        Buffer.from(octets.subarray(range.start, end)),
      )
    }
    assert.equal(await box.spool.content(id), undefined)
    assert.deepEqual(await box.spool.due(noon, 10), [])
    assert.deepEqual(await reception.publish(newMessage(id, octets.length)), { kind: 'stored' })
    assert.deepEqual(Buffer.from(await readAll(reception.content())), Buffer.from(octets))
  })

  it('keeps its own copy of what it was given', async () => {
    await using box = await testSpool()
    const octets = octetsOf(1000)
    const id = await box.spool.takeId()
    const reception = box.spool.receive(id)
    const lent = octets.slice()
    await reception.write(lent)
    lent.fill(0)
    await reception.publish(newMessage(id, 1000))
    assert.deepEqual(Buffer.from(await readAll(await box.spool.content(id))), Buffer.from(octets))
  })

  it('lets a reader keep its piece while the octets go to disk', async () => {
    await using box = await testSpool()
    const octets = octetsOf(600_000)
    const reception = box.spool.receive(await box.spool.takeId())
    await reception.write(octets.subarray(0, 100_000))
    const pieces = reception.content().read()[Symbol.asyncIterator]()
    const first = await pieces.next()
    await reception.write(octets.subarray(100_000))
    assert.ok(!first.done && Buffer.from(first.value).equals(octets.subarray(0, 64_000)))
    await reception.abandon()
  })

  it('leaves nothing on disk of what is abandoned', async () => {
    await using box = await testSpool()
    const reception = box.spool.receive(await box.spool.takeId())
    await reception.write(octetsOf(700_000))
    await reception.abandon()
    await reception.abandon()
    const spool = await box.reopen()
    assert.equal((await spool.recover(noon)).sweptReceptions, 0)
    await swept(box.file)
  })

  it('sweeps at start what was never published, and only that', async () => {
    await using box = await testSpool()
    const octets = octetsOf(300_000)
    const kept = await published(box.spool, octets)
    await box.spool.receive(await box.spool.takeId()).write(octetsOf(9_000_000))
    const spool = await box.reopen()
    assert.ok(countIn(box.file, 'chunk') > 100)
    assert.equal((await spool.recover(noon)).sweptReceptions, 1)
    await swept(box.file, 5)
    assert.deepEqual(Buffer.from(await readAll(await spool.content(kept))), Buffer.from(octets))
  })

  it('refuses octets after its end', async () => {
    await using box = await testSpool()
    const reception = box.spool.receive(await box.spool.takeId())
    await reception.abandon()
    await assert.rejects(reception.write(octetsOf(1)), /over/)
  })
})

describe('a stored content', () => {
  it('yields exactly the range that was asked for', async () => {
    await using box = await testSpool()
    const octets = octetsOf(500_000)
    const content = await box.spool.content(await published(box.spool, octets))
    for (const [start, end] of [
      [0, 0],
      [0, 1],
      [63_999, 64_001],
      [64_000, 128_000],
      [100_000, 400_000],
      [499_999, 500_000],
      [499_999, 600_000],
    ] as const) {
      const piece = await readAll(content, { start, end })
      assert.deepEqual(Buffer.from(piece), Buffer.from(octets.subarray(start, end)), `${start} to ${end}`)
    }
  })

  it('lets slow readers stand still while others read and mail comes in', async () => {
    await using box = await testSpool()
    const octets = octetsOf(2_000_000)
    const id = await published(box.spool, octets)
    const slow = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const content = await box.spool.content(id)
        assert.ok(content)
        const pieces = content.read()[Symbol.asyncIterator]()
        return { pieces, first: await pieces.next() }
      }),
    )
    assert.deepEqual(Buffer.from(await readAll(await box.spool.content(id))), Buffer.from(octets))
    await published(box.spool, octetsOf(1_000_000))
    for (const { pieces, first } of slow) {
      const rest: Uint8Array[] = first.done ? [] : [first.value]
      for (let next = await pieces.next(); !next.done; next = await pieces.next()) rest.push(next.value)
      assert.ok(Buffer.concat(rest).equals(octets))
    }
  })

  it('stops for a signal, and when its consumer has enough', async () => {
    await using box = await testSpool()
    const content = await box.spool.content(await published(box.spool, octetsOf(500_000)))
    assert.ok(content)
    const stop = new AbortController()
    await assert.rejects(
      async () => {
        for await (const _ of content.read(undefined, stop.signal)) stop.abort(new Error('enough'))
      },
      { message: 'enough' },
    )
    for await (const piece of content.read()) {
      assert.equal(piece.length, 64_000)
      break
    }
  })

  it('is gone as soon as no delivery can need it, also for a reader in the middle', async () => {
    await using box = await testSpool()
    for (const size of [100_000, 2_000_000]) {
      const id = await published(box.spool, octetsOf(size))
      const content = await box.spool.content(id)
      await delivered(box.spool, id)
      assert.equal(await box.spool.content(id), undefined)
      assert.equal((await box.spool.message(id))?.hasBody, false)
      const spool = await box.reopen()
      await spool.recover(noon)
      await swept(box.file)
      await assert.rejects(readAll(content))
    }
  })

  it('stays while one recipient still waits', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(10))
    await box.spool.start(startOf(partKey(id)))
    assert.equal((await readAll(await box.spool.content(id))).length, 10)
  })
})

/** Sweeping goes on in the background: a look at the file tells when it is through. */
async function swept(file: string, chunks = 0): Promise<void> {
  while (countIn(file, 'reception') > 0) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(countIn(file, 'chunk'), chunks)
}
