import { parentPort, workerData } from 'node:worker_threads'
import { openDatabase } from '../platform/database.ts'
import { freeSpace } from './free-space.ts'
import { spoolMigrations } from './schema.ts'
import type { ThreadNews, ThreadOrder, WriterCalls, WriterSetup } from './thread-protocol.ts'
import { writerCalls } from './writer-calls.ts'
import { WriterLoop } from './writer-loop.ts'

// The only connection that writes. Everything that waits shares a transaction; a reply leaves after its commit.

const port = parentPort
if (!port) throw new Error('the spool writer runs in a thread')
const setup: WriterSetup = workerData
const say = (news: ThreadNews): void => port.postMessage(news)

const opening = openDatabase(setup.file, { migrations: spoolMigrations, lockWaitMs: setup.lockWaitMs })
if (opening.kind === 'open') {
  const { database } = opening
  // Checkpoints are the reader's, and rarer than SQLite's default: flash is written about once.
  database.pragma('wal_autocheckpoint = 0')
  database.pragma('cache_size = -4000')
  const handlers = writerCalls(database, freeSpace(database, setup.maxPages), setup.reserveOctets)
  const loop = new WriterLoop(database, handlers, say)
  port.on('message', (order: ThreadOrder<WriterCalls>) => {
    if (order.kind !== 'close') return loop.take(order)
    loop.close()
    port.close()
  })
  say({ kind: 'open' })
} else {
  say({ kind: 'refused', refusal: opening })
  port.close()
}
