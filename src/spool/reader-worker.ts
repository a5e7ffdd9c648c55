import { parentPort, workerData } from 'node:worker_threads'
import { type Database, databaseTrouble, openDatabase } from '../platform/database.ts'
import { giveBackMemory } from '../platform/idle-memory.ts'
import { readerCalls } from './reader-calls.ts'
import { spoolMigrations } from './schema.ts'
import type {
  Handlers,
  ReaderCalls,
  ReaderSetup,
  Reply,
  Request,
  ThreadNews,
  ThreadOrder,
} from './thread-protocol.ts'

// The connection that only reads: queries, bodies chunk by chunk, and the checkpoints that the writer is too busy for.

const port = parentPort
if (!port) throw new Error('the spool reader runs in a thread')
const setup: ReaderSetup = workerData
const say = (news: ThreadNews, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(news, [...transfer])

let database: Database | undefined
let handlers: Handlers<ReaderCalls> | undefined
port.on('message', (order: ThreadOrder<ReaderCalls>) => {
  if (order.kind === 'open') open()
  else if (order.kind === 'close') close()
  else if (order.kind === 'rest') rest()
  // Only a writer keeps what a disk refuses.
  else if (order.kind === 'stop-waiting') return
  else if (handlers) answerAll(handlers, order.requests)
})

function open(): void {
  const { file, lockWaitMs } = setup
  const opening = openDatabase(file, { migrations: spoolMigrations, readonly: true, lockWaitMs })
  if (opening.kind !== 'open') {
    say({ kind: 'refused', refusal: opening })
    return
  }
  database = opening.database
  database.pragma('cache_size = -400')
  handlers = readerCalls(database)
  say({ kind: 'opened' })
}

function rest(): void {
  database?.pragma('shrink_memory')
  giveBackMemory()
}

function close(): void {
  database?.close()
  port?.close()
}

function answerAll(handlers: Handlers<ReaderCalls>, requests: readonly Request<ReaderCalls>[]): void {
  const replies = requests.map((request) => answer(handlers, request))
  say({ kind: 'replies', replies }, replies.flatMap(transferable))
}

function answer(handlers: Handlers<ReaderCalls>, request: Request<ReaderCalls>): Reply {
  const { id } = request
  try {
    return { id, kind: 'done', answer: perform(handlers, request) }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    const trouble = databaseTrouble(error)
    if (trouble === undefined) return { id, kind: 'failed', detail }
    return { id, kind: 'trouble', trouble: trouble === 'not-a-database' ? 'io' : trouble, detail }
  }
}

function perform<K extends keyof ReaderCalls>(
  handlers: Handlers<ReaderCalls>,
  request: { readonly kind: K; readonly ask: ReaderCalls[K]['ask'] },
): ReaderCalls[K]['answer'] {
  return handlers[request.kind](request.ask)
}

/** A chunk of a body changes hands without a copy; its buffer is its own. */
function transferable(reply: Reply): readonly ArrayBuffer[] {
  if (reply.kind !== 'done' || !(reply.answer instanceof Uint8Array)) return []
  const { buffer, byteLength } = reply.answer
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : []
}
