// The checker is itself checked: it finds what a bad disk does.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import Database from 'better-sqlite3'
import { chunkId } from '../../../src/spool/chunk-layout.ts'
import { first } from '../../../src/spool/migrations/001-first.ts'
import { temporaryFolder } from '../../../test/gateway-process.ts'
import { faultsOfData } from './cut-data.ts'

const folder = temporaryFolder()
after(() => folder[Symbol.dispose]())
const data = join(folder.path, 'data')
const spool = join(data, 'spool.db')
const body = 'page '.repeat(30_000)
const due = [{ id: '7', sha256: createHash('sha256').update(body).digest('hex'), logOctets: 0 }]

describe('a data directory after a power cut', () => {
  beforeEach(() => {
    rmSync(data, { recursive: true, force: true })
    mkdirSync(data)
    writeFileSync(join(data, 'vault.key'), `inkpost-vault-1 ${Buffer.alloc(32, 7).toString('base64')}\n`)
    opened(join(data, 'settings.db')).exec('CREATE TABLE setup (text TEXT)').close()
    inSpool(`BEGIN; ${first.sql}; COMMIT`)
    store(7, body)
  })

  const kinds = (): readonly string[] =>
    faultsOfData(data, due).map(({ kind, detail }) => `${kind}: ${detail}`)

  it('is sound with its databases, its key and its messages', () => {
    assert.deepEqual(kinds(), [])
  })

  it('may be empty before anything was promised, and not after', () => {
    rmSync(data, { recursive: true })
    mkdirSync(data)
    assert.deepEqual(faultsOfData(data, []), [])
    assert.match(
      kinds().join('\n'),
      /settings\.db is not there\n.*spool\.db is not there\n.*no octets\nmissing: 7: /,
    )
  })

  it('misses a message that is not there, has no delivery, or has another body', () => {
    inSpool('DELETE FROM delivery')
    assert.deepEqual(kinds(), ['missing: 7: 0 deliveries'])
    inSpool('DELETE FROM message')
    assert.deepEqual(kinds(), ['missing: 7: no such message'])
    store(7, body)
    inSpool(`DELETE FROM chunk WHERE id = ${chunkId(7, 1)}`)
    assert.deepEqual(kinds(), ['missing: 7: another body'])
  })

  it('is damaged where a page of a database is, or its file is cut', () => {
    const file = openSync(spool, 'r+')
    writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, 4096 * 3)
    assert.match(kinds().join('\n'), /^database: .*spool\.db: /)
    truncateSync(join(data, 'settings.db'), 100)
    assert.match(kinds().join('\n'), /^database: .*settings\.db: /)
  })

  it('is damaged where the key is cut', () => {
    truncateSync(join(data, 'vault.key'), 20)
    assert.deepEqual(kinds(), ['database: vault.key has 20 octets'])
  })
})

/** Nothing here has to survive. */
function opened(path: string): Database.Database {
  const database = new Database(path)
  database.pragma('synchronous = off')
  return database
}

function inSpool(...statements: readonly string[]): void {
  const database = opened(spool)
  for (const statement of statements) database.exec(statement)
  database.close()
}

/** The columns that are looked at, and something in those that may not be empty. */
function store(number: number, text: string): void {
  const database = opened(spool)
  const columns = database
    .prepare<[], { readonly name: string; readonly type: string }>(
      `SELECT name, type FROM pragma_table_info('message') WHERE "notnull" = 1`,
    )
    .all()
  const names = columns.map(({ name }) => name)
  const values = columns.map(({ type }) => (type === 'TEXT' ? '' : 0))
  database
    .prepare(`INSERT INTO message (id, ${names}) VALUES (?, ${names.map(() => '?')})`)
    .run(number, ...values)
  database
    .prepare(
      `INSERT OR REPLACE INTO delivery (message, number, priority, address, state, code, reason, attempts, counted_ms, refused_by)
      VALUES (?, 1, 1, 'anna@contoso.com', 'accepted', '', '', 0, 0, '')`,
    )
    .run(number)
  const content = Buffer.from(`Subject: scan\r\n\r\n${text}`)
  const put = database.prepare('INSERT OR REPLACE INTO chunk (id, octets) VALUES (?, ?)')
  for (let at = 0, chunk = 0; at < content.length; at += 64_000, chunk += 1)
    put.run(chunkId(number, chunk), content.subarray(at, at + 64_000))
  database.close()
}
