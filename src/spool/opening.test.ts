import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import Sqlite from 'better-sqlite3'
import type { Alert } from '../core/alerts.ts'
import { openSpool } from './open-spool.ts'
import { newMessage, noon, octetsOf, opened, published, readAll, testSpool } from './spool-fixture.ts'

describe('opening the spool', () => {
  it('says why a file can not be used, and ends its threads', async () => {
    await using box = await testSpool()
    const letter = `${box.file}.letter`
    writeFileSync(letter, 'no database at all '.repeat(300))
    assert.equal((await openSpool({ file: letter })).kind, 'not-a-database')
    assert.equal((await openSpool({ file: `${box.file}/below/a/file` })).kind, 'unreadable')
  })

  it('refuses what only a newer release can read', async () => {
    await using box = await testSpool()
    const other = new Sqlite(box.file)
    other.exec('UPDATE schema SET version = 1009, readable_from = 1007')
    other.close()
    const opening = await openSpool({ file: box.file })
    assert.equal(opening.kind === 'newer' && opening.readableFrom, 1007)
  })

  it('says locked while another process migrates', async () => {
    await using box = await testSpool()
    const file = `${box.file}.new`
    const other = new Sqlite(file)
    other.exec('BEGIN EXCLUSIVE')
    assert.equal((await openSpool({ file, lockWaitMs: 0 })).kind, 'locked')
    other.close()
  })

  it('says locked while another process writes', async () => {
    await using box = await testSpool()
    const file = `${box.file}.second`
    await using spool = await opened({ file, lockWaitMs: 0 })
    const other = new Sqlite(file)
    other.exec('BEGIN IMMEDIATE')
    await assert.rejects(spool.recover(noon), { name: 'SpoolUnusable', trouble: 'locked' })
    other.close()
    await spool.recover(noon)
  })

  it('rejects if its threads can not be loaded, and ends both', async () => {
    await using box = await testSpool()
    const broken = new URL('data:text/javascript,throw new Error("broken")')
    const reader = new URL('./reader-worker.ts', import.meta.url)
    const opening = openSpool({ file: box.file, workers: { writer: broken, reader } })
    await assert.rejects(opening, /could not be started/)
  })

  it('rejects every call when a thread dies, and tells', async () => {
    await using box = await testSpool()
    const dying = `import { parentPort } from 'node:worker_threads'
      parentPort.on('message', ({ kind }) => {
        if (kind === 'open') parentPort.postMessage({ kind: 'opened' })
        else throw new Error('out of memory')
      })`
    const failed = Promise.withResolvers<Error>()
    const spool = await opened({
      file: box.file,
      onFailure: failed.resolve,
      workers: {
        writer: new URL('./writer-worker.ts', import.meta.url),
        reader: new URL(`data:text/javascript,${encodeURIComponent(dying)}`),
      },
    })
    await assert.rejects(spool.counts(), (error: Error) => String(error.cause).includes('out of memory'))
    await assert.rejects(spool.counts(), /a thread of the spool failed/)
    assert.match(String((await failed.promise).cause), /out of memory/)
    await spool[Symbol.asyncDispose]()
  })

  it('rejects calls after its end, and says it is not writable', async () => {
    await using box = await testSpool()
    const spool = await opened({ file: `${box.file}.second` })
    const pending = published(spool)
    await pending
    await spool[Symbol.asyncDispose]()
    await assert.rejects(
      spool.takeId().then(() => spool.counts()),
      /closed/,
    )
    assert.equal((await spool.isWritable()).writable, false)
    await spool[Symbol.asyncDispose]()
  })

  it('finishes what was asked before its end', async () => {
    await using box = await testSpool()
    const spool = await opened({ file: `${box.file}.second` })
    const id = await spool.takeId()
    const reception = spool.receive(id)
    await reception.write(Buffer.from('x'))
    const marked = spool.markReplyLost(id)
    await Promise.all([marked, spool[Symbol.asyncDispose]()])
  })

  it('does not let a call that cannot be handed over fail the others of its turn', async () => {
    await using box = await testSpool()
    const earlier = await published(box.spool)
    const octets = octetsOf(1000)
    const id = await box.spool.takeId()
    const reception = box.spool.receive(id)
    await reception.write(octets)
    const marked = box.spool.markReplyLost(earlier)
    const alert: Alert = Object.assign(JSON.parse('{}'), { key: () => 'a function is not cloned' })
    const fallen = assert.rejects(box.spool.saveAlert(alert, noon), /could not be handed to a thread/)
    const publication = reception.publish(newMessage(id, octets.length))
    await Promise.all([marked, fallen])
    assert.deepEqual(await publication, { kind: 'stored' })
    assert.ok(Buffer.from(await readAll(await box.spool.content(id))).equals(octets))
  })

  it('leaves one file behind', async () => {
    await using box = await testSpool()
    const file = `${box.file}.second`
    const spool = await opened({ file })
    await published(spool)
    await spool[Symbol.asyncDispose]()
    const database = new Sqlite(file, { readonly: true })
    assert.deepEqual(database.pragma('wal_checkpoint(NOOP)'), [{ busy: 0, log: 0, checkpointed: 0 }])
    database.close()
  })
})
