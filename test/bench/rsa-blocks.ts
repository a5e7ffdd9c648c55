// What a client with a stop-watch could learn: how long the vintage engine takes over good and bad RSA blocks.
import { performance } from 'node:perf_hooks'
import { VintageSession } from '../../src/submission/edge/vintage/session.ts'
import { tls10 } from '../../src/submission/edge/vintage/versions.ts'
import { vintageIdentity } from '../../src/submission/edge/vintage/vintage-identity.ts'
import { oldIdentity } from '../submission/old-identities.ts'
import { badBlocks, goodBlock, RawClient } from '../tls/raw-client.ts'
import { type Measured, median } from './limits.ts'

const rounds = 1500
/** Of a decryption of half a millisecond: a word in a log, an exception or a second look would show. */
const mostApart = 1.05

/** The slowest kind of block over the fastest, by medians; kinds take turns, so that what else runs meets all alike. */
export async function measureRsaBlocks(): Promise<readonly Measured[]> {
  const identity = vintageIdentity(await oldIdentity('vintage'))
  const kinds = { ...badBlocks, good: goodBlock }
  const times = Object.keys(kinds).map((): number[] => [])
  for (let round = -20; round < rounds; round++)
    for (const [at, block] of Object.values(kinds).entries()) {
      const took = timeOver(identity, block)
      if (round >= 0) times[at]?.push(took)
    }
  const medians = times.map(median)
  const value = Math.max(...medians) / Math.min(...medians)
  return [
    {
      name: 'vintage TLS, seven bad RSA blocks and a good one: slowest over fastest',
      value,
      unit: '',
      limit: { kind: 'at-most', value: mostApart },
    },
  ]
}

/** From ClientKeyExchange to the engine's silence, in ms. */
function timeOver(
  identity: ReturnType<typeof vintageIdentity>,
  block: (length: number, premaster: Buffer) => Buffer,
): number {
  const sent: Buffer[] = []
  const session = new VintageSession(identity, {
    transmit: (records) => void sent.push(records),
    deliver: () => undefined,
    secured: () => undefined,
    ended: () => undefined,
  })
  const client = new RawClient({ version: tls10, suites: [0x002f] })
  session.receive(client.hello())
  client.hear(Buffer.concat(sent))
  const flight = client.answer((premaster) => block(client.blockLength, premaster))
  const exchange = flight.subarray(0, 5 + flight.readUInt16BE(3))
  const before = performance.now()
  session.receive(exchange)
  return performance.now() - before
}
