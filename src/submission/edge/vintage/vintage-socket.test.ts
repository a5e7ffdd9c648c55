import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { before, describe, it } from 'node:test'
import { JumpingClock } from '../../../../test/clock.ts'
import { oldIdentity } from '../../../../test/submission/old-identities.ts'
import { until } from '../../../../test/submission/until.ts'
import { cutRecords, RawClient, record } from '../../../../test/tls/raw-client.ts'
import type { ServerIdentity } from '../../../core/server-identity.ts'
import { second, wallMs } from '../../../core/time.ts'
import { tls10 } from './versions.ts'
import { VintageSocket } from './vintage-socket.ts'

const rc4 = 0x0005
const megabyte = 1_000_000

let identity: ServerIdentity
before(async () => {
  identity = await oldIdentity('vintage')
})

/** A client's raw socket, the server's, and the engine on that. */
async function join(volume = 1e9) {
  const clock = new JumpingClock(wallMs(0))
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  const outside = connect({ port: typeof bound === 'object' ? (bound?.port ?? 0) : 0, host: '127.0.0.1' })
  const [raw]: Socket[] = await once(server, 'connection')
  server.close()
  if (!raw) throw new Error('no connection')
  outside.on('error', () => undefined)
  const secured = new VintageSocket(raw, { identity, clock, volume })
  const errors: string[] = []
  secured.on('error', (error) => void errors.push(error.message))
  const client = new RawClient({ version: tls10, suites: [rc4] })
  const shake = async (): Promise<void> => {
    outside.write(client.hello())
    const [flight] = await once(outside, 'data')
    client.hear(flight)
    outside.write(client.answer())
    await once(secured, 'secure')
    // ChangeCipherSpec and Finished.
    const [answer] = await once(outside, 'data')
    client.open(answer.subarray(6))
  }
  const close = (): void => {
    outside.destroy()
    raw.destroy()
  }
  return { clock, outside, raw, secured, errors, client, shake, [Symbol.dispose]: close }
}

describe('a vintage socket', () => {
  it('says what was agreed', async () => {
    using pair = await join()
    assert.equal(pair.secured.describe(), 'TLS')
    await pair.shake()
    assert.equal(pair.secured.describe(), 'TLSv1 RC4-SHA')
  })

  it('takes nothing from the client that nobody reads, and all of it later', async () => {
    using pair = await join()
    await pair.shake()
    const piece = Buffer.alloc(16_000, 'x')
    const total = 40 * megabyte
    for (let sent = 0; sent < total; sent += piece.length) pair.outside.write(pair.client.seal(23, piece))
    await until(() => pair.raw.isPaused())
    assert.ok(pair.secured.readableLength < megabyte, `${pair.secured.readableLength} octets are kept`)
    assert.ok(pair.outside.writableLength > 20 * megabyte)
    let heard = 0
    for await (const octets of pair.secured) {
      heard += octets.length
      if (heard >= total) break
    }
    assert.equal(heard, total)
  })

  it('keeps no more for a client that does not read than it was told to write', async () => {
    using pair = await join()
    await pair.shake()
    pair.outside.pause()
    const piece = Buffer.alloc(64_000, 'x')
    let sent = 0
    while (pair.secured.write(piece) || pair.raw.writableLength === 0) {
      sent += piece.length
      assert.ok(sent < 100 * megabyte, 'a write is never too much')
      await new Promise((resolve) => setImmediate(resolve))
    }
    sent += piece.length
    assert.ok(pair.raw.writableLength < megabyte, `${pair.raw.writableLength} octets are kept`)
    const heard: Buffer[] = []
    pair.outside.on('data', (octets: Buffer) => void heard.push(octets)).resume()
    await until(() => pair.secured.writableLength === 0 && pair.raw.writableLength === 0)
    // Five octets of header and twenty of MAC in each record.
    const plain = () => cutRecords(Buffer.concat(heard)).reduce((sum, { body }) => sum + body.length - 20, 0)
    await until(() => plain() === sent)
  })

  it('ends a session that carries more than these ciphers should', async () => {
    using pair = await join(10_000)
    await pair.shake()
    pair.secured.resume()
    pair.outside.write(pair.client.seal(23, Buffer.alloc(9000)))
    pair.outside.write(pair.client.seal(23, Buffer.alloc(1001)))
    await until(() => pair.secured.closed)
    assert.deepEqual(pair.errors, ['more than these ciphers should carry in one session'])
  })

  it('sends its alert to a client that never closes, and is gone 5 s later', async () => {
    using pair = await join()
    pair.outside.write(record(22, Buffer.from([2, 0, 0, 0])))
    const [alert] = await once(pair.outside, 'data')
    assert.deepEqual([...alert], [21, 3, 0, 0, 2, 2, 50])
    await until(() => pair.secured.closed)
    pair.outside.write(Buffer.alloc(megabyte))
    await pair.clock.jump(4 * second)
    assert.equal(pair.raw.destroyed, false)
    await pair.clock.jump(second)
    assert.equal(pair.raw.destroyed, true)
  })

  it('hears the end of a client that says no goodbye, and still answers', async () => {
    using pair = await join()
    await pair.shake()
    const ended = once(pair.secured, 'end')
    pair.outside.end(pair.client.seal(23, Buffer.from('QUIT\r\n')))
    pair.secured.resume()
    await ended
    const long = Buffer.alloc(4 * megabyte, '221 Bye\r\n')
    pair.secured.end(long)
    const pieces: Buffer[] = await pair.outside.toArray()
    const said = pair.client.open(Buffer.concat(pieces)).map((part) => part ?? assert.fail())
    assert.deepEqual([...(said.pop() ?? [])], [1, 0])
    assert.ok(Buffer.concat(said).equals(long))
    await until(() => pair.raw.destroyed)
  })

  it('closes when the client does, at any place of the handshake', async () => {
    const stages = [
      () => undefined,
      ({ outside }: { outside: Socket }) => void outside.write(Buffer.from([22, 3, 1])),
      ({ outside, client }: { outside: Socket; client: RawClient }) => void outside.write(client.hello()),
    ]
    for (const stage of stages) {
      for (const leave of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
        using pair = await join()
        stage(pair)
        leave(pair.outside)
        await until(() => pair.secured.closed && pair.raw.destroyed)
      }
    }
  })

  it('closes at a goodbye in the middle of the handshake', async () => {
    using pair = await join()
    pair.outside.write(pair.client.hello())
    await once(pair.outside, 'data')
    pair.outside.write(record(21, Buffer.from([1, 0])))
    await until(() => pair.secured.closed && pair.raw.destroyed)
  })

  it('takes the raw socket with it', async () => {
    using pair = await join()
    await pair.shake()
    pair.secured.destroy()
    assert.equal(pair.raw.destroyed, true)
  })

  it('closes at once on a socket that is gone', async () => {
    using pair = await join()
    pair.raw.destroy()
    const late = new VintageSocket(pair.raw, { identity, clock: pair.clock, volume: 1 })
    await once(late, 'close')
  })

  it('keeps nothing of a hello that never ends', async () => {
    using pair = await join()
    const first = record(22, Buffer.concat([Buffer.from([1, 0xff, 0xff, 0xff]), Buffer.alloc(16_000)]))
    pair.outside.write(first)
    for (let n = 0; n < 500; n++) pair.outside.write(record(22, Buffer.alloc(16_000)))
    await until(() => pair.secured.closed)
    assert.equal(pair.secured.readableLength, 0)
    assert.match(pair.errors.join(), /hello of 16777215 octets/)
  })

  it('writes nothing before the handshake', async () => {
    using pair = await join()
    pair.secured.write('220 box\r\n')
    await until(() => pair.secured.closed)
    assert.deepEqual(pair.errors, ['nothing may be written before the handshake is over'])
  })
})
