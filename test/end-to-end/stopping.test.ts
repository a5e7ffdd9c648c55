// SIGTERM while a service has not answered: the real process ends with 0 in time, and after the next start the mail is
// there once, whether the service had taken it or not.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { second, wallMs } from '../../src/core/time.ts'
import { startAzure } from '../emulator/azure.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { SmtpClient } from '../smtp-client.ts'

/** What the contract gives a stop. */
const longestStopMs = 10 * second

/** The exit status of a stop; null if it had to be killed. */
async function stopInTime(gateway: GatewayProcess): Promise<number | null> {
  const tooLate = setTimeout(() => void gateway.kill(), longestStopMs)
  try {
    return await gateway.stop()
  } finally {
    clearTimeout(tooLate)
  }
}

const isTaken = async (gateway: GatewayInProcess, id: string): Promise<boolean> =>
  (await gateway.states(id)).every((state) => state === 'accepted' || state === 'confirmed')

describe('SIGTERM while ACS does not answer', () => {
  for (const after of ['upload', 'storing'] as const) {
    it(`ends with 0 in time, and the mail is delivered once (stalled after the ${after})`, async () => {
      const clock = new RunningClock(wallMs(Date.now()))
      await using azure = await startAzure({ senders: ['scanner@contoso.com'], now: () => clock.wall() })
      using folder = temporaryFolder()
      const data = join(folder.path, 'data')
      mkdirSync(data)
      const setup = `schema = 1
${testListeners}
[[device]]
name = "Scanner"
addresses = ["127.0.0.1"]
sender = "scanner@contoso.com"
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
senders = ["scanner@contoso.com"]
ca_file = "${await azure.writeCa(folder.path)}"
[upstream.credential]
kind = "access-key"
key = "${azure.settings.accessKeys[0]}"
`
      azure.faults.push({ kind: 'stall', after, method: 'POST' })
      let id = ''
      {
        await using gateway = await GatewayProcess.start(data, { setup })
        using client = await SmtpClient.connect(gateway.port('plain'))
        await client.command('HELO scanner')
        const reply = await client.send({
          from: 'scanner@contoso.com',
          to: ['anna@contoso.com'],
          content: 'Subject: scan\r\n\r\nhello',
        })
        id = /^250 .* ([0-9A-Z]+)$/.exec(reply)?.[1] ?? ''
        await until('it is on the wire', () => azure.requests.some(({ fault }) => fault === 'stall'))
        assert.equal(await stopInTime(gateway), 0, gateway.log.join('\n'))
      }
      // The next start, on a clock that skips the waits between questions.
      await using again = await GatewayInProcess.start(folder.path, undefined, { clock })
      for (let n = 0; n < 20 && !(await isTaken(again, id)); n += 1) {
        await clock.jump(30 * second)
        await until('nothing is under way', async () => (await again.upstream('acs')).inFlight === 0)
      }
      assert.equal(await isTaken(again, id), true)
      assert.deepEqual(
        azure.ledger.map(({ subject }) => subject),
        ['scan'],
      )
      const ids = new Set(
        azure.requests.filter(({ method }) => method === 'POST').map((one) => one.operationId),
      )
      assert.equal(ids.size, 1, 'one operation, however often it was said')
    })
  }
})
