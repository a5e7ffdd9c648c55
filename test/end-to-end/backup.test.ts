// A box is replaced: what one leaves in a file, another goes on with. Real processes and the command line.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { QueueRow } from '../../src/core/spool.ts'
import { stage } from '../../src/gateway/backup/staged-restore.ts'
import { GatewayProcess, temporaryFolder, until } from '../gateway-process.ts'
import { SmtpClient } from '../smtp-client.ts'
import { inkpost } from './command-line.ts'

const passphrase = 'correct horse battery'
const secret = { INKPOST_PASSPHRASE: passphrase }
const password = '48151623'

const setup = (name: string): string => `schema = 1
[gateway]
name = "${name}"
[console]
port = 0
[[listener]]
name = "plain"
address = "127.0.0.1"
port = 0
security = "plain"
[[device]]
name = "Scanner"
username = "scan1"
password = "${password}"
sender = "scanner@contoso.com"
allowed_recipients = ["*@contoso.com"]
max_per_hour = 1000000
[[upstream]]
name = "hub"
kind = "smarthost"
host = "127.0.0.1"
port = 1
[upstream.credential]
kind = "password"
username = "hub"
password = "a secret of the hub"
`

/** Signs in with the password that the device has had all along. */
async function send(gateway: GatewayProcess, subject: string, text = 'hello'): Promise<string> {
  using client = await SmtpClient.connect(gateway.port('plain'))
  await client.command('EHLO scanner')
  assert.match(await client.signIn('scan1', password), /^235/)
  const content = `From: scanner@contoso.com\r\nTo: anna@contoso.com\r\nSubject: ${subject}\r\n\r\n${text}`
  const reply = await client.send({ from: 'scanner@contoso.com', to: ['anna@contoso.com'], content })
  return /^250 .*?([0-9A-Z]+)$/.exec(reply)?.[1] ?? assert.fail(reply)
}

function dataIn(folder: string, name: string): string {
  const data = join(folder, name, 'data')
  mkdirSync(data, { recursive: true })
  return data
}

const rows = (gateway: GatewayProcess): readonly QueueRow[] => gateway.ask('queue') as readonly QueueRow[]
const done = (status: { code: number | null; stderr: string }): void =>
  assert.equal(status.code, 0, status.stderr)

describe('a backup with mail', () => {
  it('of a running gateway under load goes on in another box, its mail held', {
    timeout: 120_000,
  }, async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'box.inkpost-backup')
    const [first, second] = [dataIn(folder.path, 'one'), dataIn(folder.path, 'two')]
    const large = `${'x'.repeat(76)}\r\n`.repeat(9000)
    const before: string[] = []
    let key: Buffer
    {
      await using gateway = await GatewayProcess.start(first, { setup: setup('branch-07') })
      before.push(await send(gateway, 'large', large), await send(gateway, 'small'))
      // Mail goes on while the file is made, and none of it fails.
      let isOver = false
      let meanwhile = 0
      const load = (async () => {
        while (!isOver) {
          await send(gateway, `meanwhile ${meanwhile}`)
          meanwhile += 1
        }
      })()
      const making = spawn(
        join(import.meta.dirname, '../../inkpost'),
        ['backup', file, '--with-spool', '--data', first],
        {
          env: { ...process.env, ...secret, NODE_OPTIONS: '' },
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      )
      const code = await new Promise((resolve) => making.once('exit', resolve))
      isOver = true
      await load
      assert.equal(code, 0)
      assert.ok(meanwhile > 0)
      assert.equal(statSync(file).mode & 0o777, 0o600)
      key = readFileSync(join(first, 'vault.key'))
      assert.deepEqual(
        readdirSync(first).filter((name) => name.includes('work')),
        ['backup.work'],
      )
      assert.deepEqual(readdirSync(join(first, 'backup.work')), [], 'the copies are gone')
      assert.doesNotMatch(gateway.log.join('\n') + JSON.stringify(gateway.ask('audit')), /correct horse/)
      assert.equal(await gateway.stop(), 0)
    }
    // Another box, which was something before: its own key, settings and mail.
    {
      await using gateway = await GatewayProcess.start(second, { setup: setup('spare') })
      await send(gateway, 'of the spare box')
      assert.notDeepEqual(readFileSync(join(second, 'vault.key')), key)
      await gateway.stop()
    }
    const refused = inkpost(second, secret, 'restore', file)
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /1 delivery waits on this box.*--put-aside-mail.*--without-spool/)
    const restored = inkpost(second, secret, 'restore', file, '--put-aside-mail')
    done(restored)
    assert.match(restored.stdout, /Backup of branch-07.*secrets, certificates, mail/s)
    assert.match(restored.stdout, /deliveries are held/)
    assert.ok(existsSync(join(second, 'replaced', 'spool.db')))

    await using gateway = await GatewayProcess.start(second)
    assert.equal((gateway.ask('status') as { name: string }).name, 'branch-07')
    const held = rows(gateway)
    assert.ok(held.length >= 2)
    for (const row of held) {
      assert.equal(row.state, 'held')
      assert.match(row.reason, /^may already have been sent/)
    }
    const content = gateway.run('message', before[0] ?? '', '--content')
    assert.ok(content.stdout.includes(large.slice(0, 10_000)) && content.stdout.length > large.length)
    // The printers notice nothing, and no id comes again.
    const next = await send(gateway, 'after')
    assert.ok(!held.some(({ message }) => message === next))
    done(gateway.run('release', before[1] ?? ''))
    assert.notEqual(rows(gateway).find(({ message }) => message === before[1])?.state, 'held')
    done(gateway.run('drop', before[0] ?? ''))
    const verified = gateway.run('audit', '--verify')
    done(verified)
    const audit = gateway.run('audit').stdout
    assert.match(audit, /restored from the backup of branch-07/)
  })
})

describe('a restore that would put mail aside which came while the box closed', () => {
  it('is given up, and the next gateway says so, also where a command was the first to meet it', async () => {
    using folder = temporaryFolder()
    const data = dataIn(folder.path, 'one')
    {
      await using gateway = await GatewayProcess.start(data, { setup: setup('branch-07') })
      await send(gateway, 'came last')
      await gateway.stop()
    }
    mkdirSync(join(data, 'restore.work'))
    writeFileSync(join(data, 'restore.work', 'spool.db'), 'of a backup')
    stage(data, join(data, 'restore.work'), false)
    done(inkpost(data, {}, 'status'))
    assert.deepEqual(
      readdirSync(data).filter((name) => name.startsWith('restore')),
      ['restore.given-up'],
    )
    await using gateway = await GatewayProcess.start(data)
    assert.match(
      gateway.run('alert', 'list').stdout,
      /A restore was given up: mail came while the box closed/,
    )
    assert.equal(existsSync(join(data, 'restore.given-up')), false)
    assert.equal(rows(gateway).length, 1)
  })
})

describe('a backup of the settings', () => {
  it('comes back on an empty directory, and a dry run shows what it would be', async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'settings.inkpost-backup')
    const [first, second] = [dataIn(folder.path, 'one'), join(folder.path, 'two', 'data')]
    {
      await using gateway = await GatewayProcess.start(first, { setup: setup('branch-07') })
      await send(gateway, 'stays')
      done(inkpost(first, secret, 'backup', file))
      await gateway.stop()
    }
    mkdirSync(join(folder.path, 'two'))
    const trial = inkpost(second, secret, 'restore', file, '--dry-run')
    done(trial)
    assert.match(trial.stdout, /Nothing was changed\. The setup would be:\n\n.*name = "branch-07"/s)
    assert.match(trial.stdout, /password = "\(kept\)"/)
    assert.deepEqual(readdirSync(second), ['lock'])
    done(inkpost(second, secret, 'restore', file))
    await using gateway = await GatewayProcess.start(second)
    await send(gateway, 'with the old password')
    assert.equal(rows(gateway).length, 1, 'no mail came with it')
  })

  it('is refused with its reason, and nothing changes', async () => {
    using folder = temporaryFolder()
    const data = dataIn(folder.path, 'one')
    const file = join(folder.path, 'settings.inkpost-backup')
    await using gateway = await GatewayProcess.start(data, { setup: setup('branch-07') })
    done(inkpost(data, secret, 'backup', file))
    const whole = readFileSync(file)
    const cut = join(folder.path, 'cut')
    writeFileSync(cut, whole.subarray(0, whole.length - 7))
    const newer = join(folder.path, 'newer')
    writeFileSync(newer, Buffer.concat([Buffer.from('inkpost-backup 9\n'), whole.subarray(17)]))
    for (const [path, environment, status, sentence] of [
      [file, { INKPOST_PASSPHRASE: 'another passphrase' }, 2, /this passphrase does not open the file/],
      [cut, secret, 2, /does not verify/],
      [newer, secret, 2, /newer release/],
      [join(folder.path, 'setup.toml'), secret, 1, /can't be read: ENOENT/],
    ] as const) {
      const refused = inkpost(data, environment, 'restore', path, '--yes')
      assert.equal(refused.code, status, refused.stderr)
      assert.match(refused.stderr, sentence)
    }
    const running = inkpost(data, secret, 'restore', file)
    assert.equal(running.code, 1)
    assert.match(running.stderr, /a gateway is running here: with --yes/)
    const short = inkpost(data, { INKPOST_PASSPHRASE: 'short' }, 'backup', join(folder.path, 'x'))
    assert.equal(short.code, 2)
    assert.match(short.stderr, /at least 10 characters/)
    assert.equal(existsSync(join(folder.path, 'x')), false)
    assert.equal(existsSync(join(data, 'restore.staged')), false)
    await send(gateway, 'goes on')
  })

  it('is taken by a running gateway, which starts anew in its process', async () => {
    using folder = temporaryFolder()
    const data = dataIn(folder.path, 'one')
    const file = join(folder.path, 'settings.inkpost-backup')
    await using gateway = await GatewayProcess.start(data, { setup: setup('branch-07') })
    done(inkpost(data, secret, 'backup', file))
    done(inkpost(data, {}, 'alias', 'add', 'anna', 'anna@contoso.com'))
    assert.equal((gateway.ask('alias', 'list') as unknown[]).length, 1)
    const restored = inkpost(data, secret, 'restore', file, '--yes')
    done(restored)
    assert.match(restored.stdout, /The gateway starts anew with it now\./)
    await until('the gateway is there again, without the alias', () => {
      const list = inkpost(data, {}, 'alias', 'list', '--json')
      return list.code === 0 && (JSON.parse(list.stdout) as unknown[]).length === 0
    })
    assert.ok(existsSync(`/proc/${gateway.pid}`))
    assert.equal(await gateway.stop(), 0)
  })
})
