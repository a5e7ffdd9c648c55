import { Worker } from 'node:worker_threads'
import type { DatabaseRefusal } from '../platform/database.ts'
import type {
  Answer,
  Ask,
  CallTable,
  DiskTrouble,
  ReaderSetup,
  Reply,
  Request,
  ThreadNews,
  ThreadOrder,
  WriterSetup,
} from './thread-protocol.ts'

/** Far above what the threads use (bodies are outside of V8's heap): a leak ends the process, not the machine. */
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 1, stackSizeMb: 2 }

export type Called<A> =
  | { readonly kind: 'done'; readonly answer: A }
  | { readonly kind: 'trouble'; readonly trouble: DiskTrouble; readonly detail: string }

interface Posting<C extends CallTable<C>> {
  readonly request: Request<C>
  /** Buffers that change hands. */
  readonly transfer: readonly ArrayBuffer[]
}

interface PendingCall {
  readonly settle: (reply: Reply) => void
  readonly fail: (cause: unknown) => void
}

/** One thread of the spool, as the main thread calls it. When it dies, every call rejects with what killed it. */
export class Thread<C extends CallTable<C>> implements AsyncDisposable {
  readonly #worker: Worker
  /**
   * By a call's number, which is free again once it is settled. A Map of numbers that only grow is rebuilt every few
   * calls, and its old tables hold what is settled past the next collection: half of a mail's objects grew old by that.
   */
  readonly #pending: (PendingCall | undefined)[] = []
  readonly #free: number[] = []
  readonly #exited: Promise<unknown>
  readonly #opened = Promise.withResolvers<DatabaseRefusal | undefined>()
  /** Calls of one turn of the event loop, which go to the thread together: a message between threads costs 20 µs. */
  #batch: Posting<C>[] = []
  #end: Error | undefined

  /** `onFailure` hears what killed it; `onBacklog` how many pages wait for a checkpoint. */
  constructor(
    url: URL,
    setup: WriterSetup | ReaderSetup,
    onFailure: (cause: Error) => void = () => {},
    onBacklog: (pages: number) => void = () => {},
  ) {
    // The process' own flags (a test runner's, say) are not the thread's.
    this.#worker = new Worker(url, { workerData: setup, resourceLimits, execArgv: [] })
    this.#exited = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#worker.on('message', (news: ThreadNews) => {
      if (news.kind === 'replies') for (const reply of news.replies) this.#settle(reply)
      else if (news.kind === 'backlog') onBacklog(news.pages)
      else this.#opened.resolve(news.kind === 'refused' ? news.refusal : undefined)
    })
    this.#worker.on('error', (cause) => {
      const failure = new Error('a thread of the spool failed', { cause })
      this.#fail(failure)
      onFailure(failure)
    })
    this.#worker.on('exit', () => this.#fail(new Error('the spool is closed')))
    this.#opened.promise.catch(() => {})
  }

  /** Opens the database in the thread; once. Undefined when it is open. */
  open(): Promise<DatabaseRefusal | undefined> {
    this.#order({ kind: 'open' })
    return this.#opened.promise
  }

  /** Asks, and hands back the disk's trouble where there is some. `transfer`: buffers that change hands. */
  attempt<K extends keyof C>(
    kind: K,
    ask: Ask<C, K>,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Called<Answer<C, K>>> {
    if (this.#end) return Promise.reject(this.#end)
    const id = this.#free.pop() ?? this.#pending.length
    return new Promise((resolve, reject) => {
      const settle = (reply: Reply): void => {
        if (reply.kind === 'failed') reject(new Error(`spool, ${String(kind)}: ${reply.detail}`))
        // What comes out of a thread has lost its type; the protocol's types stand on both sides of it.
        else resolve(reply as Called<Answer<C, K>>)
      }
      this.#pending[id] = { settle, fail: reject }
      this.#post({ id, kind, ask }, transfer)
    })
  }

  /** Asks what no trouble of the disk can refuse: the writer waits for it, the reader has no other answer. */
  async call<K extends keyof C>(kind: K, ask: Ask<C, K>): Promise<Answer<C, K>> {
    const called = await this.attempt(kind, ask)
    if (called.kind === 'done') return called.answer
    throw new Error(`spool, ${String(kind)}: ${called.detail}`)
  }

  /** A writer answers what the disk refuses, from now on. */
  stopWaiting(): void {
    if (!this.#end) this.#order({ kind: 'stop-waiting' })
  }

  /** Nothing goes on: the thread gives memory back. */
  rest(): void {
    if (!this.#end) this.#order({ kind: 'rest' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#end) this.#order({ kind: 'close' })
    await this.#exited
  }

  #post(request: Request<C>, transfer: readonly ArrayBuffer[]): void {
    if (this.#batch.length === 0) setImmediate(() => this.#postBatch())
    this.#batch.push({ request, transfer })
  }

  #postBatch(): void {
    const batch = this.#batch
    if (batch.length === 0) return
    this.#batch = []
    this.#hand(batch)
  }

  #hand(batch: readonly Posting<C>[]): void {
    const order: ThreadOrder<C> = { kind: 'requests', requests: batch.map(({ request }) => request) }
    try {
      this.#worker.postMessage(
        order,
        batch.flatMap(({ transfer }) => transfer),
      )
    } catch (cause) {
      // What can't be cloned is our own mistake, and not that of the other calls; no buffer has changed hands.
      if (batch.length > 1) for (const one of batch) this.#hand([one])
      else for (const { request } of batch) this.#fallen(request.id, cause)
    }
  }

  #order(order: ThreadOrder<C>): void {
    this.#postBatch()
    this.#worker.postMessage(order)
  }

  #fallen(id: number, cause: unknown): void {
    this.#takeCall(id)?.fail(new Error('a call could not be handed to a thread of the spool', { cause }))
  }

  #settle(reply: Reply): void {
    this.#takeCall(reply.id)?.settle(reply)
  }

  #takeCall(id: number): PendingCall | undefined {
    const call = this.#pending[id]
    this.#pending[id] = undefined
    if (call) this.#free.push(id)
    return call
  }

  #fail(cause: Error): void {
    this.#end ??= cause
    this.#opened.reject(this.#end)
    for (const call of this.#pending.splice(0)) call?.fail(this.#end)
  }
}
