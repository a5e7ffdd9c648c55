// The card of a box: it turns read-only under a running gateway, or is not there at the start. Real file systems, in files.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { basename, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { lampBeats } from '../../src/core/lamp.ts'
import type { FirewallPorts, LampBeats, Machine } from '../../src/core/machine.ts'
import { minute, wallMs } from '../../src/core/time.ts'
import { standIn } from '../../src/gateway.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { SmtpClient } from '../smtp-client.ts'

const setup = `schema = 1
[gateway]
name = "branch-07"
${testListeners}
[[device]]
name = "Scanner"
addresses = ["127.0.0.1"]
sender = "scanner@contoso.com"
[[upstream]]
name = "kept"
kind = "outbox"
`

const launcher = resolve(import.meta.dirname, '../../inkpost')

const run = (command: string, ...words: readonly string[]): string =>
  execFileSync(command, words, { encoding: 'utf8', stdio: 'pipe' })

interface Card extends Disposable {
  mount(): void
  unmount(): void
  /** As the kernel does when it reads garbage: `errors=remount-ro`. */
  damage(): void
  /** As the next start of a machine does. */
  repair(): void
}

/** An ext4 of 120 MB in a file, mounted; undefined where that is not allowed. */
function ext4Card(folder: string, at: string): Card | undefined {
  const image = join(folder, 'card.img')
  writeFileSync(image, '')
  truncateSync(image, 120e6)
  let isMounted = false
  const card: Card = {
    mount() {
      run('mount', '-o', 'loop,errors=remount-ro', image, at)
      isMounted = true
    },
    unmount() {
      run('umount', at)
      isMounted = false
    },
    damage() {
      const device = basename(run('findmnt', '-no', 'SOURCE', at).trim())
      writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, '1')
    },
    repair() {
      card.unmount()
      // 1: errors were corrected (e2fsck(8)).
      const done = spawnSyncStatus('e2fsck', '-fy', image)
      assert.ok(done === 0 || done === 1, `e2fsck: ${done}`)
      card.mount()
    },
    [Symbol.dispose]: () => {
      if (isMounted) run('umount', '-l', at)
    },
  }
  try {
    run('mke2fs', '-q', '-t', 'ext4', image)
    card.mount()
  } catch {
    return undefined
  }
  return card
}

function spawnSyncStatus(command: string, ...words: readonly string[]): number {
  try {
    run(command, ...words)
    return 0
  } catch (error) {
    return error instanceof Error && 'status' in error ? Number(error.status) : -1
  }
}

async function send(port: number): Promise<string> {
  using client = await SmtpClient.connect(port)
  await client.command('HELO scanner')
  return await client.send({
    from: 'a@b.example',
    to: ['anna@contoso.com'],
    content: 'Subject: scan\r\n\r\nx\r\n',
  })
}

/** The last beats that the lamp was asked for. */
/** Of a closed machine: what its lamp shows, and which ports it opened. It refuses the first ports. */
function machineDouble() {
  const shown: LampBeats[] = []
  const told: FirewallPorts[] = []
  const machine: Machine = {
    async call(_duty, ask) {
      if ('beats' in ask) shown.push(ask.beats)
      if ('entrances' in ask) {
        told.push(ask)
        if (told.length === 1) return { kind: 'refused', reason: 'the machine is busy' }
      }
      return { kind: 'done', answer: {} }
    },
  }
  return { machine, last: () => shown.at(-1), told }
}

describe('a card that turns read-only', () => {
  it('4xx, told on console and lamp; repaired, the next start goes on with all that was taken', {
    timeout: 90_000,
  }, async (test) => {
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    mkdirSync(data)
    using card = ext4Card(folder.path, data)
    if (!card) return test.skip('mounting an image needs root and a loop device')
    const clock = new RunningClock(wallMs(Date.now()))
    const { machine, last } = machineDouble()
    const world = { clock, machine, machineRoot: '/' }
    const ids: string[] = []
    {
      await using gateway = await GatewayInProcess.start(folder.path, setup, world)
      const reply = await send(gateway.port('plain'))
      ids.push(/^250 .* (\S+)$/.exec(reply)?.[1] ?? assert.fail(reply))
      card.damage()
      assert.match(await send(gateway.port('plain')), /^4\d\d 4\.3\.\d /)
      assert.equal((await fetch(`${gateway.console}/healthz`)).status, 200)
      assert.equal((await fetch(`${gateway.console}/readyz`)).status, 503)
      await clock.jump(minute)
      const { alerts } = await until('both alarms', async () => {
        const status = await gateway.operations.status()
        return (
          ['card-read-only', 'spool-not-writable'].every((key) =>
            status.alerts.some((alert) => alert.key === key && alert.severity === 'alarm'),
          ) && status
        )
      })
      assert.ok(alerts.length >= 2)
      const home = await gateway.operations.home()
      assert.equal(home.sentence, 'The card or disk takes no writes any more: no mail is taken.')
      const health = await gateway.operations.health()
      assert.equal(health.fileSystem?.isReadOnly, true)
      assert.ok((health.fileSystem?.errors ?? 0) > 0)
      const metrics = await (await fetch(`${gateway.console}/metrics`)).text()
      assert.match(metrics, /^inkpost_card_read_only 1$/m)
      assert.match(metrics, /^inkpost_card_faults [1-9]/m)
      await clock.jump(minute)
      await until('the lamp', () => last() === lampBeats['no-storage'])
    }
    await assert.rejects(GatewayInProcess.start(folder.path, undefined, world), {
      name: 'StartRefused',
      isStorage: true,
    })
    card.repair()
    await using gateway = await GatewayInProcess.start(folder.path, undefined, world)
    assert.match(await send(gateway.port('plain')), /^250 /)
    for (const id of ids) await gateway.messageIs(id, 'accepted')
    await clock.jump(minute)
    await clock.jump(minute)
    await until('the alarms are over', async () =>
      (await gateway.operations.status()).alerts.every(({ severity }) => severity !== 'alarm'),
    )
    await until('the lamp', () => last() !== lampBeats['no-storage'])
  })
})

const places = {
  listeners: [
    { name: 'plain', address: '127.0.0.1', port: 0, security: 'plain' },
    { name: 'submissions', address: '127.0.0.1', port: 0, security: 'implicit' },
  ],
  console: { address: '127.0.0.1', port: 0, tls: 'off' },
} as const

describe('a data partition that is not there', () => {
  it('devices are told to come later, the page and the lamp say why; once it is there the box goes on', {
    timeout: 90_000,
  }, async (test) => {
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    mkdirSync(data)
    using card = ext4Card(folder.path, data)
    if (!card) return test.skip('mounting an image needs root and a loop device')
    card.unmount()
    // The root of a box is read-only: an empty folder on it takes nothing.
    run('mount', '-t', 'tmpfs', '-o', 'ro,mode=0700', 'tmpfs', data)
    let isRoot = true
    try {
      const clock = new RunningClock(wallMs(Date.now()))
      const { machine, last, told } = machineDouble()
      const refusal: unknown = await GatewayInProcess.start(folder.path, setup, { clock }).then(
        () => assert.fail('it started'),
        (error: unknown) => error,
      )
      assert.ok(
        refusal instanceof Error && 'isStorage' in refusal && refusal.isStorage === true,
        String(refusal),
      )
      const stop = new AbortController()
      const ports = new Map<unknown, number>()
      const events: string[] = []
      const log = {
        write(_level: string, event: string, fields: Readonly<Record<string, unknown>> = {}) {
          events.push(event)
          if (event === 'stand-in-open') ports.set(fields['name'], Number(fields['port']))
        },
      }
      const options = { dataDir: data, reason: refusal.message, log, signal: stop.signal }
      const standing = standIn(options, { clock, machine, places })
      await until('the places', () => ports.size === 3)
      await until('the lamp', () => last() === lampBeats['no-storage'])

      const url = `http://127.0.0.1:${ports.get('console')}`
      assert.equal((await fetch(`${url}/healthz`)).status, 200)
      const ready = await fetch(`${url}/readyz`)
      assert.equal(ready.status, 503)
      assert.match(await ready.text(), /^not ready: .*read-only/i)
      const page = await fetch(url, {
        headers: { accept: 'text/html', 'accept-language': 'fr-CH, en;q=0.5' },
      })
      assert.equal(page.status, 503)
      const html = await page.text()
      assert.match(html, /<html lang="fr">.*ne peut rien enregistrer/)
      assert.match(html, /read-only/i)
      assert.equal((await fetch(`${url}/api/v1/status`)).status, 503)
      const said = await text(connect(ports.get('plain') ?? 0, '127.0.0.1'))
      assert.equal(said, '421 4.3.0 Nothing can be stored, try later K2\r\n')
      assert.equal(await text(connect(ports.get('submissions') ?? 0, '127.0.0.1')), '')

      await clock.jump(minute)
      assert.deepEqual(readdirSync(data), [])
      const open = { entrances: [...ports.values()], tcp: [], udp: [] }
      assert.deepEqual(told, [open, open], 'a closed machine opens them: asked again, and once more only')
      run('umount', data)
      isRoot = false
      card.mount()
      await clock.jump(minute)
      assert.equal(await standing, 'again')
      assert.ok(events.includes('storage-found'))
      await using gateway = await GatewayInProcess.start(folder.path, setup, { clock })
      assert.match(await send(gateway.port('plain')), /^250 /)
    } finally {
      if (isRoot) run('umount', '-l', data)
    }
  })
})

/** Words that run in a network of their own: a stand-in opens the ports that every box has. */
const ownNetwork = ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
const hasOwnNetworks = spawnSync('unshare', [...ownNetwork, 'true']).status === 0

describe('a gateway that a supervisor watches', () => {
  it('stays in its process while nothing can be stored, is no failure meanwhile, and goes on in it', {
    timeout: 120_000,
    ...(hasOwnNetworks ? {} : { skip: 'needs root: unshare --net' }),
  }, async () => {
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    writeFileSync(data, 'in the place of the folder')
    const told = join(folder.path, 'told')
    writeFileSync(join(folder.path, 'systemd-notify'), `#!/bin/sh\necho "$@" >> ${told}\n`, { mode: 0o755 })
    const child = spawn('unshare', [...ownNetwork, launcher, 'serve', '--data', data], {
      env: {
        PATH: `${folder.path}:${process.env['PATH']}`,
        NOTIFY_SOCKET: '/run/notify',
        WATCHDOG_USEC: '2000000',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    try {
      const [said, log]: [string[], string[]] = [[], []]
      createInterface({ input: child.stdout }).on('line', (line) => said.push(line))
      createInterface({ input: child.stderr }).on('line', (line) => log.push(line))
      const within = (...words: readonly string[]): string =>
        spawnSync('nsenter', ['-t', String(child.pid), '-n', ...words], { encoding: 'utf8' }).stdout
      const hasTold = (words: RegExp) => () => existsSync(told) && words.test(readFileSync(told, 'utf8'))
      await until('it stands in', () => log.some((line) => /"stand-in-open".*"console"/.test(line)), 60_000)
      await until('it is no failure', hasTold(/READY=1/))
      await until('it says why', hasTold(/STATUS=The data directory can not be used/))
      await until('it is alive', hasTold(/WATCHDOG=1/))
      assert.match(within('curl', '-sS', 'http://127.0.0.1:8025/readyz'), /^not ready: .* is not a directory/)
      assert.match(within('curl', '-sS', 'telnet://127.0.0.1:2525'), /^421 4\.3\.0 Nothing can be stored/)
      assert.equal(said.length, 0)
      rmSync(data)
      await until('it goes on', () => said[0]?.includes('"event":"ready"'), 60_000)
      assert.match(
        within('curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}', 'http://127.0.0.1:8025/readyz'),
        /200/,
      )
      child.kill('SIGTERM')
      assert.deepEqual(await once(child, 'exit'), [0, null])
    } finally {
      child.kill('SIGKILL')
    }
  })
})
