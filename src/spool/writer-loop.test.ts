import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import type { SessionRecord } from '../core/spool.ts'
import { type Database, openDatabase } from '../platform/database.ts'
import { freeSpace } from './free-space.ts'
import { spoolMigrations } from './schema.ts'
import { noon } from './spool-fixture.ts'
import type { Reply, Request, WriterCalls } from './thread-protocol.ts'
import { writerCalls } from './writer-calls.ts'
import { WriterLoop } from './writer-loop.ts'

const session = (id: string, octets: number): SessionRecord => ({
  id,
  startedAt: noon,
  endedAt: noon,
  address: '192.0.2.1',
  listener: 'smtp',
  device: undefined,
  helo: 'printer',
  tls: '',
  messages: [],
  result: 'x'.repeat(octets),
  verdict: undefined,
  lines: [],
})

const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at)

describe('what waits for a full disk', () => {
  let folder = ''
  let database: Database
  let loop: WriterLoop
  let replies: Reply[] = []
  let tried: string[] = []
  beforeEach(() => {
    // A second passes when a test says so.
    mock.timers.enable({ apis: ['setInterval'] })
    folder = mkdtempSync(join(tmpdir(), 'writer-'))
    const opening = openDatabase(join(folder, 'a.db'), { migrations: spoolMigrations, lockWaitMs: 0 })
    database = opening.kind === 'open' ? opening.database : assert.fail(opening.kind)
    replies = []
    tried = []
    const space = freeSpace(database, undefined)
    const calls = writerCalls(database, space, 0)
    const handlers = {
      ...calls,
      'save-sessions': (sessions: readonly SessionRecord[]) => {
        tried.push(...sessions.map(({ id }) => id))
        return calls['save-sessions'](sessions)
      },
      'save-alert': (ask: WriterCalls['save-alert']['ask']) => {
        tried.push(ask.alert.key)
        return calls['save-alert'](ask)
      },
    }
    loop = new WriterLoop(database, handlers, space, (news) => {
      if (news.kind === 'replies') replies.push(...news.replies)
    })
  })
  afterEach(() => {
    loop.close()
    mock.timers.reset()
    rmSync(folder, { recursive: true })
  })

  /** Resolves after the loop has done what it took. */
  const take = (...requests: readonly Request<WriterCalls>[]): Promise<void> => {
    for (const request of requests) loop.take(request)
    return new Promise((resolve) => setImmediate(resolve))
  }
  const save = (id: number, name = `S${id}`): Request<WriterCalls> => ({
    id,
    kind: 'save-sessions',
    ask: [session(name, 20_000)],
  })
  const raise = (id: number, octets: number): Request<WriterCalls> => ({
    id,
    kind: 'save-alert',
    ask: {
      alert: { key: `A${id}`, severity: 'warning', sentence: 'x'.repeat(octets), remedy: '' },
      since: noon,
    },
  })
  /** Succeeds on a full disk too, which lets what is parked try again. */
  const nothing = (id: number): Request<WriterCalls> => ({ id, kind: 'sweep', ask: {} })
  /** Leaves room for so many pages. */
  const leave = (pages: number): void => {
    const used = Number(database.pragma('page_count', { simple: true }))
    database.pragma(`max_page_count = ${used + pages}`)
  }
  const done = (): readonly number[] => replies.filter(({ kind }) => kind === 'done').map(({ id }) => id)
  const sessions = (): unknown[] =>
    database.prepare('SELECT id FROM session ORDER BY cast(substr(id, 2) AS INTEGER)').pluck().all()

  it('is of sessions the newest hundred calls: older ones are answered and dropped', async () => {
    leave(0)
    for (const id of numbers(1, 150)) await take(save(id))
    assert.deepEqual(done(), numbers(1, 50))
    assert.deepEqual(sessions(), [])
    leave(10_000)
    await take(nothing(151))
    assert.deepEqual(
      done().toSorted((a, b) => a - b),
      numbers(1, 151),
    )
    assert.deepEqual(
      sessions(),
      numbers(51, 150).map((id) => `S${id}`),
    )
  })

  it('and newest are those that came last, though the numbers of what was dropped are given again', async () => {
    leave(0)
    const free: number[] = []
    for (const at of numbers(1, 300)) {
      replies.length = 0
      await take(save(free.pop() ?? at, `S${at}`))
      free.push(...done())
    }
    leave(10_000)
    await take(nothing(301))
    assert.deepEqual(
      sessions(),
      numbers(201, 300).map((at) => `S${at}`),
    )
  })

  it('is everything that is no mere fact', async () => {
    leave(0)
    for (const id of numbers(1, 150)) await take(raise(id, 20_000))
    assert.deepEqual(replies, [])
    leave(10_000)
    await take(nothing(151))
    assert.deepEqual(done(), [151, ...numbers(1, 150)])
  })

  it('is answered once the house stops, and nothing waits after that', async () => {
    leave(0)
    for (const id of numbers(1, 3)) await take(raise(id, 20_000))
    assert.deepEqual(replies, [])
    loop.stopWaiting()
    await take(raise(4, 20_000))
    assert.deepEqual(
      replies.map(({ id, kind }) => [id, kind]),
      numbers(1, 4).map((id) => [id, 'trouble']),
    )
  })

  it('is tried every second', async () => {
    leave(0)
    await take(raise(1, 20_000))
    leave(10_000)
    assert.deepEqual(done(), [])
    mock.timers.tick(1000)
    assert.deepEqual(done(), [1])
  })

  it('is tried together, and no further than the first that does not fit', async () => {
    leave(0)
    for (const id of numbers(1, 60)) await take(save(id))
    tried = []
    await take(nothing(61))
    assert.deepEqual(tried, ['S1', 'S1'], 'together and alone')
    leave(12)
    tried = []
    await take(nothing(62))
    assert.deepEqual(sessions(), ['S2', 'S3'])
    assert.deepEqual(tried, ['S2', 'S3', 'S4', 'S2', 'S3', 'S4'])
    leave(10_000)
    tried = []
    await take(nothing(63))
    assert.deepEqual(tried.length, 58, 'all in one go')
    assert.equal(done().length, 63)
  })

  it('goes ahead of facts, and one that never fits does not stand before the others', async () => {
    leave(0)
    await take(save(1))
    await take(raise(2, 300_000))
    await take(raise(3, 10_000))
    leave(30)
    tried = []
    await take(nothing(4))
    assert.deepEqual(tried, ['A2', 'A2'])
    tried = []
    await take(nothing(5))
    assert.deepEqual(tried, ['A3', 'A2', 'A3', 'A2'])
    assert.deepEqual(done(), [4, 5, 3])
  })
})

const spareOctets = (reply: Reply | undefined): number =>
  reply?.kind === 'done' && typeof reply.answer === 'object' && reply.answer && 'spareOctets' in reply.answer
    ? Number(reply.answer.spareOctets)
    : assert.fail('no probe was answered')

describe('free space', () => {
  const maxPages = 4000
  const reserveOctets = 12e6
  /** Replies of a writer whose first alert meets a disk that fails once. */
  async function replied(requests: readonly Request<WriterCalls>[]): Promise<readonly Reply[]> {
    const folder = mkdtempSync(join(tmpdir(), 'writer-'))
    const opening = openDatabase(join(folder, 'a.db'), { migrations: spoolMigrations, lockWaitMs: 0 })
    const database = opening.kind === 'open' ? opening.database : assert.fail(opening.kind)
    const space = freeSpace(database, maxPages)
    const calls = writerCalls(database, space, reserveOctets)
    const replies: Reply[] = []
    let hasFailed = false
    const alert = (ask: WriterCalls['save-alert']['ask']) => {
      const pages = hasFailed ? maxPages : Number(database.pragma('page_count', { simple: true }))
      hasFailed = true
      database.pragma(`max_page_count = ${pages}`)
      return calls['save-alert'](ask)
    }
    const loop = new WriterLoop(database, { ...calls, 'save-alert': alert }, space, (news) => {
      if (news.kind === 'replies') replies.push(...news.replies)
    })
    for (const request of requests) loop.take(request)
    while (replies.length < requests.length) await new Promise((resolve) => setImmediate(resolve))
    loop.close()
    rmSync(folder, { recursive: true })
    return replies
  }
  const million = (id: number): Request<WriterCalls> => ({
    id,
    kind: 'write-chunks',
    ask: { number: id, firstChunk: 0, chunks: numbers(1, 16).map(() => new Uint8Array(65_536)) },
  })

  it('is not used up by a group that was rolled back', async () => {
    const alert = { key: 'a', severity: 'warning', sentence: 'x'.repeat(9000), remedy: '' } as const
    const replies = await replied([
      ...numbers(1, 3).map(million),
      { id: 4, kind: 'save-alert', ask: { alert, since: noon } },
    ])
    assert.deepEqual(
      replies.map((reply) => reply.kind === 'done' && reply.answer),
      [{ kind: 'stored' }, { kind: 'stored' }, { kind: 'stored' }, undefined],
    )
  })

  it('is looked at in every group', async () => {
    const probe = (id: number): Request<WriterCalls> => ({ id, kind: 'probe', ask: {} })
    const facts = numbers(2, 256).map(
      (id): Request<WriterCalls> => ({ id, kind: 'save-sessions', ask: [session(`S${id}`, 20_000)] }),
    )
    const replies = await replied([probe(1), ...facts, probe(257)])
    const [before = 0, after = 0] = [replies.at(0), replies.at(-1)].map(spareOctets)
    assert.ok(before - after > 4e6, `${before}, ${after}`)
  })
})
