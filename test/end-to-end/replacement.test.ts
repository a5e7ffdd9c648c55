// A box dies in the middle of its work, and another takes its place: by a backup, and by the old one's card. The device is
// curl, which pins the box's authority and is told nothing of the change.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import type { RestoreView } from '../../src/core/backup-operations.ts'
import type { QueueRow } from '../../src/core/spool.ts'
import { type SmtpUpstream, startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayProcess, temporaryFolder, until } from '../gateway-process.ts'
import { freePort } from '../independent/free-port.ts'
import { inkpost } from './command-line.ts'

const secret = { INKPOST_PASSPHRASE: 'correct horse battery' }
const password = '48151623'

const setup = (port: number, relay: SmtpUpstream, ca: string): string => `schema = 1
[gateway]
name = "branch-07"
[console]
port = 0
[[listener]]
name = "submission"
address = "127.0.0.1"
port = ${port}
security = "starttls"
[[device]]
name = "Scanner"
username = "scan1"
password = "${password}"
sender = "scanner@contoso.com"
[[upstream]]
name = "relay"
kind = "smarthost"
host = "localhost"
port = ${relay.port}
ca_file = "${ca}"
connections = 1
[upstream.credential]
kind = "none"
`

/** A scanner as it was set up once: one port, one authority, one account. */
function scanner(folder: string, port: number) {
  const ca = join(folder, 'pinned.pem')
  return {
    pin: async ({ ready }: GatewayProcess) =>
      writeFileSync(ca, await (await fetch(new URL('/ca.pem', ready.console))).text()),
    async send(subject: string): Promise<void> {
      const child = spawn(
        'curl',
        [
          ...['-sS', '--ssl-reqd', '--cacert', ca, '--url', `smtp://branch-07.local:${port}/scanner`],
          ...['--resolve', `branch-07.local:${port}:127.0.0.1`, '--user', `scan1:${password}`],
          ...['--mail-from', 'scanner@contoso.com', '--mail-rcpt', 'anna@contoso.com', '-T', '-'],
        ],
        { stdio: ['pipe', 'ignore', 'pipe'] },
      )
      child.stdin.end(
        `From: scanner@contoso.com\r\nTo: anna@contoso.com\r\nSubject: ${subject}\r\n\r\nhello\r\n`,
      )
      const trouble = text(child.stderr)
      const [code] = await once(child, 'close')
      assert.equal(code, 0, `${subject}: ${await trouble}`)
    },
  }
}

const arrived = (relay: SmtpUpstream): readonly string[] =>
  relay.ledger.map(({ raw }) => /^Subject: (.*?)\r$/m.exec(raw.toString())?.[1] ?? '').sort()

const rows = (gateway: GatewayProcess): readonly QueueRow[] => gateway.ask('queue') as readonly QueueRow[]

interface Branch {
  readonly folder: string
  readonly port: number
  readonly relay: SmtpUpstream
  readonly device: ReturnType<typeof scanner>
  readonly old: string
}

/** A box that was killed while the relay kept its answer to `on the wire` back; `waits` is behind that. */
async function inBranch(
  beforeDeath: (gateway: GatewayProcess, branch: Branch) => Promise<void>,
  play: (branch: Branch) => Promise<void>,
): Promise<void> {
  using folder = temporaryFolder()
  await using relay = await startSmtpUpstream()
  const ca = await relay.certificateAuthority.writeCa(folder.path)
  const port = await freePort()
  const device = scanner(folder.path, port)
  const old = join(folder.path, 'old', 'data')
  mkdirSync(old, { recursive: true })
  const branch = { folder: folder.path, port, relay, device, old }
  {
    await using gateway = await GatewayProcess.start(old, { setup: setup(port, relay, ca) })
    await device.pin(gateway)
    await device.send('before')
    await until('the first arrives', () => relay.ledger.length === 1)
    relay.script.add({ on: 'CONTENT', action: { kind: 'stall', isStored: true }, count: 1 })
    await device.send('on the wire')
    await until('the relay has it', () => relay.ledger.length === 2)
    await device.send('waits')
    await beforeDeath(gateway, branch)
    await gateway.kill()
  }
  relay.script.clear()
  await play(branch)
}

const emptyBox = (folder: string): string => {
  mkdirSync(join(folder, 'new'))
  return join(folder, 'new', 'data')
}

describe('a box that takes over from the card of a dead one', () => {
  it(
    'goes on with its mail: the scanner notices nothing, and nothing arrives twice',
    {
      timeout: 120_000,
    },
    () =>
      inBranch(
        async () => {},
        async ({ folder, device, old, relay }) => {
          const card = readdirSync(old).map((name) => [name, lengthOf(join(old, name))])
          const data = emptyBox(folder)
          const trial = inkpost(data, {}, 'take-over', old, '--dry-run', '--json')
          assert.equal(trial.code, 0, trial.stderr)
          const view = JSON.parse(trial.stdout) as RestoreView
          assert.deepEqual([view.box, view.held, view.goingOn, view.isTaken], ['branch-07', 1, 1, false])
          const taken = inkpost(data, {}, 'take-over', old)
          assert.equal(taken.code, 0, taken.stderr)
          assert.match(
            taken.stdout,
            /^Data of branch-07, last written .*: settings, secrets, certificates, mail\.$/m,
          )
          assert.deepEqual(
            readdirSync(old).map((name) => [name, lengthOf(join(old, name))]),
            card,
            'nothing is written on the card',
          )
          await using gateway = await GatewayProcess.start(data)
          await device.send('after')
          await until('all is there', () => relay.ledger.length === 4)
          assert.deepEqual(arrived(relay), ['after', 'before', 'on the wire', 'waits'])
          const [held, ...others] = rows(gateway)
          assert.deepEqual(others, [])
          assert.deepEqual([held?.state, held?.subject], ['held', 'on the wire'])
          assert.match(held?.reason ?? '', /^may already have been sent: it is from an old box, last written/)
          assert.match(gateway.run('audit').stdout, /taken over from the data of an old box/)
          assert.equal(gateway.run('drop', held?.message ?? '').code, 0)
          // Whoever does not trust what was said does it again.
          const again = gateway.run('take-over', old, '--yes', '--json')
          assert.equal(again.code, 0, again.stderr)
          const second = JSON.parse(again.stdout) as RestoreView
          assert.deepEqual([second.held, second.goingOn], [2, 0])
          assert.match(second.remarks[0] ?? '', /has gone on with the mail of that one before/)
          const queue = await until('it has started anew', () => {
            const { code, stdout } = gateway.run('queue', '--json')
            const found = code === 0 ? (JSON.parse(stdout) as readonly QueueRow[]) : []
            return found.length === 2 && found
          })
          assert.deepEqual(queue.map(({ state, subject }) => `${state} ${subject}`).toSorted(), [
            'held on the wire',
            'held waits',
          ])
          assert.equal(relay.ledger.length, 4)
        },
      ),
  )

  it('holds all of it where the old one may have gone on', { timeout: 120_000 }, () =>
    inBranch(
      async () => {},
      async ({ folder, old }) => {
        const data = emptyBox(folder)
        const trial = inkpost(data, {}, 'take-over', old, '--hold-all', '--dry-run', '--json')
        const view = JSON.parse(trial.stdout) as RestoreView
        assert.deepEqual([view.held, view.goingOn], [2, 0])
      },
    ),
  )

  it('refuses what is no card, its own data, and a box that runs', { timeout: 120_000 }, async () => {
    using folder = temporaryFolder()
    const data = join(folder.path, 'one', 'data')
    const other = join(folder.path, 'two', 'data')
    mkdirSync(data, { recursive: true })
    await using relay = await startSmtpUpstream()
    const ca = await relay.certificateAuthority.writeCa(folder.path)
    await using gateway = await GatewayProcess.start(data, { setup: setup(await freePort(), relay, ca) })
    mkdirSync(join(folder.path, 'two'))
    for (const [box, from, sentence] of [
      [other, folder.path, /there is no data of an inkpost in/],
      [other, join(folder.path, 'none'), /there is no data of an inkpost in/],
      [other, data, /an inkpost is running on .*: stop it, or its mail would be sent twice/],
      [data, data, /is the data directory of this box itself/],
    ] as const) {
      const refused = inkpost(box, {}, 'take-over', from, '--yes')
      assert.equal(refused.code, 1)
      assert.match(refused.stderr, sentence)
    }
    assert.equal(existsSync(other), false)
    assert.ok(existsSync(`/proc/${gateway.pid}`))
  })
})

describe('a card that can not be read to its end', () => {
  it('is refused with its fault, and nothing changes, whether a gateway runs or not', {
    timeout: 120_000,
  }, async () => {
    using folder = temporaryFolder()
    const card = join(folder.path, 'card')
    mkdirSync(card)
    writeFileSync(join(card, 'settings.db'), 'x'.repeat(200_000))
    // Linux answers a read there as it does for a block that is gone: EIO.
    symlinkSync('/proc/self/mem', join(card, 'spool.db'))
    const data = join(folder.path, 'one', 'data')
    mkdirSync(data, { recursive: true })
    const fault = /^inkpost: .*card can't be read to its end: EIO: i\/o error, read\n$/
    const alone = inkpost(emptyBox(folder.path), {}, 'take-over', card)
    assert.match(alone.stderr, fault)
    await using relay = await startSmtpUpstream()
    const ca = await relay.certificateAuthority.writeCa(folder.path)
    await using gateway = await GatewayProcess.start(data, { setup: setup(await freePort(), relay, ca) })
    const running = gateway.run('take-over', card, '--yes')
    assert.match(running.stderr, fault)
    assert.deepEqual([alone.code === 0, running.code === 0], [false, false])
    await until('what was written of it is gone', () => !existsSync(join(data, 'restore.work')))
    assert.equal(gateway.run('identity', 'status').stdout.startsWith('Generation 0'), true)
  })
})

describe('a box that takes a backup of a dead one', () => {
  it('is the same to the scanner, and sends nothing that may have been sent', { timeout: 120_000 }, () =>
    inBranch(
      async (gateway, { folder }) => {
        const file = join(folder, 'box.inkpost-backup')
        const made = inkpost(gateway.data, secret, 'backup', file, '--with-spool')
        assert.equal(made.code, 0, made.stderr)
      },
      async ({ folder, device, relay }) => {
        const data = emptyBox(folder)
        const restored = inkpost(data, secret, 'restore', join(folder, 'box.inkpost-backup'))
        assert.equal(restored.code, 0, restored.stderr)
        await using gateway = await GatewayProcess.start(data)
        await device.send('after')
        await until('the next arrives', () => relay.ledger.length === 3)
        const held = rows(gateway)
        assert.deepEqual(held.map(({ state, subject }) => `${state} ${subject}`).sort(), [
          'held on the wire',
          'held waits',
        ])
        const waits = held.find(({ subject }) => subject === 'waits')?.message ?? ''
        assert.equal(gateway.run('release', waits).code, 0)
        await until('what a person released arrives', () => relay.ledger.length === 4)
        assert.deepEqual(arrived(relay), ['after', 'before', 'on the wire', 'waits'])
      },
    ),
  )
})

const lengthOf = (file: string): string =>
  file.endsWith('.sock') ? '' : readFileSync(file).toString('base64').slice(-64)
