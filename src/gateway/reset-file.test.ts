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
    assert.deepEqual(takeResetFile(undefined), { kind: 'none' })
    assert.deepEqual(takeResetFile('/nowhere/inkpost.toml'), { kind: 'none' })
    assert.ok(existsSync(file()))
  })

  for (const name of ['inkpost-reset', 'inkpost-reset.txt'])
    it(`${name} is taken away, once`, () => {
      writeFileSync(file(name), '')
      assert.deepEqual(takeResetFile(setup()), { kind: 'removed', file: file(name) })
      assert.ok(!existsSync(file(name)))
      assert.deepEqual(takeResetFile(setup()), { kind: 'none' })
    })

  it('under both names is one wish', () => {
    writeFileSync(file(), '')
    writeFileSync(file('inkpost-reset.txt'), '')
    assert.equal(takeResetFile(setup()).kind, 'removed')
    assert.deepEqual(takeResetFile(setup()), { kind: 'none' })
  })

  it('as a link is removed, not followed', () => {
    writeFileSync(file('other'), '')
    symlinkSync(file('other'), file())
    assert.equal(takeResetFile(setup()).kind, 'removed')
    assert.ok(existsSync(file('other')))
  })

  it('that can not be removed proves nothing', () => {
    mkdirSync(join(file(), 'inside'), { recursive: true })
    const taken = takeResetFile(setup())
    assert.match(taken.kind === 'stuck' ? taken.detail : '', /^it can't be removed: /)
  })

  it('proves nothing where everybody may write', () => {
    writeFileSync(file(), '')
    chmodSync(folder, 0o1777)
    const taken = takeResetFile(setup())
    assert.match(taken.kind === 'stuck' ? taken.detail : '', /^everybody on this machine may write/)
    assert.ok(existsSync(file()))
  })
})
