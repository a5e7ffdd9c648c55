// Broken hellos and broken sessions: whatever comes, no error escapes and no socket stays.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { wallMs } from '../../src/core/time.ts'
import { readClientHello } from '../../src/submission/edge/client-hello.ts'
import { ssl30, tls10, tls11, tls12 } from '../../src/submission/edge/vintage/versions.ts'
import { VintageSocket } from '../../src/submission/edge/vintage/vintage-socket.ts'
import { JumpingClock } from '../clock.ts'
import { below, mutated, noise, pick, seed } from '../mutations.ts'
import { oldIdentity } from '../submission/old-identities.ts'
import { until } from '../submission/until.ts'
import { type Offer, RawClient, record } from './raw-client.ts'

const isSoak = process.env['INKPOST_SOAK'] !== undefined
const hellos = isSoak ? 300_000 : 10_000
const sessions = isSoak ? 20_000 : 400

const offer = (): Offer => ({
  version: pick([ssl30, tls10, tls11, tls12]),
  suites: [pick([0x2f, 0x35, 0x0a, 0x05, 0x04]), 0x00ff],
  format: pick(['record', 'record', 'sslv2']),
})

describe(`broken TLS (INKPOST_SEED=${seed})`, () => {
  it(`${hellos} hellos: each is read, waited for or nonsense`, () => {
    const kinds = { hello: 0, incomplete: 0, nonsense: 0 }
    for (let n = 0; n < hellos; n++) kinds[readClientHello(mutated(new RawClient(offer()).hello())).kind]++
    for (const [kind, count] of Object.entries(kinds)) assert.ok(count > hellos / 100, `${count} ${kind}`)
  })

  it(`${sessions} sessions: each comes to its end`, { timeout: 900_000 }, async (t) => {
    const identity = await oldIdentity('vintage-1024')
    const clock = new JumpingClock(wallMs(0))
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const ends = { secured: 0, failed: 0 }
    for (let n = 0; n < sessions; n++) {
      const pair = await meet(server)
      const socket = new VintageSocket(pair.raw, { identity, clock, volume: 1e6 })
      let isSecured = false
      socket
        .on('error', () => undefined)
        .on('secure', () => {
          isSecured = true
        })
        .on('end', () => socket.end())
        .resume()
      await playBroken(pair.outside)
      await until(() => socket.closed)
      await clock.jump(5000)
      assert.ok(pair.raw.destroyed)
      ends[isSecured ? 'secured' : 'failed']++
      pair.outside.destroy()
    }
    server.close()
    t.diagnostic(`${sessions} broken sessions: ${ends.secured} got through their handshake`)
    assert.ok(ends.failed > sessions / 4 && ends.secured > sessions / 50, JSON.stringify(ends))
  })
})

async function meet(server: ReturnType<typeof createServer>): Promise<{ outside: Socket; raw: Socket }> {
  const bound = server.address()
  const outside = connect({ port: typeof bound === 'object' ? (bound?.port ?? 0) : 0, host: '127.0.0.1' })
  outside.on('error', () => undefined)
  const [raw]: Socket[] = await once(server, 'connection')
  return raw ? { outside, raw } : assert.fail()
}

/** A handshake and some data, with one flight of it or all of them changed; then the client says no more. */
async function playBroken(outside: Socket): Promise<void> {
  const client = new RawClient(offer())
  const broken = below(4)
  const flight = (which: number, octets: Buffer): Buffer =>
    broken === which || broken === 3 ? mutated(octets) : octets
  outside.write(flight(0, client.hello()))
  const answer = await heard(outside)
  if (answer[0] === 22) {
    client.hear(answer)
    outside.write(flight(1, client.answer()))
    await heard(outside)
    outside.write(flight(2, client.seal(23, Buffer.from('EHLO a\r\n'))))
    if (below(2) === 0) outside.write(record(pick([20, 21, 22, 23]), noise(below(60))))
  } else outside.write(noise(below(300)))
  outside.resume().end()
}

/** What comes next, or nothing where the other side waits too. */
async function heard(outside: Socket): Promise<Buffer> {
  const pieces: Buffer[] = []
  const listen = (octets: Buffer): void => void pieces.push(octets)
  outside.on('data', listen)
  let isOver = outside.destroyed
  outside.once('close', () => {
    isOver = true
  })
  for (let turns = 0; pieces.length === 0 && !isOver && turns < 20; turns++) {
    await new Promise((resolve) => setTimeout(resolve, turns > 4 ? 1 : 0))
  }
  outside.off('data', listen)
  return Buffer.concat(pieces)
}
