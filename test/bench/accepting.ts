// 10 KB mails on 50 kept sessions, accepted durably and only queued, side by side with Postfix on the same disk.
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { GatewayProcess } from '../gateway-process.ts'
import { acceptRate, type Load } from './accept-rate.ts'
import { type Measured, median } from './limits.ts'
import { startPostfix } from './postfix.ts'

const rounds = 3
/** What runs for months counts: the runtime compiles what is hot within the first twenty thousand mails. */
const warmUpMails = 20_000
const kept: Load = { mails: 8000, sessions: 50, octets: 10_240, keepsSessions: true }
const single: Load = { mails: 300, sessions: 1, octets: 10_240, keepsSessions: true }

export const acceptingSetup = `schema = 1
[limits]
connections_per_address = 1000
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
max_per_hour = 1000000
[[upstream]]
name = "out"
kind = "smarthost"
host = "smarthost.invalid"
`

export async function measureAccepting(folder: string): Promise<readonly Measured[]> {
  const data = join(folder, 'data')
  mkdirSync(data)
  const postfixPort = await freePort()
  using _ = startPostfix(postfixPort)
  // To a file, as Postfix's.
  await using gateway = await GatewayProcess.start(data, {
    setup: acceptingSetup,
    logFile: join(folder, 'log'),
  })
  gateway.run('pause', 'out')
  const port = gateway.port('plain')
  return [
    ...(await compare('10 KB, 50 kept sessions', port, postfixPort, kept, 2)),
    ...(await compare('10 KB, 1 kept session', port, postfixPort, single, undefined)),
  ]
}

/** In turn, pair by pair, so that a machine whose speed drifts hits both alike. */
async function compare(
  name: string,
  port: number,
  postfixPort: number,
  load: Load,
  atLeast: number | undefined,
): Promise<readonly Measured[]> {
  await acceptRate(port, { ...load, mails: warmUpMails })
  await acceptRate(postfixPort, { ...load, mails: warmUpMails })
  const pairs: { readonly ours: number; readonly theirs: number }[] = []
  for (let round = 0; round < rounds; round += 1) {
    pairs.push({ ours: await acceptRate(port, load), theirs: await acceptRate(postfixPort, load) })
  }
  const ratio = median(pairs.map((pair) => pair.ours / pair.theirs))
  return [
    { name: `${name}: inkpost`, value: median(pairs.map((pair) => pair.ours)), unit: 'mails/s' },
    { name: `${name}: Postfix`, value: median(pairs.map((pair) => pair.theirs)), unit: 'mails/s' },
    {
      name: `${name}: ratio`,
      value: ratio,
      unit: 'x',
      ...(atLeast === undefined ? {} : { limit: { kind: 'at-least', value: atLeast } as const }),
    },
  ]
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
