import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import Sqlite from 'better-sqlite3'
import { type Database, type Migration, openDatabase } from './database.ts'

const first: Migration = { version: 1, readableFrom: 1, sql: 'CREATE TABLE device (name TEXT)' }
const compatible: Migration = { version: 2, readableFrom: 1, sql: 'ALTER TABLE device ADD COLUMN note TEXT' }
const incompatible: Migration = { version: 3, readableFrom: 3, sql: 'ALTER TABLE device RENAME TO account' }

describe('opening a database', () => {
  let folder = ''
  let file = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'database-'))
    file = join(folder, 'some.db')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const open = (...migrations: readonly Migration[]): Database => {
    const opening = openDatabase(file, { migrations, lockWaitMs: 0 })
    assert.equal(opening.kind, 'open')
    return opening.kind === 'open' ? opening.database : assert.fail()
  }
  const refusal = (...migrations: readonly Migration[]) => openDatabase(file, { migrations, lockWaitMs: 0 })

  it('creates it durable, in WAL mode, with the schema and its version', () => {
    const database = open(first, compatible)
    assert.equal(database.pragma('journal_mode', { simple: true }), 'wal')
    assert.equal(database.pragma('synchronous', { simple: true }), 2)
    assert.equal(database.pragma('page_size', { simple: true }), 4096)
    assert.deepEqual(database.prepare('SELECT * FROM schema').all(), [{ version: 2, readable_from: 1 }])
    database.close()
  })

  it('applies only the steps that are missing and keeps the rows', () => {
    const old = open(first)
    old.exec("INSERT INTO device VALUES ('scanner')")
    old.close()
    const database = open(first, compatible)
    assert.deepEqual(database.prepare('SELECT * FROM device').all(), [{ name: 'scanner', note: null }])
    assert.equal(existsSync(`${file}.v1`), false)
    database.close()
  })

  it('copies the file before a step that older releases can not read', () => {
    const old = open(first, compatible)
    old.exec("INSERT INTO device VALUES ('scanner', 'first floor')")
    old.close()
    writeFileSync(`${file}.v2`, 'left by an earlier try')
    open(first, compatible, incompatible).close()
    const copy = new Sqlite(`${file}.v2`)
    assert.deepEqual(copy.prepare('SELECT note FROM device').all(), [{ note: 'first floor' }])
    copy.close()
  })

  it('lets an older release open a newer file where readable_from allows it', () => {
    open(first, compatible).close()
    const database = open(first)
    assert.deepEqual(database.prepare('SELECT version FROM schema').all(), [{ version: 2 }])
    database.close()
  })

  it('refuses a file that only a newer release can read, and leaves it alone', () => {
    open(first, compatible, incompatible).close()
    const before = readFileSync(file)
    const refused = refusal(first, compatible)
    assert.equal(refused.kind, 'newer')
    assert.equal(refused.kind === 'newer' && refused.readableFrom, 3)
    assert.deepEqual(readFileSync(file), before)
  })

  it('says that the disk is full where SQLite says I/O error and there is no room for what it makes beside', () => {
    mkdirSync(file)
    const opened = (octets: number) =>
      openDatabase(file, { migrations: [first], lockWaitMs: 0, freeOctets: () => octets }).kind
    assert.deepEqual([opened(0), opened(40_000), opened(1e9)], ['full', 'full', 'unreadable'])
  })

  it('leaves nothing of a step that fails', () => {
    open(first).close()
    const broken: Migration = {
      version: 2,
      readableFrom: 1,
      sql: 'CREATE TABLE half (x); INSERT INTO absent VALUES (1)',
    }
    assert.throws(() => refusal(first, broken), /could not be prepared/)
    const database = open(first)
    assert.deepEqual(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").all(), [])
    database.close()
  })

  it('refuses what is not SQLite, and leaves it alone', () => {
    writeFileSync(file, 'Dear printer, this is a letter and no database at all.'.repeat(100))
    assert.equal(refusal(first).kind, 'not-a-database')
    assert.match(readFileSync(file, 'latin1'), /^Dear printer/)
  })

  it("refuses another program's database", () => {
    const other = new Sqlite(file)
    other.exec('CREATE TABLE bookmarks (url)')
    other.close()
    assert.equal(refusal(first).kind, 'not-a-database')
  })

  it('says locked while another process holds it', () => {
    open(first).close()
    const other = new Sqlite(file)
    other.exec('BEGIN IMMEDIATE')
    assert.equal(refusal(first, compatible).kind, 'locked')
    other.close()
  })

  it('says unreadable of a folder, a missing folder and a missing file that must not be made', () => {
    mkdirSync(file)
    assert.equal(refusal(first).kind, 'unreadable')
    assert.equal(openDatabase(join(folder, 'no', 'such.db'), { migrations: [first] }).kind, 'unreadable')
    const absent = openDatabase(join(folder, 'absent.db'), { migrations: [first], readonly: true })
    assert.equal(absent.kind, 'unreadable')
  })

  it('lets a reader ask and checkpoint but not change', () => {
    open(first).close()
    const opening = openDatabase(file, { migrations: [first], readonly: true })
    assert.equal(opening.kind, 'open')
    if (opening.kind !== 'open') return
    assert.throws(() => opening.database.exec('DELETE FROM device'), /readonly/)
    assert.deepEqual(opening.database.pragma('wal_checkpoint(PASSIVE)'), [
      { busy: 0, log: 0, checkpointed: 0 },
    ])
    opening.database.close()
  })
})
