import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { lockFile } from './database-lock.ts'

describe('lock of a data directory', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'inkpost-lock-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('is held by one until it is given back', () => {
    const first = lockFile(join(folder, 'lock'))
    assert.equal(first.kind, 'locked')
    assert.equal(lockFile(join(folder, 'lock')).kind, 'taken')
    if (first.kind === 'locked') first.lock[Symbol.dispose]()
    const second = lockFile(join(folder, 'lock'))
    assert.equal(second.kind, 'locked')
    if (second.kind === 'locked') second.lock[Symbol.dispose]()
  })

  it('ends with the process that held it, even if that was killed', async () => {
    const module = new URL('./database-lock.ts', import.meta.url).href
    const script = `import { lockFile } from ${JSON.stringify(module)}; globalThis.held = lockFile(process.argv[1]); console.log(held.kind); setInterval(() => {}, 1000)`
    const child = spawn(
      process.execPath,
      ['--no-warnings', '--input-type=module', '-e', script, join(folder, 'killed')],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const ended = new Promise((resolve) => child.once('exit', resolve))
    try {
      const [said] = await Array.fromAsync(take(child.stdout, 1))
      assert.equal(String(said).trim(), 'locked')
      assert.equal(lockFile(join(folder, 'killed')).kind, 'taken')
    } finally {
      child.kill('SIGKILL')
      await ended
    }
    const mine = lockFile(join(folder, 'killed'))
    assert.equal(mine.kind, 'locked')
    if (mine.kind === 'locked') mine.lock[Symbol.dispose]()
  })

  it('says why it can not be had', () => {
    assert.equal(lockFile(join(folder, 'missing', 'lock')).kind, 'unusable')
  })
})

async function* take(stream: AsyncIterable<unknown>, count: number): AsyncGenerator<unknown> {
  let left = count
  for await (const piece of stream) {
    yield piece
    left -= 1
    if (left === 0) return
  }
}
