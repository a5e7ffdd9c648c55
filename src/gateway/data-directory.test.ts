import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { build } from '../platform/build.ts'
import { systemClock } from '../platform/clock.ts'
import { openStores } from './boot.ts'
import { takeDirectory } from './data-directory.ts'

let folder: string
let umask: number

beforeEach(() => {
  umask = process.umask()
  folder = mkdtempSync(join(tmpdir(), 'inkpost-directory-'))
})
afterEach(() => {
  process.umask(umask)
  rmSync(folder, { recursive: true })
})

const modeOf = (...path: readonly string[]): number => statSync(join(folder, ...path)).mode & 0o777

describe('the data directory', () => {
  it('is made with its parents, for its user alone', async () => {
    using _lock = await takeDirectory(join(folder, 'a', 'b'))
    assert.equal(modeOf('a'), 0o700)
    assert.equal(modeOf('a', 'b'), 0o700)
    assert.equal(modeOf('a', 'b', 'lock'), 0o600)
  })

  it('is closed when it was there already, and so are its databases', async () => {
    mkdirSync(join(folder, 'data'))
    chmodSync(join(folder, 'data'), 0o755)
    for (const name of ['settings.db', 'spool.db', 'spool.db-wal', 'spool.db-shm']) {
      writeFileSync(join(folder, 'data', name), '')
      chmodSync(join(folder, 'data', name), 0o644)
    }
    using _lock = await takeDirectory(join(folder, 'data'))
    assert.equal(modeOf('data'), 0o700)
    for (const name of ['settings.db', 'spool.db', 'spool.db-wal', 'spool.db-shm'])
      assert.equal(modeOf('data', name), 0o600, name)
  })

  it('holds databases that only its user can read', async () => {
    process.umask(0o022)
    using _lock = await takeDirectory(folder)
    const clock = systemClock(build.date)
    await using _stores = await openStores({ dataDir: folder, profile: 'checkout', clock })
    for (const name of [
      'settings.db',
      'settings.db-wal',
      'settings.db-shm',
      'spool.db',
      'spool.db-wal',
      'spool.db-shm',
    ])
      assert.equal(modeOf(name), 0o600, name)
  })

  it('is refused where none can be made', async () => {
    await assert.rejects(takeDirectory('/proc/inkpost/data'), /StartRefused.*\/proc\/inkpost.*ENOENT/s)
  })

  it('is refused where a file is in its place', async () => {
    writeFileSync(join(folder, 'file'), '')
    chmodSync(join(folder, 'file'), 0o644)
    await assert.rejects(takeDirectory(join(folder, 'file')), /is not a directory/)
    assert.equal(modeOf('file'), 0o644)
  })

  it('is refused where everybody has their files, which stay as they are', async () => {
    chmodSync(folder, 0o1777)
    await assert.rejects(takeDirectory(folder), /shared by everybody/)
    assert.equal(modeOf(), 0o777)
  })

  it('is taken once', async () => {
    using _lock = await takeDirectory(folder)
    await assert.rejects(takeDirectory(folder, 0), /another inkpost is at work on .*: try again/)
    await using server = createServer().listen(join(folder, 'control.sock'))
    await once(server, 'listening')
    await assert.rejects(takeDirectory(folder), /another gateway is running/)
  })

  it('is waited for while a command holds it', async () => {
    const command = await takeDirectory(folder)
    const waiting = takeDirectory(folder)
    // It found the lock taken: it looks at the socket before it waits.
    await takeDirectory(folder, 0).catch(() => {})
    command[Symbol.dispose]()
    const mine = await waiting
    mine[Symbol.dispose]()
  })
})
