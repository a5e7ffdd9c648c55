import { parentPort, workerData } from 'node:worker_threads'
import { openDatabase } from '../platform/database.ts'
import { giveBackMemory } from '../platform/idle-memory.ts'
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

let loop: WriterLoop | undefined
port.on('message', (order: ThreadOrder<WriterCalls>) => {
  if (order.kind === 'open') open()
  else if (order.kind === 'close') close()
  else if (order.kind === 'rest') rest()
  else if (order.kind === 'stop-waiting') loop?.stopWaiting()
  else for (const request of order.requests) loop?.take(request)
})

function open(): void {
  const { file, lockWaitMs, maxPages, reserveOctets } = setup
  const opening = openDatabase(file, { migrations: spoolMigrations, lockWaitMs })
  if (opening.kind !== 'open') {
    say({ kind: 'refused', refusal: opening })
    return
  }
  const { database } = opening
  // Checkpoints are the reader's, and rarer than SQLite's default: flash is written about once.
  database.pragma('wal_autocheckpoint = 0')
  database.pragma('cache_size = -800')
  const space = freeSpace(database, maxPages)
  loop = new WriterLoop(database, writerCalls(database, space, reserveOctets), space, say)
  say({ kind: 'opened' })
}

function rest(): void {
  loop?.rest()
  giveBackMemory()
}

function close(): void {
  loop?.close()
  port?.close()
}
