import { parentPort, workerData } from 'node:worker_threads'
import { type Database, openDatabase } from '../platform/database.ts'
import { freeSpace } from './free-space.ts'
import { groupCommit } from './group-commit.ts'
import { spoolMigrations } from './schema.ts'
import type {
  Handlers,
  Reply,
  Request,
  ThreadNews,
  ThreadOrder,
  WriterCalls,
  WriterSetup,
} from './thread-protocol.ts'
import { walSize } from './wal-size.ts'
import { writerCalls } from './writer-calls.ts'

// The only connection that writes. Everything that waits shares a transaction; a reply leaves after its commit.

type WriterRequest = Request<WriterCalls>

/** What may fail when the disk does; everything else waits until it can be written (it has happened already). */
const mayFail: ReadonlySet<keyof WriterCalls> = new Set(['publish', 'write-chunks', 'take-numbers', 'probe'])
/** Octets of bodies may be lost with the power as long as they are unpublished; publishing syncs them. */
const needsNoSync: ReadonlySet<keyof WriterCalls> = new Set(['write-chunks', 'sweep'])
/** A body is still synced on its way, so that publishing a large one does not hold up everyone for seconds. */
const unsyncedGroups = 8
const groupRequests = 256
const retryMs = 1000

const port = parentPort
if (!port) throw new Error('the spool writer runs in a thread')
const setup: WriterSetup = workerData
const say = (news: ThreadNews): void => port.postMessage(news)

const opening = openDatabase(setup.file, { migrations: spoolMigrations, lockWaitMs: setup.lockWaitMs })
if (opening.kind === 'open') serve(opening.database)
else {
  say({ kind: 'refused', refusal: opening })
  port.close()
}

function serve(database: Database): void {
  database.pragma('wal_autocheckpoint = 0')
  database.pragma('cache_size = -4000')
  const space = freeSpace(database, setup.maxPages)
  const handlers = writerCalls(database, space, setup.reserveOctets)
  const { run } = groupCommit(database, (request: WriterRequest) => perform(handlers, request))
  const wal = walSize(database)

  const waiting: WriterRequest[] = []
  const parked = new Map<number, WriterRequest>()
  let scheduled: NodeJS.Immediate | undefined
  let unsynced = 0
  let isSynced = true
  const retry = setInterval(retryParked, retryMs)
  retry.unref()

  port?.on('message', (order: ThreadOrder<WriterCalls>) => {
    if (order.kind === 'close') return close()
    waiting.push(order)
    // After the port has been emptied: all that waits goes together.
    scheduled ??= setImmediate(runGroup)
  })
  say({ kind: 'open' })

  function runGroup(): void {
    scheduled = undefined
    const group = waiting.splice(0, groupRequests)
    if (waiting.length > 0) scheduled = setImmediate(runGroup)
    if (group.length > 0) settle(group, commit(group))
  }

  function commit(group: readonly WriterRequest[]): readonly Reply[] {
    const mayLag = group.every(({ kind }) => needsNoSync.has(kind)) && unsynced < unsyncedGroups
    if (mayLag === isSynced) {
      database.pragma(`synchronous = ${mayLag ? 'NORMAL' : 'FULL'}`)
      isSynced = !mayLag
    }
    unsynced = mayLag ? unsynced + 1 : 0
    return run(group)
  }

  /** Tells what came of them, and keeps what must wait for the disk. */
  function settle(group: readonly WriterRequest[], replies: readonly Reply[]): void {
    const requests = new Map(group.map((request) => [request.id, request]))
    const told = replies.filter((reply) => !isToWait(reply, requests))
    if (told.length > 0) say({ kind: 'replies', replies: told })
    const backlog = wal.backlog()
    if (backlog > 0) say({ kind: 'backlog', pages: backlog })
  }

  function isToWait(reply: Reply, requests: ReadonlyMap<number, WriterRequest>): boolean {
    const request = requests.get(reply.id)
    const isPatient = reply.kind === 'trouble' && request !== undefined && !mayFail.has(request.kind)
    if (isPatient) parked.set(reply.id, request)
    else parked.delete(reply.id)
    return isPatient
  }

  function retryParked(): void {
    for (const request of parked.values()) settle([request], commit([request]))
  }

  function close(): void {
    clearInterval(retry)
    clearImmediate(scheduled)
    while (waiting.length > 0) runGroup()
    clearImmediate(scheduled)
    retryParked()
    say({
      kind: 'replies',
      replies: [...parked.keys()].map((id) => ({ id, kind: 'failed', detail: 'closed' })),
    })
    wal.truncate()
    database.close()
    port?.close()
  }
}

function perform<K extends keyof WriterCalls>(
  handlers: Handlers<WriterCalls>,
  request: { readonly kind: K; readonly ask: WriterCalls[K]['ask'] },
): WriterCalls[K]['answer'] {
  return handlers[request.kind](request.ask)
}
