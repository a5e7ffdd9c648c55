// The vintage engine: octets through it and handshakes, per second of this process's CPU. The client runs beside it.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { wallMs } from '../../src/core/time.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { VintageSocket } from '../../src/submission/edge/vintage/vintage-socket.ts'
import { oldIdentity } from '../submission/old-identities.ts'
import { type Measured, median } from './limits.ts'

const run = promisify(execFile)
const rounds = 3
const handshakes = 200

const suites = [
  { name: 'RC4-MD5', id: 0x0004, megabytes: 100, atLeast: 100 },
  { name: 'RC4-SHA', id: 0x0005, megabytes: 100, atLeast: 100 },
  { name: 'AES128-SHA', id: 0x002f, megabytes: 100, atLeast: 100 },
  { name: '3DES-SHA', id: 0x000a, megabytes: 30, atLeast: 20 },
]

export async function measureVintage(): Promise<readonly Measured[]> {
  const identity = await oldIdentity('vintage')
  const clock = systemClock(wallMs(0))
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (raw) => {
    const socket = new VintageSocket(raw, { identity, clock, volume: 1e9 })
    socket.on('error', () => undefined).on('end', () => socket.end())
    socket.resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0
  const rows: Measured[] = []
  for (const { name, id, megabytes, atLeast } of suites) {
    const seconds = await cpuSeconds(port, [id, megabytes, 1])
    const limit = { kind: 'at-least', value: atLeast } as const
    rows.push({ name: `vintage TLS, ${name}`, value: megabytes / seconds, unit: 'MB/CPU-s', limit })
  }
  const seconds = await cpuSeconds(port, [0x0005, 0, handshakes])
  server.close()
  const limit = { kind: 'at-most', value: 6 } as const
  return [
    ...rows,
    { name: 'vintage TLS, handshake', value: (seconds / handshakes) * 1000, unit: 'ms CPU', limit },
  ]
}

/** Median of what this process spends while the client does its work. */
async function cpuSeconds(port: number, work: readonly number[]): Promise<number> {
  const spent: number[] = []
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    await run(process.execPath, [
      '--no-warnings',
      join(import.meta.dirname, 'vintage-client.ts'),
      `${port}`,
      ...work.map(String),
    ])
    const { user, system } = process.cpuUsage(before)
    spent.push((user + system) / 1e6)
  }
  return median(spent)
}
