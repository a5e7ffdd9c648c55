// Promise 1: every message that got its 250 arrives, whatever moment the power goes; exactly once where the service
// honours operation ids. The gateway is killed at random moments under load, and started again on the same directory.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Azure, startAzure } from '../emulator/azure.ts'
import { GatewayProcess, temporaryFolder, until } from '../gateway-process.ts'
import { SmtpClient } from '../smtp-client.ts'

const kills = Number(process.env['INKPOST_KILLS'] ?? (process.env['INKPOST_SOAK'] ? 1000 : 200))
const devices = 6

function setupFor(azure: Azure, ca: string, key: string): string {
  return `schema = 1
[gateway]
name = "crash"
postmaster = "it@contoso.com"
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
password = "12345678"
sender = "scanner@contoso.com"
max_per_hour = 1000000
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
senders = ["scanner@contoso.com"]
quota = { per_minute = 1000000, per_hour = 1000000, queries_per_minute = 1000000, queries_per_hour = 1000000 }
connections = 8
ca_file = "${ca}"
[upstream.credential]
kind = "access-key"
key = "${key}"
`
}

/** Sends mail after mail until the connection breaks; every acknowledged subject goes into `acknowledged`. */
async function sendUntilBroken(port: number, name: string, acknowledged: Set<string>): Promise<void> {
  try {
    using client = await SmtpClient.connect(port)
    await client.command('EHLO scanner')
    await client.signIn('scan1', '12345678')
    for (let n = 0; ; n += 1) {
      const subject = `${name}-${n}`
      const body = n % 7 === 0 ? 'x'.repeat(70).concat('\r\n').repeat(randomInt(10, 9000)) : 'short\r\n'
      const content = `From: scanner@contoso.com\r\nTo: anna@contoso.com\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@scanner>\r\n\r\n${body}`
      const reply = await client.send({ from: 'scanner@contoso.com', to: ['anna@contoso.com'], content })
      if (reply.startsWith('250')) acknowledged.add(subject)
    }
  } catch (error) {
    // The kill is what ends it; anything else shows in what does not arrive.
    assert.ok(error instanceof Error)
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Four of five moments lie under load, after the first 250 of this round; the fifth anywhere from the first connection on. */
async function someMoment(acknowledged: ReadonlySet<string>): Promise<void> {
  const before = acknowledged.size
  const end = performance.now() + 5000
  if (randomInt(5) > 0) while (acknowledged.size === before && performance.now() < end) await wait(2)
  await wait(randomInt(0, 250))
}

describe('kill -9 under load', () => {
  it(`loses nothing acknowledged and doubles nothing in ${kills} kills`, { timeout: 3_600_000 }, async () => {
    await using azure = await startAzure({
      operationIdPolicy: 'replay202',
      sendQuota: { perMinute: 1e9, perHour: 1e9 },
      statusQuota: { perMinute: 1e9, perHour: 1e9 },
    })
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    mkdirSync(data)
    const setup = setupFor(azure, await azure.writeCa(folder.path), azure.settings.accessKeys[0] ?? '')
    const acknowledged = new Set<string>()
    let gateway = await GatewayProcess.start(data, { setup })
    for (let kill = 0; kill < kills; kill += 1) {
      const port = gateway.port('plain')
      const senders = Array.from({ length: devices }, (_, n) =>
        sendUntilBroken(port, `k${kill}d${n}`, acknowledged),
      )
      await someMoment(acknowledged)
      await gateway.kill()
      await Promise.all(senders)
      gateway = await GatewayProcess.start(data)
    }
    await using last = gateway
    const missing = (): string[] => {
      const arrived = new Set(azure.ledger.map((mail) => mail.subject))
      return [...acknowledged].filter((subject) => !arrived.has(subject))
    }
    assert.ok(acknowledged.size > kills, `only ${acknowledged.size} mails were acknowledged: no load`)
    await until('everything acknowledged arrives', () => missing().length === 0, 600_000).catch(() =>
      assert.deepEqual(missing().slice(0, 20), [], `log: ${last.log.slice(-20).join('\n')}`),
    )
    const counts = Map.groupBy(azure.ledger, (mail) => mail.subject)
    const doubled = [...counts].filter(([, mails]) => mails.length > 1).map(([subject]) => subject)
    assert.deepEqual(doubled, [], 'nobody gets a mail twice')
    assert.equal(await last.stop(), 0)
    console.log(
      `${kills} kills, ${acknowledged.size} acknowledged, ${azure.ledger.length} arrived, 0 lost, 0 doubled`,
    )
  })
})
