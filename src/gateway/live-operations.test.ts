import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { GatewayInProcess } from '../../test/gateway-in-process.ts'
import { temporaryFolder, testListeners, until } from '../../test/gateway-process.ts'
import { RunningClock } from '../../test/running-clock.ts'
import { SmtpClient } from '../../test/smtp-client.ts'
import type { Operations } from '../core/operations.ts'
import { wallMs } from '../core/time.ts'
import { openOffline } from '../gateway.ts'

const setup = `schema = 1
${testListeners}
[[device]]
name = "Scanner"
addresses = ["127.0.0.1"]
sender = "scanner@contoso.com"
[[upstream]]
name = "kept"
kind = "outbox"
`

async function talk(port: number, ...lines: readonly string[]): Promise<void> {
  using client = await SmtpClient.connect(port)
  for (const line of lines) await client.command(line)
}

describe('a finished session', () => {
  it('is forgotten with an address it mentions, in memory and on the disk, and holds no password', async () => {
    using folder = temporaryFolder()
    {
      await using gateway = await GatewayInProcess.start(folder.path, setup, {
        clock: new RunningClock(wallMs(Date.now())),
      })
      const { operations } = gateway
      const port = gateway.port('plain')
      await talk(
        port,
        'HELO a',
        'PASS geheim',
        'AUTH=PLAIN geheim',
        'MAIL FROM:<a@b.test>',
        'RCPT TO:<Anna@contoso.com>',
      )
      await talk(port, 'HELO a', 'MAIL FROM:<a@b.test>', 'RCPT TO:<ben@contoso.com>')
      const told = async () => JSON.stringify(await operations.sessions(10))
      assert.match(await told(), /Anna@contoso\.com/)
      // The session ends some time after its connection: an open one is not forgotten.
      await until('the address is forgotten', async () => {
        await operations.forget('anna@CONTOSO.com', 'anna')
        return !/anna@contoso/i.test(await told())
      })
      assert.match(await told(), /PASS \*{4}/)
      assert.match(await told(), /ben@contoso\.com/)
    }
    const data = join(folder.path, 'data')
    const files = readdirSync(data).filter((name) => name.startsWith('spool.db'))
    const octets = Buffer.concat(files.map((name) => readFileSync(join(data, name)))).toString('latin1')
    assert.match(octets, /ben@contoso\.com/)
    assert.doesNotMatch(octets, /geheim/)
  })
})

describe('a listener in the status', () => {
  it('says its protocol and security, running or not', async () => {
    using folder = temporaryFolder()
    const document = `${setup}[[listener]]\nname = "pop"\naddress = "127.0.0.1"\nport = 0\nprotocol = "pop3"\n`
    const popOf = async (operations: Operations) => {
      const { listeners } = await operations.status()
      const pop = listeners.find(({ name }) => name === 'pop')
      return [pop?.protocol, pop?.security, listeners.filter(({ protocol }) => protocol === 'smtp').length]
    }
    {
      await using gateway = await GatewayInProcess.start(folder.path, document, {
        clock: new RunningClock(wallMs(Date.now())),
      })
      assert.deepEqual(await popOf(gateway.operations), ['pop3', 'starttls', 3])
    }
    await using offline = await openOffline(join(folder.path, 'data'))
    assert.deepEqual(await popOf(offline), ['pop3', 'starttls', 3])
  })
})

describe('the card of a device', () => {
  it('has the account by itself for a script, the password as it is typed', async () => {
    using folder = temporaryFolder()
    await using gateway = await GatewayInProcess.start(folder.path, setup, {
      clock: new RunningClock(wallMs(Date.now())),
    })
    const { operations } = gateway
    const wish = {
      addresses: [],
      sender: undefined,
      owner: undefined,
      allowedRecipients: [],
      passwordless: false,
    }
    const added = await operations.addDevice({ ...wish, name: 'Front desk', strong: true }, 'a test')
    assert.ok(added.kind === 'done' && added.username !== undefined && added.password !== undefined)
    assert.match(added.password, /^[a-z0-9]{16}$/)
    assert.ok(added.card.some((line) => line.endsWith(` ${added.username}`)))
    assert.deepEqual(await operations.card('Front desk'), added)
    const rotated = await operations.rotateDevice('Front desk', true, 'a test')
    assert.ok(rotated.kind === 'done' && rotated.username === added.username)
    assert.notEqual(rotated.password, added.password)
    const bare = await operations.card('Scanner')
    assert.ok(bare.kind === 'done' && !('username' in bare) && !('password' in bare))
  })

  const portsOf = async (operations: Operations): Promise<readonly string[]> => {
    const done = await operations.card('Scanner')
    assert.equal(done.kind, 'done')
    return done.card.flatMap((line) => /^ {2}(?:Port|or) {2,}(.*)$/.exec(line)?.[1] ?? [])
  }

  it('names the ports that listeners got, and while no gateway runs that they are chosen at start', async () => {
    using folder = temporaryFolder()
    {
      await using gateway = await GatewayInProcess.start(folder.path, setup, {
        clock: new RunningClock(wallMs(Date.now())),
      })
      assert.deepEqual(await portsOf(gateway.operations), [
        `${gateway.port('submission')} with STARTTLS, or without encryption`,
        `${gateway.port('submissions')} with SSL/TLS on`,
        `${gateway.port('plain')} without encryption`,
      ])
      const rotated = await gateway.operations.rotateDevice('Scanner', false, 'anna')
      assert.ok(rotated.kind === 'done' && rotated.card.join().includes(` ${gateway.port('plain')} `))
    }
    await using offline = await openOffline(join(folder.path, 'data'))
    assert.deepEqual(await portsOf(offline), [
      'chosen at start, with STARTTLS, or without encryption',
      'chosen at start, with SSL/TLS on',
      'chosen at start, without encryption',
    ])
  })
})
