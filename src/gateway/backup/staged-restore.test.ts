import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stage, takeStagedRestore } from './staged-restore.ts'

const old = {
  'vault.key': 'old key',
  'settings.db': 'old',
  'settings.db-wal': 'old wal',
  'spool.db-journal': 'old journal',
  'spool.db': 'old mail',
}
const fresh = { 'vault.key': 'new key', 'settings.db': 'new', 'spool.db': 'new mail' }

function write(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}

/** Names and contents, without what the lock or the tests need. */
function filesIn(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {}
  return Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((each) => each.isFile())
      .map(({ name }) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
}

describe('taking a staged restore', () => {
  let root = ''
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'inkpost-staged-'))
  })
  after(() => rmSync(root, { recursive: true }))

  function box(name: string, files: Readonly<Record<string, string>> = fresh): string {
    const folder = join(root, name)
    write(folder, old)
    write(join(folder, 'restore.work'), files)
    stage(folder, join(folder, 'restore.work'), true)
    return folder
  }

  it('puts the new files in place and keeps what was there', () => {
    const folder = box('whole')
    assert.equal(takeStagedRestore(folder), true)
    assert.deepEqual(filesIn(folder), fresh)
    assert.deepEqual(filesIn(join(folder, 'replaced')), old)
    assert.equal(existsSync(join(folder, 'restore.staged')), false)
    assert.equal(takeStagedRestore(folder), false)
    assert.deepEqual(filesIn(join(folder, 'replaced')), old)
  })

  it('never goes over what an earlier one put aside', () => {
    const folder = box('twice')
    takeStagedRestore(folder)
    for (const n of [2, 3]) {
      write(join(folder, 'restore.work'), fresh)
      stage(folder, join(folder, 'restore.work'), true)
      takeStagedRestore(folder)
      assert.deepEqual(filesIn(join(folder, `replaced-${n}`)), fresh)
    }
    assert.deepEqual(filesIn(join(folder, 'replaced')), old)
  })

  it('leaves what the backup has nothing for', () => {
    const folder = box('settings', { 'settings.db': 'new' })
    takeStagedRestore(folder)
    assert.deepEqual(filesIn(folder), {
      'vault.key': 'old key',
      'settings.db': 'new',
      'spool.db': 'old mail',
      'spool.db-journal': 'old journal',
    })
  })

  it('sweeps what a crash left while a backup was made or looked at', () => {
    const folder = join(root, 'swept')
    write(folder, old)
    write(join(folder, 'restore.work'), fresh)
    write(join(folder, 'backup.work', 'copy-1'), fresh)
    assert.equal(takeStagedRestore(folder), false)
    assert.deepEqual(readdirSync(folder).sort(), Object.keys(old).sort())
  })

  it('that is killed after any step is finished by the next opening', async () => {
    const template = box('template')
    const module = new URL('./staged-restore.ts', import.meta.url).href
    const script = `
      import { takeStagedRestore } from ${JSON.stringify(module)}
      let left = Number(process.argv[2])
      takeStagedRestore(process.argv[1], () => { if (--left === 0) process.kill(process.pid, 'SIGKILL') })`
    let steps = 0
    for (let died = true; died; ) {
      steps += 1
      const folder = join(root, `killed-${steps}`)
      cpSync(template, folder, { recursive: true })
      const child = spawn(
        process.execPath,
        ['--no-warnings', '--input-type=module', '-e', script, folder, String(steps)],
        { stdio: 'inherit' },
      )
      const [, signal] = await once(child, 'exit')
      died = signal === 'SIGKILL'
      takeStagedRestore(folder)
      assert.deepEqual(filesIn(folder), fresh, `after ${steps} steps`)
      assert.deepEqual(filesIn(join(folder, 'replaced')), old, `after ${steps} steps`)
      assert.equal(existsSync(join(folder, 'restore.staged')), false)
    }
    assert.equal(steps, 5 + 3 + 1 + 1, 'every rename was the last one once')
  })
})
