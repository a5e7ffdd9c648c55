// Who gets which TLS, live: permissions, bounds and dates, with real handshakes.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { day, hour, second, wallMs } from '../../src/core/time.ts'
import { ssl30, tls10 } from '../../src/submission/edge/vintage/versions.ts'
import { JumpingClock } from '../clock.ts'
import { Rig } from '../submission/rig.ts'
import { device, setup } from '../submission/setup.ts'
import { until } from '../submission/until.ts'
import { RawClient } from './raw-client.ts'
import { notesOf, openVintageRig, vintageSetup } from './vintage-rig.ts'

const noon = wallMs(Date.UTC(2027, 0, 30, 12))
const rc4 = 0x0005

/** The first record that comes back: 22 is a ServerHello, 21 an alert. */
async function hello(
  port: number,
  client: RawClient,
  from = '127.0.0.1',
): Promise<{ socket: Socket; first: Buffer }> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  socket.on('error', () => undefined)
  socket.write(client.hello())
  const [first] = await once(socket, 'data')
  return { socket, first }
}
const ssl3 = () => new RawClient({ version: ssl30, suites: [rc4] })

/** Says hello and goes: what came back. */
async function tried(rig: Rig, from?: string): Promise<'hello' | 'alert'> {
  const { socket, first } = await hello(rig.port('submissions'), ssl3(), from)
  socket.destroy()
  return first[0] === 22 ? 'hello' : 'alert'
}

describe('vintage TLS', () => {
  it('is for devices listed by address, where the box allows it', async () => {
    await using rig = await openVintageRig()
    assert.equal(await tried(rig, '127.0.0.1'), 'hello')
    assert.equal(await tried(rig, '127.0.0.2'), 'alert')
    assert.equal(await tried(rig, '127.0.0.9'), 'alert')
    await rig.change(
      setup({ ...vintageSetup(), gateway: { weakestTls: 'legacy' }, listeners: rig.listeners() }),
    )
    assert.equal(await tried(rig, '127.0.0.1'), 'alert')
  })

  it('may be the listener’s, for devices listed by address', async () => {
    await using rig = await openVintageRig({ devices: [device('Listed', { addresses: ['127.0.0.1'] })] })
    const listeners = rig.listeners().map((each) => ({ ...each, tls: 'vintage' as const }))
    assert.equal(await tried(rig, '127.0.0.1'), 'alert')
    await rig.change(vintageSetup({ devices: [device('Listed', { addresses: ['127.0.0.1'] })], listeners }))
    assert.equal(await tried(rig, '127.0.0.1'), 'hello')
    assert.equal(await tried(rig, '127.0.0.2'), 'alert')
  })

  it('ends by itself at weak_until, STARTTLS or implicit, without a restart', async () => {
    const clock = new JumpingClock(noon)
    const old = device('Old', { addresses: ['127.0.0.1'], tls: 'vintage', weakUntil: '2027-01-31' })
    await using rig = await Rig.open({ setup: vintageSetup({ devices: [old] }), clock })
    assert.equal(await tried(rig), 'hello')
    await clock.jump(11 * hour)
    assert.equal(await tried(rig), 'hello')
    await clock.jump(hour)
    assert.equal(await tried(rig), 'alert')
    const legacy = new RawClient({ version: tls10, suites: [0x002f] })
    const { socket, first } = await hello(rig.port('submissions'), legacy)
    assert.deepEqual([...first], [21, 3, 1, 0, 2, 2, 70])
    socket.destroy()
  })

  it('gives no handshake more than 30 s', async () => {
    const clock = new JumpingClock(noon)
    await using rig = await Rig.open({ setup: vintageSetup(), clock })
    const { socket } = await hello(rig.port('submissions'), ssl3())
    await clock.jump(29 * second)
    assert.equal(rig.submission.openConnections(), 1)
    await clock.jump(second)
    await until(() => rig.submission.openConnections() === 0)
    assert.ok(notesOf(rig).includes('TLS failed: the handshake took too long'))
    socket.destroy()
  })

  it('serves 16 sessions at once, and the next when one has gone', async () => {
    await using rig = await openVintageRig()
    const open = await Promise.all(Array.from({ length: 16 }, () => hello(rig.port('submissions'), ssl3())))
    assert.deepEqual([...new Set(open.map(({ first }) => first[0]))], [22])
    assert.equal(await tried(rig), 'alert')
    assert.ok(notesOf(rig).includes('TLS refused: too many vintage sessions at once'))
    open[0]?.socket.destroy()
    await until(() => rig.submission.openConnections() <= 15)
    assert.equal(await tried(rig), 'hello')
    for (const { socket } of open) socket.destroy()
  })

  it('lets a client that it refused read why, and is gone 5 s later though the client stays', async () => {
    const clock = new JumpingClock(noon)
    await using rig = await Rig.open({ setup: vintageSetup({ devices: [] }), clock })
    const socket = connect({ port: rig.port('submissions'), host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => undefined)
    socket.write(ssl3().hello())
    const pieces: Buffer[] = []
    socket.on('data', (octets: Buffer) => void pieces.push(octets))
    await once(socket, 'end')
    assert.deepEqual([...Buffer.concat(pieces)], [21, 3, 0, 0, 2, 2, 40])
    await clock.jump(5 * second)
    await until(() => {
      if (!socket.destroyed) socket.write('x')
      return socket.destroyed
    })
  })

  it('leaves no connection behind when the client goes at any place', async () => {
    await using rig = await openVintageRig()
    for (let n = 0; n < 20; n++) await tried(rig)
    await until(() => rig.submission.openConnections() === 0)
  })

  it('lets the box stop with handshakes under way', async () => {
    const rig = await openVintageRig()
    const { socket } = await hello(rig.port('submissions'), ssl3())
    await rig[Symbol.asyncDispose]()
    assert.equal(rig.submission.openConnections(), 0)
    socket.destroy()
  })

  it('waits for a believable clock before a date counts', async () => {
    const clock = new JumpingClock(wallMs(noon + 5 * day))
    clock.believable = false
    const old = device('Old', { addresses: ['127.0.0.1'], tls: 'vintage', weakUntil: '2027-01-31' })
    await using rig = await Rig.open({ setup: vintageSetup({ devices: [old] }), clock })
    assert.equal(await tried(rig), 'hello')
    clock.believable = true
    assert.equal(await tried(rig), 'alert')
  })
})
