import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { describe, it } from 'node:test'
import { delivered, octetsOf, published, readAll, testSpool } from './spool-fixture.ts'

describe('the write-ahead log', () => {
  it('stays below 48 MB and begins again, while mail comes and goes', async () => {
    await using box = await testSpool()
    const octets = octetsOf(4_000_000)
    let largest = 0
    let written = 0
    while (written < 120e6) {
      const ids = await Promise.all([published(box.spool, octets), published(box.spool, octets)])
      for (const id of ids) {
        assert.equal((await readAll(await box.spool.content(id))).length, octets.length)
        await delivered(box.spool, id)
      }
      written += 2 * octets.length
      largest = Math.max(largest, statSync(`${box.file}-wal`).size)
    }
    assert.ok(largest < 48e6, `${largest} octets`)
    assert.ok(largest > 16e6, 'pages are collected before they are copied back')
    assert.ok(statSync(box.file).size < 48e6, 'pages of finished mail are used again')
  })
})
