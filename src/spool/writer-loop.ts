import type { Database } from '../platform/database.ts'
import type { FreeSpace } from './free-space.ts'
import { groupCommit } from './group-commit.ts'
import { ParkedRequests } from './parked-requests.ts'
import type { Handlers, Reply, Request, ThreadNews, WriterCalls } from './thread-protocol.ts'
import { walSize } from './wal-size.ts'

type WriterRequest = Request<WriterCalls>
type Groups = ReturnType<typeof groupCommit<WriterRequest>>

/** What may fail when the disk does; everything else waits until it can be written (it has happened already). */
const mayFail: ReadonlySet<keyof WriterCalls> = new Set([
  'publish',
  'write-chunks',
  'take-numbers',
  'probe',
  // The start waits for it, and only a person can mend what refuses it.
  'recover',
])
/** Octets of bodies may be lost with the power as long as they are unpublished; publishing syncs them. */
const needsNoSync: ReadonlySet<keyof WriterCalls> = new Set(['write-chunks', 'sweep'])
/** A large body is still synced on its way, so that publishing it does not hold up everyone for seconds. */
const unsyncedGroups = 8
const groupRequests = 256
const retryMs = 1000

/**
 * The writer's life: what has arrived goes into one transaction, then the replies leave, then what has arrived
 * meanwhile goes. What may not fail is parked while the disk refuses it, and tried again together after every success and
 * every second.
 */
export class WriterLoop {
  readonly #database: Database
  readonly #say: (news: ThreadNews) => void
  readonly #groups: Groups
  readonly #wal: ReturnType<typeof walSize>
  readonly #parked = new ParkedRequests()
  readonly #retry: NodeJS.Timeout
  #waiting: WriterRequest[] = []
  #scheduled: NodeJS.Immediate | undefined
  #unsynced = 0
  #isSynced = true
  #isEnding = false

  constructor(
    database: Database,
    handlers: Handlers<WriterCalls>,
    space: Pick<FreeSpace, 'lookAgain'>,
    say: (news: ThreadNews) => void,
  ) {
    this.#database = database
    this.#say = say
    this.#groups = groupCommit(
      database,
      (request: WriterRequest) => perform(handlers, request),
      () => space.lookAgain(),
    )
    this.#wal = walSize(database)
    this.#retry = setInterval(() => this.#retryParked(), retryMs)
    this.#retry.unref()
  }

  take(request: WriterRequest): void {
    this.#waiting.push(request)
    // After the port has been emptied: all that waits goes together.
    this.#scheduled ??= setImmediate(() => this.#runGroup())
  }

  /** Gives back the page cache. */
  rest(): void {
    this.#database.pragma('shrink_memory')
  }

  /** From now on what the disk refuses is answered so, and not kept for better times: a stop waits for none. */
  stopWaiting(): void {
    this.#isEnding = true
    this.#retryParked()
  }

  /** Finishes what was taken and leaves a database of one file. */
  close(): void {
    clearInterval(this.#retry)
    while (this.#waiting.length > 0) this.#runGroup()
    clearImmediate(this.#scheduled)
    this.#retryParked()
    this.#wal.truncate()
    this.#database.close()
  }

  #runGroup(): void {
    this.#scheduled = undefined
    const group = this.#waiting.splice(0, groupRequests)
    if (this.#waiting.length > 0) this.#scheduled = setImmediate(() => this.#runGroup())
    if (group.length === 0) return
    const replies = this.#commit(group, this.#groups.run)
    this.#tell(group, replies)
    // What was written may have made room.
    if (replies.some(({ kind }) => kind === 'done')) this.#retryParked()
  }

  #commit(group: readonly WriterRequest[], run: Groups['run']): readonly Reply[] {
    const mayLag = group.every(({ kind }) => needsNoSync.has(kind)) && this.#unsynced < unsyncedGroups
    if (mayLag === this.#isSynced) {
      this.#database.pragma(`synchronous = ${mayLag ? 'NORMAL' : 'FULL'}`)
      this.#isSynced = !mayLag
    }
    this.#unsynced = mayLag ? this.#unsynced + 1 : 0
    return run(group)
  }

  #tell(group: readonly WriterRequest[], replies: readonly Reply[]): void {
    const requests = new Map(group.map((request) => [request.id, request]))
    const told = [
      ...replies.filter((reply) => !this.#isToWait(reply, requests.get(reply.id))),
      ...this.#parked.dropFacts().map(({ id }): Reply => ({ id, kind: 'done', answer: undefined })),
    ]
    if (told.length > 0) this.#say({ kind: 'replies', replies: told })
    const octets = group.reduce((sum, request) => sum + dropOctets(request), 0)
    const pages = this.#wal.backlog(group.length, octets)
    if (pages > 0) this.#say({ kind: 'backlog', pages })
  }

  #isToWait(reply: Reply, request: WriterRequest | undefined): boolean {
    const mayWait = request !== undefined && !mayFail.has(request.kind) && !this.#isEnding
    const isPatient = reply.kind === 'trouble' && mayWait
    if (isPatient && request) this.#parked.add(request)
    else this.#parked.remove(reply.id)
    return isPatient
  }

  #retryParked(): void {
    for (;;) {
      const group = this.#parked.next(groupRequests)
      if (group.length === 0) return
      const replies = this.#commit(group, this.#groups.runWhileItFits)
      this.#tell(group, replies)
      if (!this.#isEnding && replies.some(({ kind }) => kind === 'trouble')) return
    }
  }
}

function perform<K extends keyof WriterCalls>(
  handlers: Handlers<WriterCalls>,
  request: { readonly kind: K; readonly ask: WriterCalls[K]['ask'] },
): WriterCalls[K]['answer'] {
  return handlers[request.kind](request.ask)
}

/** Octets that are on disk or refused, and how many: left to the collector they pile up to tens of megabytes. */
function dropOctets(request: WriterRequest): number {
  if (request.kind !== 'publish' && request.kind !== 'write-chunks') return 0
  let octets = 0
  for (const { buffer, length } of request.ask.chunks) {
    octets += length
    if (buffer instanceof ArrayBuffer) buffer.transfer(0)
  }
  return octets
}
