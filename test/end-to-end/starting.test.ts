// What keeps a gateway from starting, and what must not.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import Sqlite from 'better-sqlite3'
import { wallMs } from '../../src/core/time.ts'
import { takeDirectory } from '../../src/gateway/data-directory.ts'
import { openOffline } from '../../src/gateway.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'

const listenerAt = (port: number) =>
  `schema = 1\n[[listener]]\nname = "submission"\naddress = "127.0.0.1"\nport = ${port}\n`
async function freePort(): Promise<number> {
  await using other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  return (other.address() as AddressInfo).port
}
const clock = () => new RunningClock(wallMs(Date.now()))

describe('a gateway that can not start', () => {
  it('says which port is in use and lets go of everything', async () => {
    using folder = temporaryFolder()
    await using other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    await assert.rejects(GatewayInProcess.start(folder.path, listenerAt(port), { clock: clock() }), {
      name: 'StartRefused',
      message: `listener "submission" can't open 127.0.0.1 port ${port}: another program uses this port`,
    })
    await using offline = await openOffline(join(folder.path, 'data'))
    assert.equal((await offline.status()).running, false)
  })

  it('lets go of everything when a directory is in the place of its socket', async () => {
    using folder = temporaryFolder()
    mkdirSync(join(folder.path, 'data', 'control.sock'), { recursive: true })
    await assert.rejects(GatewayInProcess.start(folder.path, listenerAt(0), { clock: clock() }), {
      name: 'StartRefused',
      message: /control\.sock is there and is no socket/,
    })
    await using offline = await openOffline(join(folder.path, 'data'))
    assert.equal((await offline.status()).running, false)
  })
})

describe('a setup of another box, whose address this machine lacks', () => {
  it('keeps nobody from the console and the other listeners, and says what to do', async () => {
    using folder = temporaryFolder()
    const setup = (address: string, port: number) =>
      `${listenerAt(0)}[[listener]]\nname = "printers"\naddress = "${address}"\nport = 0\n[console]\naddress = "${address}"\nport = ${port}\n`
    const port = await freePort()
    await using gateway = await GatewayInProcess.start(folder.path, setup('192.0.2.7', port), {
      clock: clock(),
    })
    assert.ok(gateway.port('submission') > 0)
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`)
    assert.equal(answer.status, 200)
    const alert = async () =>
      (await gateway.operations.status()).alerts.find(({ key }) => key === 'address-absent')
    const told = await alert()
    assert.match(
      told?.sentence ?? '',
      /^The settings name an address that this machine lacks .*: listener "printers" waits for 192\.0\.2\.7 port 0; the console waits for 192\.0\.2\.7 and is served elsewhere meanwhile\.$/,
    )
    assert.equal(told?.severity, 'alarm')
    const applied = await gateway.operations.applySetup(setup('127.0.0.1', port), {
      check: false,
      who: 'a test',
    })
    assert.equal(applied.kind, 'applied')
    await until('the end of the alert', async () => (await alert()) === undefined)
    const { listeners } = await gateway.operations.status()
    assert.deepEqual(
      listeners.map(({ name, trouble }) => [name, trouble]),
      [
        ['submission', ''],
        ['printers', ''],
      ],
    )
  })
})

/** As a worn card leaves it: the header is whole, what stands behind it is not. */
function spoil(file: string, fromPage: number): void {
  const octets = readFileSync(file)
  writeFileSync(file, octets.fill(0xa5, fromPage * 4096))
}

describe('a spool that can not be worked with', () => {
  for (const [part, fromPage] of [
    ['its tables', 3],
    ['all but its schema', 2],
  ] as const) {
    it(`is refused with what to do where ${part} are damaged, and everything is let go of`, async () => {
      using folder = temporaryFolder()
      const data = join(folder.path, 'data')
      {
        await using gateway = await GatewayInProcess.start(folder.path, listenerAt(0), { clock: clock() })
        assert.equal((await gateway.operations.status()).running, true)
      }
      spoil(join(data, 'spool.db'), fromPage)
      await assert.rejects(GatewayInProcess.start(folder.path, undefined, { clock: clock() }), {
        name: 'StartRefused',
        message: /spool\.db can't be read \(.*malformed\): check the disk; .* move spool\.db, .* away/,
      })
      const lock = await takeDirectory(data, 0)
      lock[Symbol.dispose]()
    })
  }

  it('is refused while another process writes it', async () => {
    using folder = temporaryFolder()
    {
      await using gateway = await GatewayInProcess.start(folder.path, listenerAt(0), { clock: clock() })
      assert.equal((await gateway.operations.status()).running, true)
    }
    const other = new Sqlite(join(folder.path, 'data', 'spool.db'))
    other.exec('BEGIN IMMEDIATE')
    const start = GatewayInProcess.start(folder.path, undefined, { clock: clock(), spool: { lockWaitMs: 0 } })
    await assert.rejects(start, {
      name: 'StartRefused',
      message: /spool\.db is in use by another process: end that one .* and start again/,
    })
    other.close()
    await using again = await GatewayInProcess.start(folder.path, undefined, { clock: clock() })
    assert.equal((await again.operations.status()).running, true)
  })
})

const notActive = `schema = 1
[gateway]
weakest_tls = "vintage"
language = "de"
timezone = "Europe/Berlin"
${testListeners}tls = "self-signed"
second_factor = "all"
[[listener]]
name = "pop"
address = "127.0.0.1"
port = 0
protocol = "pop3"
[[listener]]
name = "old"
address = "127.0.0.1"
port = 0
tls = "vintage"
[[device]]
name = "Scanner"
addresses = ["127.0.0.1"]
sender = "scanner@contoso.com"
tls = "vintage"
certificate = "sha1"
mac = "00:11:22:33:44:55"
data_end = "lf"
[[upstream]]
name = "kept"
kind = "outbox"
[[upstream]]
name = "direct"
kind = "exchange-direct"
host = "contoso-com.mail.protection.outlook.com"
accepted_domains = ["contoso.com"]
[large_files]
account = "scans"
`

describe('what is not active yet', () => {
  it('keeps nothing else from working', async () => {
    using folder = temporaryFolder()
    await using gateway = await GatewayInProcess.start(folder.path, notActive, { clock: clock() })
    const { reply } = await gateway.send({ to: ['anna@contoso.com'] })
    assert.match(reply, /^250 /)
    const { listeners } = await gateway.operations.status()
    assert.deepEqual(
      listeners.map(({ trouble }) => trouble),
      ['', '', '', '', ''],
    )
  })
})
