import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import Sqlite from 'better-sqlite3'
import { type Database, openDatabase } from '../platform/database.ts'
import { groupCommit } from './group-commit.ts'

interface Write {
  readonly id: number
  readonly octets: number
  readonly fails?: boolean
}

describe('a group commit', () => {
  let folder = ''
  let database: Database
  let performed: number[] = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'group-'))
    const sql = 'CREATE TABLE mail (id INTEGER PRIMARY KEY, octets BLOB)'
    const opening = openDatabase(join(folder, 'a.db'), {
      migrations: [{ version: 1, readableFrom: 1, sql }],
      lockWaitMs: 0,
    })
    database = opening.kind === 'open' ? opening.database : assert.fail(opening.kind)
    performed = []
  })
  afterEach(() => {
    database.close()
    rmSync(folder, { recursive: true })
  })

  const run = (...group: readonly Write[]) => {
    const insert = database.prepare('INSERT INTO mail VALUES (?, ?)')
    const { run: commit } = groupCommit(database, ({ id, octets, fails }: Write) => {
      performed.push(id)
      insert.run(id, Buffer.alloc(octets))
      if (fails) throw new Error('a mistake')
      return `stored ${id}`
    })
    return commit(group)
  }
  const stored = (): unknown[] => database.prepare('SELECT id FROM mail ORDER BY id').pluck().all()

  it('answers each after all are on disk', () => {
    assert.deepEqual(run({ id: 1, octets: 10 }, { id: 2, octets: 10 }), [
      { id: 1, kind: 'done', answer: 'stored 1' },
      { id: 2, kind: 'done', answer: 'stored 2' },
    ])
    assert.equal(database.inTransaction, false)
    assert.deepEqual(stored(), [1, 2])
  })

  it("does not let the mistake of one be the others'", () => {
    const replies = run(
      { id: 1, octets: 10 },
      { id: 2, octets: 10, fails: true },
      { id: 1, octets: 1 },
      { id: 3, octets: 10 },
    )
    assert.deepEqual(
      replies.map(({ kind }) => kind),
      ['done', 'failed', 'failed', 'done'],
    )
    assert.deepEqual(stored(), [1, 3])
  })

  it('tries each alone when the disk is full, and tells only those that do not fit', () => {
    database.pragma('max_page_count = 40')
    const replies = run({ id: 1, octets: 30_000 }, { id: 2, octets: 300_000 }, { id: 3, octets: 30_000 })
    assert.deepEqual(
      replies.map(({ id, kind }) => [id, kind]),
      [
        [1, 'done'],
        [2, 'trouble'],
        [3, 'done'],
      ],
    )
    assert.deepEqual(replies[1], {
      id: 2,
      kind: 'trouble',
      trouble: 'full',
      detail: 'database or disk is full',
    })
    assert.deepEqual(stored(), [1, 3])
    assert.deepEqual(performed, [1, 2, 1, 2, 3])
  })

  it('says locked to all while another process writes', () => {
    const other = new Sqlite(join(folder, 'a.db'))
    other.exec('BEGIN IMMEDIATE')
    const replies = run({ id: 1, octets: 1 }, { id: 2, octets: 1 })
    assert.deepEqual(
      replies.map((reply) => reply.kind === 'trouble' && reply.trouble),
      ['locked', 'locked'],
    )
    other.close()
    assert.deepEqual(
      run({ id: 1, octets: 1 }).map(({ kind }) => kind),
      ['done'],
    )
  })
})
