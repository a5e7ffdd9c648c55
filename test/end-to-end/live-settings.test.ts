// Settings that are changed while the gateway runs take effect without a restart.
import assert from 'node:assert/strict'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { minute, second, wallMs } from '../../src/core/time.ts'
import { startAzure } from '../emulator/azure.ts'
import { createCertificateAuthority } from '../emulator/certificate-authority.ts'
import { startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { SmtpClient } from '../smtp-client.ts'

interface Wishes {
  readonly gateway?: string
  readonly console?: string
  readonly limits?: string
  readonly upstream?: string
}

const setup = ({ gateway = '', console = 'port = 0', limits = '', upstream = '' }: Wishes): string =>
  `schema = 1
[gateway]
name = "branch-07"
${gateway}
[limits]
${limits}
[console]
${console}
[[listener]]
name = "plain"
address = "127.0.0.1"
port = 0
security = "plain"
[[device]]
name = "Scanner"
addresses = ["127.0.0.0/8"]
sender = "scanner@contoso.com"
${upstream}`

async function apply(gateway: GatewayInProcess, wishes: Wishes): Promise<void> {
  const done = await gateway.operations.applySetup(setup(wishes), { check: false, who: 'a test' })
  assert.equal(done.kind, 'applied', JSON.stringify(done))
}

const consoleOf = async (gateway: GatewayInProcess) => (await gateway.operations.status()).console
const isServed = async (url: string): Promise<boolean> => {
  const answer = await fetch(`${url}/healthz`).catch(() => undefined)
  return answer?.status === 200
}
const consoleIs = (gateway: GatewayInProcess, url: string) =>
  until(`the console is at "${url}"`, async () => (await consoleOf(gateway)) === url)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('the console', () => {
  it('moves with its settings, and is closed and opened by them', async () => {
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    await using gateway = await GatewayInProcess.start(folder.path, setup({}), { clock })
    const first = await consoleOf(gateway)
    assert.match(first, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
    assert.equal(await isServed(first), true)

    const port = await freePort()
    await apply(gateway, { console: `port = ${port}` })
    await consoleIs(gateway, `http://127.0.0.1:${port}`)
    assert.deepEqual([await isServed(`http://127.0.0.1:${port}`), await isServed(first)], [true, false])

    await apply(gateway, { console: `address = "127.0.0.2"\nport = ${port}` })
    await consoleIs(gateway, `http://127.0.0.2:${port}`)

    await apply(gateway, { console: `address = "127.0.0.2"\nport = ${port}\ntls = "self-signed"` })
    await consoleIs(gateway, `https://127.0.0.2:${port}`)
    await apply(gateway, { console: `address = "127.0.0.2"\nport = ${port}` })
    await consoleIs(gateway, `http://127.0.0.2:${port}`)
  })

  it('serves on where it was if the new place can not be had, and says so', async () => {
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    const port = await freePort()
    await using gateway = await GatewayInProcess.start(folder.path, setup({ console: `port = ${port}` }), {
      clock,
    })
    const url = `http://127.0.0.1:${port}`
    for (const [address, wanted] of [
      ['127.0.0.1', gateway.port('plain')],
      ['192.0.2.1', port],
    ] as const) {
      await apply(gateway, { console: `address = "${address}"\nport = ${wanted}` })
      const told = `"console-failed","address":"${address}"`
      await until(told, () => gateway.log.some((line) => line.includes(told)))
      await consoleIs(gateway, url)
      assert.equal(await isServed(url), true)
    }
  })
})

describe('a listener whose port is taken', () => {
  it('is told by apply, tried again by itself, and taken note of everywhere', async () => {
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    await using gateway = await GatewayInProcess.start(folder.path, setup({}), { clock })
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    const document = `${setup({})}[[listener]]\nname = "second"\naddress = "127.0.0.1"\nport = ${port}\n`
    const applied = async () => {
      const result = await gateway.operations.applySetup(document, { check: false, who: 'a test' })
      return result.remarks.filter(({ place }) => place === 'listener "second"')
    }
    const told = {
      severity: 'warning',
      place: 'listener "second"',
      sentence: `can't open 127.0.0.1 port ${port}: another program uses this port; it is tried again every 30 s`,
    }
    assert.deepEqual(
      [await applied(), await applied()],
      [[told], [told]],
      'the second changes nothing, and tells',
    )
    const ready = async () => (await fetch(`${await consoleOf(gateway)}/readyz`)).status
    assert.equal(await ready(), 503)
    await clock.jump(30 * second)
    assert.equal(await ready(), 503)
    await new Promise((resolve) => other.close(resolve))
    await until('it is tried again', async () => {
      await clock.jump(30 * second)
      return (await ready()) === 200
    })
    const events = gateway.log.filter((line) => line.includes('"event":"listener-'))
    assert.deepEqual(
      events.map((line) => JSON.parse(line).event),
      ['listener-failed', 'listener-opened'],
    )
    using client = await SmtpClient.connect(port)
    assert.match(await client.command('HELO scanner'), /^250 /)
    assert.deepEqual(await applied(), [])
  })
})

describe('the memory for mail', () => {
  it('has the size that the settings say now', async () => {
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    await using gateway = await GatewayInProcess.start(folder.path, setup({}), { clock })
    await apply(gateway, { limits: 'memory = "100KB"' })
    using client = await SmtpClient.connect(gateway.port('plain'))
    for (const command of ['HELO a', 'MAIL FROM:<a@b.test>', 'RCPT TO:<anna@contoso.com>'])
      assert.match(await client.command(command), /^250 /)
    assert.match(await client.command('DATA'), /^354 /)
    const metrics = await (await fetch(`${await consoleOf(gateway)}/metrics`)).text()
    assert.match(metrics, /^inkpost_memory_budget_used_bytes 100000$/m)
  })
})

describe('what drivers take from the box', () => {
  it('is taken anew: the host name in EHLO', async () => {
    const certificateAuthority = await createCertificateAuthority()
    await using smtp = await startSmtpUpstream({ certificateAuthority, isAuthRequired: false })
    await using azure = await startAzure({ certificateAuthority })
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    const ca = await azure.writeCa(folder.path)
    const upstream = `[[upstream]]\nname = "hub"\nkind = "smarthost"\nhost = "localhost"\nport = ${smtp.port}\nca_file = "${ca}"\n`
    const before = setup({ gateway: 'hostname = "old.contoso.com"', upstream })
    await using gateway = await GatewayInProcess.start(folder.path, before, { clock })
    await gateway.messageIs((await gateway.send({ to: ['anna@contoso.com'] })).id, 'accepted')
    await apply(gateway, { gateway: 'hostname = "new.contoso.com"', upstream })
    await until('the new name', async () => {
      await gateway.messageIs((await gateway.send({ to: ['anna@contoso.com'] })).id, 'accepted')
      return smtp.connections.at(-1)?.greeting === 'new.contoso.com'
    })
    assert.equal(smtp.connections[0]?.greeting, 'old.contoso.com')
  })

  it('is taken anew: the proxy', async () => {
    await using azure = await startAzure({ certificateAuthority: await createCertificateAuthority() })
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    const ca = await azure.writeCa(folder.path)
    const upstream = `[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
senders = ["scanner@contoso.com"]
ca_file = "${ca}"
[upstream.credential]
kind = "access-key"
key = "${azure.settings.accessKeys[0]}"
`
    const nowhere = `proxy = "http://127.0.0.1:${await freePort()}"`
    await using gateway = await GatewayInProcess.start(folder.path, setup({ gateway: nowhere, upstream }), {
      clock,
    })
    const { id } = await gateway.send({ to: ['anna@contoso.com'] })
    await gateway.messageIs(id, 'deferred')
    assert.equal(azure.requests.length, 0)
    await apply(gateway, { upstream })
    for (let minutes = 0; minutes < 10 && azure.ledger.length === 0; minutes += 1) await clock.jump(minute)
    await azure.ledgerReaches(1)
  })
})
