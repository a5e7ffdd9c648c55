// A machine that is not as it should be: full disk, wrong files, taken ports, a lost key, a clock in 1970.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { connect as connectTls, type PeerCertificate } from 'node:tls'
import type { StatusView } from '../../src/core/operations.ts'
import type { MessageView } from '../../src/core/spool.ts'
import { day, minute, wallMs } from '../../src/core/time.ts'
import { startAzure } from '../emulator/azure.ts'
import { startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { SmtpClient } from '../smtp-client.ts'
import { converse } from '../transcript/converse.ts'
import { inkpost } from './command-line.ts'

const devices = `[[device]]
name = "Scanner"
addresses = ["127.0.0.1"]
sender = "scanner@contoso.com"
[[device]]
name = "Front desk"
username = "scan1"
password = "12345678"
sender = "scanner@contoso.com"
`
const setup = `schema = 1
[gateway]
name = "branch-07"
${testListeners}
${devices}
[[upstream]]
name = "kept"
kind = "outbox"
`

/** A folder with a data directory in it. */
function place(): Disposable & { readonly data: string; readonly path: string } {
  const folder = temporaryFolder()
  const data = join(folder.path, 'data')
  mkdirSync(data)
  return { path: folder.path, data, [Symbol.dispose]: () => folder[Symbol.dispose]() }
}

describe('a data directory without data', () => {
  it('is no box to a command that looks or changes, and none is made of it', () => {
    using folder = temporaryFolder()
    const typed = join(folder.path, 'tpyo')
    for (const line of [
      ['queue'],
      ['status', '--json'],
      ['device', 'add', 'A'],
      ['export'],
      ['retry', '--all'],
    ])
      assert.deepEqual(inkpost(typed, {}, ...line), {
        code: 1,
        stdout: '',
        stderr: `inkpost: no gateway data in ${typed}: \`serve\` and \`apply\` make a new box, see --data\n`,
      })
    assert.deepEqual(readdirSync(folder.path), [])
    assert.equal(inkpost(folder.path, {}, 'queue').code, 1)
    assert.deepEqual(readdirSync(folder.path), [])
  })
})

const serve = (data: string) => inkpost(data, {}, 'serve')
const refused = (sentence: string) => ({ code: 1, stdout: '', stderr: `inkpost: ${sentence}\n` })

async function sendFrom(port: number, size = 100): Promise<string> {
  using client = await SmtpClient.connect(port)
  await client.command('HELO scanner')
  const content = `Subject: scan\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(Math.ceil(size / 78))}`
  return await client.send({ from: 'a@b.example', to: ['anna@contoso.com'], content })
}
const idOf = (reply: string): string => /^250 2\.0\.0 Ok ([0-9A-Z]+)$/.exec(reply)?.[1] ?? assert.fail(reply)

describe('a data directory', () => {
  it('that can not be made: exit 1', () => {
    using here = place()
    const file = join(here.path, 'a-file')
    writeFileSync(file, '')
    const done = serve(join(file, 'data'))
    assert.equal(done.code, 1)
    assert.match(
      done.stderr,
      new RegExp(`^inkpost: ${file}/data can't be made a directory for this user alone: ENOTDIR: .*\\n$`),
    )
    assert.deepEqual(serve(file), refused(`${file} is not a directory`))
  })

  it('that the kernel does not let anybody make: exit 1, at once', () => {
    const done = serve('/proc/inkpost')
    assert.equal(done.code, 1)
    assert.match(
      done.stderr,
      /^inkpost: \/proc\/inkpost can't be made a directory for this user alone: ENOENT: /,
    )
  })

  it('on which a gateway is running: exit 1, and that one goes on', async () => {
    using here = place()
    await using gateway = await GatewayProcess.start(here.data, { setup })
    assert.deepEqual(serve(here.data), refused(`another gateway is running on ${here.data}`))
    idOf(await sendFrom(gateway.port('plain')))
    assert.equal(gateway.run('status').code, 0)
  })

  it('of a gateway that was killed: its socket is nobody, commands and the next gateway go on', async () => {
    using here = place()
    await using gateway = await GatewayProcess.start(here.data, { setup })
    const id = idOf(await sendFrom(gateway.port('plain')))
    await gateway.kill()
    assert.ok(statSync(join(here.data, 'control.sock')).isSocket())
    const status = JSON.parse(inkpost(here.data, {}, 'status', '--json').stdout) as StatusView
    assert.equal(status.running, false)
    assert.equal(inkpost(here.data, {}, 'message', id).code, 0)
    await using next = await GatewayProcess.start(here.data)
    assert.equal((next.ask('status') as StatusView).running, true)
    assert.equal((next.ask('message', id) as MessageView).id, id)
  })
})

describe('a file that is not what it should be', () => {
  for (const [name, content] of [
    ['spool.db', Buffer.alloc(50_000, 'not SQLite ')],
    ['settings.db', Buffer.from('hello\n')],
  ] as const) {
    it(`${name} is no SQLite: exit 1 for serve and commands, and the file is left as it is`, () => {
      using here = place()
      const file = join(here.data, name)
      writeFileSync(file, content)
      const answer = refused(
        `${file} is not a database of inkpost (file is not a database): move it away, or choose another --data directory`,
      )
      assert.deepEqual(serve(here.data), answer)
      assert.deepEqual(inkpost(here.data, {}, 'status'), answer)
      assert.ok(readFileSync(file).equals(content))
    })
  }

  it('a control.sock that is no socket: exit 1, and the file is left as it is', () => {
    using here = place()
    const file = join(here.data, 'control.sock')
    writeFileSync(file, 'mine')
    assert.equal(inkpost(here.data, { INKPOST_SETUP: setupFile(here.path) }, 'serve').code, 1)
    assert.equal(readFileSync(file, 'utf8'), 'mine')
  })
})

function setupFile(folder: string, text = setup): string {
  const file = join(folder, 'setup.toml')
  writeFileSync(file, text)
  return file
}

describe('a port in use at start', () => {
  it("of a listener: exit 1 with the listener's name", async () => {
    using here = place()
    await using other = await taken()
    const text = setup.replace('port = 0\nsecurity = "plain"', `port = ${other.port}\nsecurity = "plain"`)
    assert.deepEqual(
      inkpost(here.data, { INKPOST_SETUP: setupFile(here.path, text) }, 'serve')
        .stderr.split('\n')
        .at(-2),
      `inkpost: listener "plain" can't open 127.0.0.1 port ${other.port}: another program uses this port`,
    )
  })

  it('of the console: mail does not depend on it', async () => {
    using here = place()
    await using other = await taken()
    const text = setup.replace('[console]\nport = 0', `[console]\nport = ${other.port}`)
    await using gateway = await GatewayProcess.start(here.data, { setup: text })
    assert.equal(gateway.ready.console, '')
    idOf(await sendFrom(gateway.port('plain')))
    assert.ok(gateway.log.some((line) => line.includes('"console-failed"') && line.includes('EADDRINUSE')))
  })
})

async function taken(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

/** From an address that is no device's. */
const signIn = (port: number, answer: string): Promise<string> =>
  converse(
    port,
    `
    S: 220 …
    C: EHLO scanner
    S* 250 …
    C: AUTH PLAIN ${Buffer.from('\0scan1\x0012345678').toString('base64')}
    S: ${answer}`,
    '127.0.0.3',
  )

describe('a lost vault key', () => {
  it('stops signing in and sending, not accepting; with the key back everything flows', {
    timeout: 60_000,
  }, async () => {
    using here = place()
    await using azure = await startAzure()
    const acs = `[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
senders = ["scanner@contoso.com"]
ca_file = "${await azure.writeCa(here.path)}"
[upstream.credential]
kind = "access-key"
key = "${azure.settings.accessKeys[0]}"
`
    const text = setup.slice(0, setup.indexOf('[[upstream]]')) + acs
    const key = join(here.data, 'vault.key')
    {
      await using first = await GatewayProcess.start(here.data, { setup: text })
      assert.equal(await first.stop(), 0)
    }
    renameSync(key, join(here.path, 'vault.key'))
    let id = ''
    {
      await using locked = await GatewayProcess.start(here.data)
      id = idOf(await sendFrom(locked.port('plain')))
      await signIn(locked.port('plain'), '454 4.7.0 Sign-in not possible now A8')
      const upstream = await until('acs is paused', () => {
        const [found] = (locked.ask('status') as StatusView).upstreams
        return found?.state === 'paused' && found
      })
      assert.equal(upstream.reason.split(' (')[0], 'No usable key, secret or password is stored.')
      const status = locked.ask('status') as StatusView
      assert.equal(status.vault, 'locked')
      assert.equal(
        status.alerts.find((alert) => alert.key === 'vault-locked')?.sentence,
        'The vault is locked: vault.key is lost or another one. Mail is taken from devices known by address and waits; nobody can sign in by password and nothing is sent.',
      )
      const [recipient] = (locked.ask('message', id) as MessageView).recipients
      assert.match(recipient?.state ?? '', /^(queued|deferred)$/)
      assert.equal((await fetch(`${locked.ready.console}/readyz`)).status, 200)
      assert.equal(await locked.stop(), 0)
    }
    assert.equal(azure.ledger.length, 0)
    renameSync(join(here.path, 'vault.key'), key)
    await using healed = await GatewayProcess.start(here.data)
    await azure.ledgerReaches(1, AbortSignal.timeout(20_000))
    await until('the message is accepted', () =>
      /accepted|confirmed/.test((healed.ask('message', id) as MessageView).recipients[0]?.state ?? ''),
    )
    await signIn(healed.port('plain'), '235 2.7.0 Authentication successful')
    const status = healed.ask('status') as StatusView
    assert.equal(status.vault, 'open')
    await until('no alert is left', () => (healed.ask('status') as StatusView).alerts.length === 0)
  })
})

describe('a full disk', () => {
  it('452 and not ready, then recovery without a restart', { timeout: 60_000 }, async (test) => {
    using here = place()
    using disk = smallDisk(here.data)
    if (!disk) return test.skip('mounting a small disk needs root')
    const clock = new RunningClock(wallMs(Date.now()))
    await using gateway = await GatewayInProcess.start(here.path, setup, { clock })
    const port = gateway.port('plain')
    const first = idOf(await sendFrom(port))
    const ready = async (): Promise<readonly [number, string]> => {
      const answer = await fetch(`${gateway.console}/readyz`)
      return [answer.status, (await answer.text()).trim()]
    }
    assert.equal((await ready())[0], 200)

    disk.fillUp()
    for (const size of [100, 3_000_000])
      assert.equal(await sendFrom(port, size), '452 4.3.1 Disk full, try later K1')
    const [status, reason] = await ready()
    assert.equal(status, 503)
    assert.match(reason, /the spool is not writable: /)
    await clock.jump(minute)
    const alarm = await until('the alarm', async () =>
      (await gateway.operations.status()).alerts.find(({ key }) => key === 'spool-not-writable'),
    )
    assert.match(alarm.sentence, /^Mail can't be stored: .*\. Devices are told to try later\.$/)

    disk.makeRoom()
    const later = [idOf(await sendFrom(port)), idOf(await sendFrom(port, 3_000_000))]
    assert.equal((await ready())[0], 200)
    await clock.jump(minute)
    await until('the alarm is over', async () =>
      (await gateway.operations.status()).alerts.every(({ key }) => key !== 'spool-not-writable'),
    )
    for (const id of [first, ...later]) await gateway.messageIs(id, 'accepted')
    const rows = await gateway.operations.queue({ all: true, limit: 100 })
    assert.equal(rows.length, 3)
  })

  it('ends a start with that reason, and one with room goes on', { timeout: 60_000 }, async (test) => {
    using here = place()
    using disk = smallDisk(here.data)
    if (!disk) return test.skip('mounting a small disk needs root')
    const clock = new RunningClock(wallMs(Date.now()))
    {
      await using gateway = await GatewayInProcess.start(here.path, setup, { clock })
      assert.match(await sendFrom(gateway.port('plain')), /^250 /)
    }
    disk.fillUp()
    await assert.rejects(GatewayInProcess.start(here.path, undefined, { clock }), {
      name: 'StartRefused',
      message: /^the disk of .* is full \(.*\): make room and start again$/,
    })
    disk.makeRoom()
    await using again = await GatewayInProcess.start(here.path, undefined, { clock })
    assert.match(await sendFrom(again.port('plain')), /^250 /)
  })
})

interface SmallDisk extends Disposable {
  /** To the last octet. */
  fillUp(): void
  makeRoom(): void
}

/** A file system of 110 MB: beyond the 64 MB that the spool keeps in reserve there is room for some scans. */
function smallDisk(folder: string): SmallDisk | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=110m,mode=0700', 'tmpfs', folder], { stdio: 'pipe' })
  } catch {
    return undefined
  }
  const ballast = join(folder, 'ballast')
  return {
    fillUp() {
      for (let octets = 16 * 1024 * 1024; octets >= 4096; ) {
        try {
          writeFileSync(ballast, Buffer.alloc(octets), { flag: 'a' })
        } catch {
          octets = Math.floor(octets / 2)
        }
      }
    },
    makeRoom: () => rmSync(ballast),
    [Symbol.dispose]: () => void execFileSync('umount', [folder]),
  }
}

describe('a clock in 1970', () => {
  it('mail is taken and waits; once the time is known it is sent, and nothing says 1970 or 2082', {
    timeout: 60_000,
  }, async () => {
    using here = place()
    const clock = new RunningClock(wallMs(60_000))
    const today = wallMs(Date.now())
    let isSet = false
    clock.believable = () => isSet
    await using smtp = await startSmtpUpstream({ now: () => clock.wall() })
    const ca = await smtp.certificateAuthority.writeCa(here.path)
    const text = `${setup.slice(0, setup.indexOf('[[upstream]]'))}[[upstream]]
name = "smarthost"
kind = "smarthost"
host = "localhost"
port = ${smtp.port}
ca_file = "${ca}"
`
    await using gateway = await GatewayInProcess.start(here.path, text, { clock })
    const ids = [
      idOf(await sendFrom(gateway.port('plain'))),
      idOf(await sendFrom(gateway.port('plain'), 500_000)),
    ]
    for (let n = 0; n < 6; n += 1) await clock.jump(10 * minute)
    assert.equal(smtp.connections.length, 0)
    for (const id of ids) {
      const view = await gateway.message(id)
      assert.equal(view.clockBelievable, false)
      assert.deepEqual(
        view.recipients.map(({ state }) => state),
        ['queued'],
      )
    }
    const before = await gateway.operations.status()
    assert.equal(before.clock.believable, false)
    assert.equal(
      before.alerts.find(({ key }) => key === 'clock-not-believable')?.sentence,
      'The clock of this box is wrong: mail is accepted, sending waits.',
    )

    smtp.script.add({
      on: 'RCPT',
      match: /anna@/,
      count: 1,
      action: { kind: 'reply', reply: '451 4.3.0 Later' },
    })
    clock.setWall(today)
    isSet = true
    await clock.jump(minute)
    // What has to wait again is due within the day, not after another 56 years.
    const rows = await until('the first attempts are over', async () => {
      const found = await gateway.operations.queue({ all: true, limit: 100 })
      return found.every(({ attempts }) => attempts > 0) && found
    })
    assert.ok(
      rows.some(({ state }) => state === 'deferred'),
      JSON.stringify(rows),
    )
    for (const { dueAt, acceptedWall } of rows) {
      assert.ok((dueAt ?? 0) < today + day, new Date(dueAt ?? 0).toISOString())
      assert.ok(Math.abs(acceptedWall - today) < day, new Date(acceptedWall).toISOString())
    }
    for (let n = 0; n < 20 && smtp.ledger.length < 2; n += 1) {
      await clock.jump(5 * minute)
      await until('nothing is under way', async () =>
        (await gateway.operations.status()).upstreams.every(({ inFlight }) => inFlight === 0),
      )
    }
    for (const id of ids) await gateway.messageIs(id, 'accepted')
    // It had no Date of its own: the time of acceptance, as far as it is known now, to the second.
    const accepted = [...new Set(rows.map(({ acceptedWall }) => Math.floor(acceptedWall / 1000) * 1000))]
    const dates = smtp.ledger.map(dateOf)
    assert.deepEqual(new Set(dates), new Set(accepted), String(dates))
    const dated = idOf(await sendFrom(gateway.port('plain')))
    await smtp.ledgerReaches(3, AbortSignal.timeout(10_000))
    await gateway.messageIs(dated, 'accepted')
    assert.ok(Math.abs(dateOf(smtp.ledger[2]) - today) < day)
    await clock.jump(minute)
    await until('no alert is left', async () => (await gateway.operations.status()).alerts.length === 0)
    const offered = await certificateOf(gateway.port('submissions'))
    assert.ok(Date.parse(offered.valid_from) < today && Date.parse(offered.valid_to) > today + 365 * day)
  })
})

const dateOf = (mail: { readonly raw: Buffer } | undefined): number =>
  Date.parse(/^Date: (.*)$/m.exec(mail?.raw.toString('latin1').split('\r\n\r\n')[0] ?? '')?.[1] ?? '')

async function certificateOf(port: number): Promise<PeerCertificate> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const certificate = socket.getPeerCertificate()
  socket.destroy()
  return certificate
}
