// The end of a box: keys first, then data; cut off anywhere, nothing secret opens any more, and a second run ends it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { wallMs } from '../../src/core/time.ts'
import { inkpost } from '../end-to-end/command-line.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { GatewayProcess, temporaryFolder } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'

const erasure = join(import.meta.dirname, '../../src/gateway/erasure.ts')
const secret = 'open sesame of the hub'
const scanned = 'The contract of Anna, page one'
const document = `${plainBox()}[[upstream]]
name = "hub"
kind = "smarthost"
host = "127.0.0.1"
port = 1
[upstream.credential]
kind = "password"
username = "relay"
password = "${secret}"
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "https://contoso.communication.azure.com"
senders = ["scanner@contoso.com"]
[upstream.credential]
kind = "access-key"
key = "c2VjcmV0IG9mIGFjcw=="
`

/** A box with a secret and a mail, stopped; with a second key that a restore left. */
async function boxIn(folder: string): Promise<string> {
  const clock = new RunningClock(wallMs(Date.now()))
  const data = join(folder, 'data')
  {
    await using gateway = await GatewayInProcess.start(folder, document, { clock })
    await gateway.send({ to: ['anna@contoso.com'], text: scanned })
  }
  mkdirSync(join(data, 'replaced'))
  cpSync(join(data, 'vault.key'), join(data, 'replaced', 'vault.key'))
  return data
}

const files = (data: string): readonly string[] =>
  readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const holds = (data: string, text: string): boolean =>
  files(data).some((file) => readFileSync(file).includes(text))

/** Ends itself, as the power would, behind the step of this number. */
const cutBehind = (data: string, number: number) =>
  spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', cutting(data, number)], {
    encoding: 'utf8',
  })
const cutting = (data: string, number: number): string => `
import { beginErasure, finishErasure } from ${JSON.stringify(erasure)}
let steps = 0
const step = (what) => {
  console.log(what)
  if (steps++ === ${number}) process.kill(process.pid, 'SIGKILL')
}
await beginErasure(${JSON.stringify(data)}, '# what is left', step)
await finishErasure(${JSON.stringify(data)}, step)`

describe('kill -9 while a box is decommissioned', () => {
  it('leaves no key that opens anything, and a second run ends it', { timeout: 120_000 }, async () => {
    using folder = temporaryFolder()
    const whole = await boxIn(folder.path)
    const key = readFileSync(join(whole, 'vault.key'), 'utf8').trim().split(' ')[1] ?? ''
    assert.equal(Buffer.from(key, 'base64').length, 32)
    assert.ok(holds(whole, key) && holds(whole, scanned))
    const data = join(folder.path, 'cut')
    let isOver = false
    let steps = 0
    for (; !isOver; steps += 1) {
      cpSync(whole, data, { recursive: true, filter: (path) => !path.endsWith('.sock') })
      const cut = cutBehind(data, steps)
      isOver = cut.status === 0
      if (!isOver) assert.equal(cut.signal, 'SIGKILL', cut.stderr)
      const behind = cut.stdout.trim().split('\n').at(-1) ?? ''
      // The keys are two, one after the other, before everything else.
      if (steps >= 4) assert.equal(holds(data, key), false, behind)
      if (!isOver) {
        const second = inkpost(data, {}, 'decommission')
        assert.equal(second.code, 0, `${behind}: ${second.stderr}`)
        assert.equal(second.stdout, '# what is left')
      }
      assert.deepEqual(
        files(data).filter((file) => !file.endsWith('/lock')),
        [],
        behind,
      )
      rmSync(data, { recursive: true })
    }
    assert.ok(steps > 7, `${steps} steps were cut`)
  })

  it('goes on at the next start, before anything is opened', async () => {
    using folder = temporaryFolder()
    const data = await boxIn(folder.path)
    cutBehind(data, 0)
    await using gateway = await GatewayProcess.start(data, { setup: plainBox().replace('branch-07', 'new') })
    assert.equal(holds(data, scanned), false)
    const queue = gateway.ask('queue')
    assert.deepEqual(queue, [])
  })
})

describe('decommission', () => {
  it('asks for the name, then ends a running gateway, its keys, its data and its first setup', async () => {
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    await using gateway = await GatewayProcess.start(data, { setup: document })
    const wrong = gateway.run('decommission', '--name', 'branch-08')
    assert.equal(wrong.code, 2)
    assert.match(wrong.stderr, /this box is called branch-07, not branch-08: nothing was destroyed/)
    assert.ok(existsSync(join(data, 'vault.key')))
    const stopped = gateway.exited
    const right = gateway.run('decommission', '--name', 'branch-07')
    assert.equal(right.code, 0, right.stderr)
    assert.match(right.stdout, /^# The mail gateway "branch-07" is decommissioned/)
    assert.match(right.stdout, /Cuts the lost box inkpost branch-07 off/)
    assert.match(right.stdout, /upstream hub/)
    assert.equal(await stopped, 3)
    assert.deepEqual(readdirSync(data), ['lock'])
    assert.equal(readFileSync(join(folder.path, 'setup.toml'), 'utf8'), 'schema = 1\n')
    const last = gateway.log
      .map((line) => JSON.parse(line))
      .find(({ event }) => event === 'box-decommissioned')
    assert.match(last.auditHead, /^\d+:[0-9a-f]{64}$/)
  })

  it('leaves no setup on the boot partition where no gateway runs', async () => {
    using folder = temporaryFolder()
    const data = await boxIn(folder.path)
    const setup = join(folder.path, 'inkpost.toml')
    writeFileSync(setup, document)
    const environment = { INKPOST_BOOT: folder.path }
    const done = inkpost(data, environment, 'decommission', '--name', 'branch-07')
    assert.equal(done.code, 0, done.stderr)
    assert.equal(readFileSync(setup, 'utf8'), 'schema = 1\n')
  })

  it('works where no gateway runs, with the name from stdin', async () => {
    using folder = temporaryFolder()
    const data = await boxIn(folder.path)
    const none = inkpost(data, {}, 'decommission')
    assert.equal(none.code, 2)
    assert.match(none.stderr, /the name of the box was not given/)
    const done = inkpost(data, {}, 'decommission', '--name', 'branch-07')
    assert.equal(done.code, 0, done.stderr)
    assert.deepEqual(readdirSync(data), ['lock'])
    assert.equal(inkpost(data, {}, 'status').code, 1)
  })
})
