// What it costs mail that people watch: the accept benchmark without and with 20 consoles on Live, in turn.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { GatewayProcess } from '../gateway-process.ts'
import { acceptRate, type Load } from './accept-rate.ts'
import { acceptingSetup } from './accepting.ts'
import { type Measured, median } from './limits.ts'

const rounds = 5
const consoles = 20
const warmUp: Load = { mails: 10_000, sessions: 50, octets: 10_240, keepsSessions: true }
const load: Load = { ...warmUp, mails: 8000 }

export async function measureLive(folder: string): Promise<readonly Measured[]> {
  const data = join(folder, 'data')
  mkdirSync(data)
  await using gateway = await GatewayProcess.start(data, {
    setup: acceptingSetup,
    logFile: join(folder, 'log'),
  })
  gateway.run('pause', 'out')
  const port = gateway.port('plain')
  await acceptRate(port, warmUp)
  const pairs: { readonly alone: number; readonly watched: number }[] = []
  let told = 0
  for (let round = 0; round < rounds; round += 1) {
    const alone = await acceptRate(port, load)
    const readers = await watch(join(data, 'control.sock'))
    pairs.push({ alone, watched: await acceptRate(port, load) })
    told += await readers.end()
  }
  return [
    { name: '10 KB, nobody watches', value: median(pairs.map(({ alone }) => alone)), unit: 'mails/s' },
    {
      name: `10 KB, ${consoles} consoles watch`,
      value: median(pairs.map(({ watched }) => watched)),
      unit: 'mails/s',
    },
    {
      name: 'watching costs, of the rate',
      value: 100 * (1 - median(pairs.map(({ alone, watched }) => watched / alone))),
      unit: '%',
      limit: { kind: 'at-most', value: 10 },
    },
    // Else nobody watched.
    {
      name: 'events that each console was told, a round',
      value: told / rounds / consoles,
      unit: 'events',
      limit: { kind: 'at-least', value: 20 },
    },
  ]
}

/** Streams in another process; `end` says how many events came. */
async function watch(socketPath: string): Promise<{ end(): Promise<number> }> {
  const readers = join(import.meta.dirname, 'live-client.ts')
  const child = spawn(process.execPath, ['--no-warnings', readers, socketPath, String(consoles)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  return {
    async end() {
      const counted = once(lines, 'line')
      child.stdin.end()
      const [count] = await counted
      return Number(count)
    },
  }
}
