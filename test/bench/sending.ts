// Ten 7 MB scans sent to the emulated ACS at once: peak memory, and memory when it is quiet again.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startAzure } from '../emulator/azure.ts'
import { GatewayProcess, until } from '../gateway-process.ts'
import { scanMessage } from '../scan-message.ts'
import { SmtpClient } from '../smtp-client.ts'
import type { Measured } from './limits.ts'
import { peakResidentMb, residentMb } from './process-memory.ts'

const scans = 10
const scanOctets = 7_000_000
/** Until what was sent is confirmed, nothing more was done for 30 s, and memory was given back (`gateway/rest.ts`). */
const restedMs = 70_000

export async function measureSending(folder: string): Promise<readonly Measured[]> {
  await using azure = await startAzure({ senders: ['scanner@contoso.com'], linkedDomains: ['contoso.com'] })
  const data = join(folder, 'data')
  mkdirSync(data)
  const setup = `schema = 1
[[listener]]
name = "plain"
address = "127.0.0.1"
port = 0
security = "plain"
[console]
port = 0
[[device]]
name = "Scanner"
addresses = ["127.0.0.0/8"]
sender = "scanner@contoso.com"
[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
senders = ["scanner@contoso.com"]
connections = 10
ca_file = "${await azure.writeCa(folder)}"
[upstream.credential]
kind = "access-key"
key = "${azure.settings.accessKeys[0]}"
`
  await using gateway = await GatewayProcess.start(data, { setup })
  gateway.run('pause', 'acs')
  const content = scanMessage({ octets: scanOctets, fileName: 'Scan für Müller.pdf' }).content
  for (let n = 0; n < scans; n += 1) {
    using client = await SmtpClient.connect(gateway.port('plain'))
    await client.command('HELO scanner')
    await client.send({ from: 'scanner@contoso.com', to: ['anna@contoso.com'], content })
  }
  const afterTaking = residentMb(gateway.pid)
  const started = performance.now()
  gateway.run('resume', 'acs')
  await until('the first scan is there', () => azure.ledger.length > 0, 60_000)
  gateway.run('retry', '--all')
  await until('all scans are there', () => azure.ledger.length >= scans, 120_000)
  const seconds = (performance.now() - started) / 1000
  const peak = peakResidentMb(gateway.pid)
  await new Promise((resolve) => setTimeout(resolve, restedMs))
  return [
    { name: `resident after taking ${scans} scans of 7 MB`, value: afterTaking, unit: 'MB' },
    {
      name: `peak resident, ${scans} sends of 7 MB at once`,
      value: peak,
      unit: 'MB',
      limit: { kind: 'at-most', value: 160 },
    },
    {
      name: 'resident, idle, after sending',
      value: residentMb(gateway.pid),
      unit: 'MB',
      limit: { kind: 'at-most', value: 105 },
    },
    { name: `${scans} scans of 7 MB to the emulator`, value: seconds, unit: 's' },
  ]
}
