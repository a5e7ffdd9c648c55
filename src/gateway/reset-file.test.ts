import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { takeResetFile } from './reset-file.ts'

describe('the file that asks for a reset', () => {
  let folder: string
  const setup = () => join(folder, 'inkpost.toml')
  const file = (name = 'inkpost-reset') => join(folder, name)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'inkpost-reset-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is looked for beside the first setup document only', () => {
    writeFileSync(file(), '')
    assert.deepEqual(takeResetFile(undefined, 'inkpost-reset'), { kind: 'none' })
    assert.deepEqual(takeResetFile('/nowhere/inkpost.toml', 'inkpost-reset'), { kind: 'none' })
    assert.ok(existsSync(file()))
  })

  for (const name of ['inkpost-reset', 'inkpost-reset.txt'])
    it(`${name} is taken away, once`, () => {
      writeFileSync(file(name), '')
      assert.deepEqual(takeResetFile(setup(), 'inkpost-reset'), { kind: 'removed', file: file(name) })
      assert.ok(!existsSync(file(name)))
      assert.deepEqual(takeResetFile(setup(), 'inkpost-reset'), { kind: 'none' })
    })

  it('that everything goes is another one', () => {
    writeFileSync(file('inkpost-factory-reset.txt'), '')
    assert.deepEqual(takeResetFile(setup(), 'inkpost-reset'), { kind: 'none' })
    assert.equal(takeResetFile(setup(), 'inkpost-factory-reset').kind, 'removed')
  })

  it('under both names is one wish', () => {
    writeFileSync(file(), '')
    writeFileSync(file('inkpost-reset.txt'), '')
    assert.equal(takeResetFile(setup(), 'inkpost-reset').kind, 'removed')
    assert.deepEqual(takeResetFile(setup(), 'inkpost-reset'), { kind: 'none' })
  })

  it('as a link is removed, not followed', () => {
    writeFileSync(file('other'), '')
    symlinkSync(file('other'), file())
    assert.equal(takeResetFile(setup(), 'inkpost-reset').kind, 'removed')
    assert.ok(existsSync(file('other')))
  })

  it('that can not be removed proves nothing', () => {
    mkdirSync(join(file(), 'inside'), { recursive: true })
    const taken = takeResetFile(setup(), 'inkpost-reset')
    assert.match(taken.kind === 'stuck' ? taken.detail : '', /^it can't be removed: /)
  })

  it('proves nothing where everybody may write', () => {
    writeFileSync(file(), '')
    chmodSync(folder, 0o1777)
    const taken = takeResetFile(setup(), 'inkpost-reset')
    assert.match(taken.kind === 'stuck' ? taken.detail : '', /^everybody on this machine may write/)
    assert.ok(existsSync(file()))
  })
})
