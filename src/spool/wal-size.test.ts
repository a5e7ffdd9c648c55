import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openDatabase } from '../platform/database.ts'
import { spoolMigrations } from './schema.ts'
import { delivered, octetsOf, published, readAll, testSpool } from './spool-fixture.ts'
import { walSize } from './wal-size.ts'

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

  it('is looked at after one request that changes thousands of rows', () => {
    const folder = mkdtempSync(join(tmpdir(), 'wal-'))
    const opening = openDatabase(join(folder, 'a.db'), { migrations: spoolMigrations, lockWaitMs: 0 })
    const database = opening.kind === 'open' ? opening.database : assert.fail(opening.kind)
    try {
      database.pragma('wal_autocheckpoint = 0')
      const wal = walSize(database)
      const count = (name: string): void => {
        database.prepare('INSERT INTO counter (name, value) VALUES (?, 1)').run(name)
      }
      const long = 'x'.repeat(3000)
      database.transaction(() => {
        for (let n = 0; n < 6000; n++) count(`${n} ${long}`)
      })()
      assert.ok(wal.backlog(1, 0) > 4096)
      count('a')
      assert.equal(wal.backlog(1, 0), 0, 'a single row is not worth a look')
    } finally {
      database.close()
      rmSync(folder, { recursive: true })
    }
  })
})
