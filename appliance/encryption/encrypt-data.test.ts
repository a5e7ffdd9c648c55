import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'

const program = join(import.meta.dirname, 'inkpost-encrypt-data')
/** Of systemd; from trixie on in a package of its own. */
const generator = '/usr/lib/systemd/system-generators/systemd-cryptsetup-generator'

let folder = ''
const device = () => join(folder, 'partition')
const stick = () => join(folder, 'stick')
const key = () => join(stick(), 'inkpost-data.key')
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-encryption-'))
  mkdirSync(stick())
  writeFileSync(device(), '')
  truncateSync(device(), 32e6)
})
afterEach(() => rmSync(folder, { recursive: true }))

const run = (command: string, ...words: readonly string[]) =>
  spawnSync(command, words, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `/usr/sbin:/sbin:${process.env['PATH']}` },
  })
const encrypt = () => run(program, device(), stick())
const opens = (file: string): boolean =>
  run('cryptsetup', 'open', '--test-passphrase', '--key-file', file, device()).status === 0

describe('the encrypted data partition', () => {
  it('is opened by the key on the stick, by no other, and by none after a decommission', () => {
    const { status, stderr } = encrypt()
    assert.equal(status, 0, stderr)
    assert.match(run('cryptsetup', 'luksDump', device()).stdout, /^Version:\s+2$/m)
    assert.deepEqual([statSync(key()).size, statSync(key()).mode & 0o777], [64, 0o600])
    const other = join(folder, 'other')
    writeFileSync(other, Buffer.alloc(64, 7))
    assert.deepEqual([opens(key()), opens(other)], [true, false])
    // What the duty `data-erase` runs.
    assert.equal(run('cryptsetup', 'erase', '--batch-mode', '--disable-locks', device()).status, 0)
    assert.equal(opens(key()), false)
  })

  it('is asked for at the start with the stick, as systemd reads the line', {
    skip: !existsSync(generator) && 'systemd-cryptsetup is not installed',
  }, () => {
    const table = join(folder, 'crypttab')
    const lines = encrypt().stdout.split('\n')
    writeFileSync(table, `${lines.find((line) => line.startsWith('inkpost-data '))}\n`)
    const units = ['normal', 'early', 'late'].map((name) => join(folder, name))
    for (const place of units) mkdirSync(place)
    const made = spawnSync(generator, units, { encoding: 'utf8', env: { SYSTEMD_CRYPTTAB: table } })
    assert.equal(made.status, 0, made.stderr)
    const unit = readFileSync(join(folder, 'normal/systemd-cryptsetup@inkpost\\x2ddata.service'), 'utf8')
    assert.match(unit, /inkpost-data\.key/)
    assert.match(unit, /INKPOST|keydev-inkpost/)
  })

  it('is never made over something, and a key is never overwritten', () => {
    assert.equal(encrypt().status, 0)
    const before = readFileSync(key())
    assert.match(encrypt().stderr, /inkpost-data\.key is there already/)
    rmSync(key())
    assert.match(encrypt().stderr, /partition holds crypto_LUKS: wipe it first/)
    assert.equal(existsSync(key()), false)
    writeFileSync(key(), before)
    assert.ok(opens(key()))
  })

  it('says how it is asked for', () => {
    assert.equal(run(program).status, 2)
    assert.match(run(program, '/nonexistent', stick()).stderr, /\/nonexistent is not there/)
  })
})
