// A restore is whole or not at all: killed at any moment, the box is the old one or the new one, never a half of each.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import type { StatusView } from '../../src/core/operations.ts'
import type { QueueRow } from '../../src/core/spool.ts'
import { wallMs } from '../../src/core/time.ts'
import { inkpost } from '../end-to-end/command-line.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'

const kills = Number(process.env['INKPOST_KILLS'] ?? (process.env['INKPOST_SOAK'] ? 300 : 15))
const launcher = resolve(import.meta.dirname, '../../inkpost')
const secret = { INKPOST_PASSPHRASE: 'correct horse battery' }

const document = (name: string): string =>
  `${plainBox().replace('branch-07', name)}[[upstream]]\nname = "hub"\nkind = "smarthost"\nhost = "127.0.0.1"\nport = 1\n[upstream.credential]\nkind = "password"\nusername = "hub"\npassword = "secret of ${name}"\n`

/** A box with one mail in it, stopped. */
async function boxOf(folder: string, name: string): Promise<string> {
  mkdirSync(join(folder, name))
  const clock = new RunningClock(wallMs(Date.now()))
  await using gateway = await GatewayInProcess.start(join(folder, name), document(name), { clock })
  await gateway.send({ to: ['anna@contoso.com'], subject: name, text: 'x'.repeat(400_000) })
  return join(folder, name, 'data')
}

/** What appears on the way, from the first octet that is written to the last rename. */
const places = [
  'restore.work',
  'restore.work/settings.db',
  'restore.work/spool.db',
  'restore.staged',
  'replaced',
]
const breath = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

const restoring = (data: string, file: string) =>
  spawn(launcher, ['restore', file, '--yes', '--data', data], {
    env: { ...process.env, ...secret, NODE_OPTIONS: '' },
    stdio: 'ignore',
  })

function ask<T>(data: string, ...line: readonly string[]): T {
  const { code, stdout, stderr } = inkpost(data, {}, ...line, '--json')
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

describe('kill -9 during a restore', () => {
  it(`leaves the old box or the new one, in ${kills} kills`, { timeout: 600_000 }, async () => {
    using folder = temporaryFolder()
    const [lost, spare] = [await boxOf(folder.path, 'lost'), await boxOf(folder.path, 'spare')]
    const file = join(folder.path, 'lost.inkpost-backup')
    assert.equal(inkpost(lost, secret, 'backup', file, '--with-spool').code, 0)
    const data = join(folder.path, 'data')
    const fresh = (): void => {
      rmSync(data, { recursive: true, force: true })
      cpSync(spare, data, { recursive: true, filter: (path) => !path.endsWith('.sock') })
    }
    fresh()
    const seen = new Map<string, number>()
    for (let kill = 0; kill < kills; kill += 1) {
      fresh()
      const child = restoring(data, file)
      const ended = once(child, 'exit')
      const place = places[kill % places.length] ?? ''
      while (!existsSync(join(data, place)) && child.exitCode === null) await breath(1)
      await breath(randomInt(0, 40))
      child.kill('SIGKILL')
      await ended
      const status = ask<StatusView>(data, 'status')
      const queue = ask<readonly QueueRow[]>(data, 'queue')
      assert.deepEqual(
        queue.map(({ subject }) => subject),
        [status.name],
        'settings and mail are of the same box',
      )
      assert.equal(status.vault, 'open', 'and so is the key')
      assert.equal(queue[0]?.state === 'held', status.name === 'lost')
      assert.equal(inkpost(data, {}, 'audit', '--verify').code, 0)
      for (const left of ['restore.work', 'restore.staged', 'backup.work'])
        assert.equal(existsSync(join(data, left)), false, left)
      seen.set(status.name, (seen.get(status.name) ?? 0) + 1)
    }
    console.log(`${kills} kills: ${JSON.stringify(Object.fromEntries(seen))}`)
  })
})
