import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'

const script = readFileSync(join(import.meta.dirname, 'boot-files'), 'utf8')
const isRoot = process.getuid?.() === 0

let folder = ''
beforeEach(() => {
  folder = mkdtempSync('/tmp/inkpost-boot-')
  for (const name of ['boot', 'run']) mkdirSync(join(folder, name), { mode: 0o755 })
  spawnSync('chmod', ['755', folder])
})
afterEach(() => rmSync(folder, { recursive: true }))

const boot = (name = '') => join(folder, 'boot', name)
const taken = (name = '') => join(folder, 'run/taken', name)

/** With folders of the test, and nobody in the place of the gateway's user. */
function run(word: 'take' | 'give-back') {
  const here = script
    .replace('boot=/boot/firmware', `boot=${boot()}`)
    .replaceAll('=/run/inkpost-boot/', `=${folder}/run/`)
    .replaceAll('=inkpost', '=nobody')
    .replace('--regid=nobody', '--regid=nogroup')
    .replace('$owner:inkpost', '$owner:nogroup')
  const done = spawnSync('sh', ['-s', word], { input: here, encoding: 'utf8' })
  return { code: done.status, said: done.stderr }
}

/** With the rights of the gateway. */
const asGateway = (line: string) =>
  assert.equal(
    spawnSync('setpriv', ['--reuid=nobody', '--regid=nogroup', '--clear-groups', 'sh', '-c', line]).status,
    0,
  )

describe('files of the boot partition', { skip: isRoot ? false : 'it runs as root' }, () => {
  it('are handed over, and come back without the secrets that the gateway took out', () => {
    writeFileSync(boot('inkpost.toml'), 'password = "1234"\n')
    writeFileSync(boot('inkpost-reset'), '')
    assert.deepEqual(run('take'), { code: 0, said: '' })
    assert.deepEqual(readdirSync(taken()).toSorted(), ['inkpost-reset', 'inkpost.toml'])
    assert.deepEqual(readdirSync(boot()), ['inkpost.toml'])
    asGateway(`echo '# erased' > ${taken('inkpost.toml')}`)
    assert.deepEqual(run('give-back'), { code: 0, said: '' })
    assert.equal(readFileSync(boot('inkpost.toml'), 'utf8'), '# erased\n')
    const { ino } = statSync(boot('inkpost.toml'))
    assert.equal(run('give-back').code, 0)
    assert.equal(statSync(boot('inkpost.toml')).ino, ino, 'what is the same is not written again')
  })

  it('are not made by the gateway', () => {
    assert.equal(run('take').code, 0)
    asGateway(`echo 'schema = 1' > ${taken('inkpost.toml')}`)
    assert.equal(run('give-back').code, 0)
    assert.deepEqual(readdirSync(boot()), [])
  })

  it('stay as they are where what comes back has no end, or leads to what is root’s alone', () => {
    writeFileSync(boot('inkpost.toml'), 'schema = 1\n')
    assert.equal(run('take').code, 0)
    asGateway(`ln -sf /dev/zero ${taken('inkpost.toml')}`)
    const endless = run('give-back')
    assert.deepEqual([endless.code, /is no setup document/.test(endless.said)], [1, true])
    const secret = join(folder, 'secret')
    writeFileSync(secret, 'of root', { mode: 0o600 })
    asGateway(`ln -sf ${secret} ${taken('inkpost.toml')}`)
    assert.notEqual(run('give-back').code, 0)
    assert.deepEqual(readdirSync(boot()), ['inkpost.toml'])
    assert.equal(readFileSync(boot('inkpost.toml'), 'utf8'), 'schema = 1\n')
  })

  it('that are links are left alone', () => {
    writeFileSync(join(folder, 'secret'), 'of root')
    symlinkSync(join(folder, 'secret'), boot('inkpost.toml'))
    assert.equal(run('take').code, 0)
    assert.equal(existsSync(taken('inkpost.toml')), false)
  })
})
