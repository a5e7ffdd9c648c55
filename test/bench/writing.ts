// What the flash has to bear: octets that the gateway writes for each octet of mail that it takes, delivers and deletes.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type SmtpUpstream, startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayProcess, until } from '../gateway-process.ts'
import { scanMessage } from '../scan-message.ts'
import { SmtpClient } from '../smtp-client.ts'
import type { Measured } from './limits.ts'

/** The write-ahead log is written back at 16 to 32 MB: measured from a full one to a full one. */
const warmUp = 40
const mails = 120
/** 1 MB as it is spooled, in base64. */
const scanOctets = 730_000

export async function measureWriting(folder: string): Promise<readonly Measured[]> {
  await using smtp = await startSmtpUpstream({})
  const data = join(folder, 'data')
  mkdirSync(data)
  await using gateway = await GatewayProcess.start(data, { setup: await setupFor(smtp, folder) })
  const { content } = scanMessage({ octets: scanOctets, fileName: 'Scan.pdf' })
  await deliver(gateway, smtp, content, warmUp)
  const before = writtenOctets(gateway.pid)
  await deliver(gateway, smtp, content, mails)
  const written = writtenOctets(gateway.pid) - before
  if (written === 0) throw new Error(`${folder} is on no disk: set TMPDIR to a folder on one`)
  return [
    {
      name: 'written for each octet of mail, 1 MB taken, delivered and deleted',
      value: written / (mails * content.length),
      unit: 'octets',
      limit: { kind: 'at-most', value: 1.5 },
    },
  ]
}

const setupFor = async (smtp: SmtpUpstream, folder: string): Promise<string> => `schema = 1
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
max_per_hour = 1000000
[[upstream]]
name = "out"
kind = "smarthost"
host = "localhost"
port = ${smtp.port}
ca_file = "${await smtp.certificateAuthority.writeCa(folder)}"
`

/** One after the other, as a scanner does; ends when the queue is empty and every body is gone. */
async function deliver(
  gateway: GatewayProcess,
  smtp: SmtpUpstream,
  content: Buffer,
  count: number,
): Promise<void> {
  using client = await SmtpClient.connect(gateway.port('plain'))
  await client.command('HELO scanner')
  for (let n = 0; n < count; n += 1) {
    const reply = await client.send({ from: 'scanner@contoso.com', to: ['anna@contoso.com'], content })
    if (!reply.startsWith('250 ')) throw new Error(reply)
    await until('it is delivered', () => smtp.ledger.length > n, 60_000)
  }
  await until('the queue is empty', () => JSON.stringify(gateway.ask('queue')) === '[]', 60_000)
  smtp.ledger.splice(0)
}

/** What this process caused to be sent to the disk so far (proc(5), io). */
const writtenOctets = (pid: number): number =>
  Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])
