import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { errorCode, writeDurably } from './durable-file.ts'

describe('durable file', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'durable-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('replaces a file whole and leaves nothing beside it', () => {
    const file = join(folder, 'a')
    writeDurably(file, 'old')
    writeDurably(file, 'new')
    assert.equal(readFileSync(file, 'utf8'), 'new')
    assert.deepEqual(readdirSync(folder), ['a'])
  })

  it('gives the mode whatever the umask', () => {
    const umask = process.umask(0o077)
    try {
      writeDurably(join(folder, 'a'), 'x', 0o644)
    } finally {
      process.umask(umask)
    }
    assert.equal(statSync(join(folder, 'a')).mode & 0o777, 0o644)
  })

  it('does not follow a link that was put where it writes', () => {
    const elsewhere = join(folder, 'elsewhere')
    writeFileSync(elsewhere, 'untouched')
    symlinkSync(elsewhere, join(folder, 'a.new'))
    writeDurably(join(folder, 'a'), 'x')
    assert.equal(readFileSync(elsewhere, 'utf8'), 'untouched')
    assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'x')
  })

  it('keeps the old file and cleans up when the new one cannot take its place', () => {
    const occupied = join(folder, 'a')
    mkdirSync(join(occupied, 'inside'), { recursive: true })
    assert.throws(
      () => writeDurably(occupied, 'x'),
      (error) => errorCode(error) === 'EISDIR',
    )
    assert.deepEqual(readdirSync(folder), ['a'])
  })
})
