import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { delivered, newMessage, noon, octetsOf, published, readAll, testSpool } from './spool-fixture.ts'

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

  it('leaves nothing of what is abandoned or never ends', async () => {
    await using box = await testSpool()
    const abandoned = box.spool.receive(await box.spool.takeId())
    await abandoned.write(octetsOf(700_000))
    await abandoned.abandon()
    await abandoned.abandon()
    const lost = box.spool.receive(await box.spool.takeId())
    await lost.write(octetsOf(7_000_000))
    const spool = await box.reopen()
    assert.equal((await spool.recover(noon)).sweptReceptions, 1)
    const id = await published(spool)
    await delivered(spool, id)
    await box.reopen()
  })
})
