import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { GatewayInProcess } from '../../test/gateway-in-process.ts'
import { temporaryFolder, testListeners, until } from '../../test/gateway-process.ts'
import { RunningClock } from '../../test/running-clock.ts'
import { SmtpClient } from '../../test/smtp-client.ts'
import { wallMs } from '../core/time.ts'

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
