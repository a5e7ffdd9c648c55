// Every place that a box dials, whatever it is set up for, stands in the list for the network's administrator; and every
// place of the list is dialled.
import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import type { Destination } from '../../src/core/destinations.ts'
import { second, wallMs } from '../../src/core/time.ts'
import { startDns } from '../../src/health/doctor/dns-server.fixture.ts'
import { DnsNames } from '../../src/platform/name-service.ts'
import { Dialled } from '../dialled.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { anna, boxOf, listening, senders, startEveryPlace } from './every-place.ts'

/** A proxy that tunnels, and remembers whereto. */
async function startProxy(dialled: Dialled) {
  const targets = new Set<string>()
  const server = createHttpServer().on('connect', (request, client) => {
    targets.add(request.url ?? '')
    const { hostname, port } = new URL(`http://${request.url}`)
    const far = dialled.not(() => connect(Number(port), hostname))
    far.once('connect', () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
    far.on('error', () => client.destroy())
    client.on('error', () => far.destroy())
    client.on('close', () => far.destroy())
    far.pipe(client).pipe(far)
  })
  return { targets, ...(await listening(server)) }
}

/** Everything that makes a box dial. */
async function doEverything(
  gateway: GatewayInProcess,
  clock: RunningClock,
  reports: () => boolean,
): Promise<void> {
  for (const name of senders) {
    const sent = await gateway.operations.sendThrough(name, anna)
    assert.ok(sent.kind === 'done', JSON.stringify(sent))
    await gateway.messageIs(sent.message, 'accepted', 'confirmed').catch(async (error: unknown) => {
      throw new Error(`${name}: ${JSON.stringify((await gateway.message(sent.message)).recipients)}`, {
        cause: error,
      })
    })
  }
  await gateway.messageIs((await gateway.send({ to: [anna] })).id, 'accepted', 'confirmed')
  const told = await gateway.operations.testAlert('a technician')
  assert.ok(told.kind === 'done')
  assert.deepEqual(
    told.answers.map(({ channel, answer }) => `${channel} ${answer.kind}`),
    ['mail told', 'webhook told', 'syslog told'],
  )
  for (let steps = 0; steps < 30 && !reports(); steps += 1) {
    await clock.jump(20 * second)
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.ok(reports(), 'the queue of delivery reports is asked')
  await gateway.operations.doctor()
}

interface List {
  readonly destinations: readonly Destination[]
  readonly later: readonly Destination[]
}

/** Also that what is switched off stands apart. */
async function listOf(gateway: GatewayInProcess, offPort: number): Promise<readonly Destination[]> {
  const report = await gateway.operations.report('firewall', { month: undefined, upstream: undefined })
  assert.ok(report.kind === 'done')
  const { destinations, later } = report.data as List
  assert.deepEqual(
    later.map(({ upstream, port }) => [upstream, port]),
    [['off', offPort]],
  )
  return destinations
}

const sorted = <T>(all: Iterable<T>): readonly T[] => [...new Set(all)].toSorted()

describe('the list for the firewall', () => {
  it('is what a box dials for every kind of way out, reports, alerts and doctor; with a proxy, too', {
    timeout: 60_000,
  }, async () => {
    using folder = temporaryFolder()
    await using places = await startEveryPlace(folder.path)
    const { ways, hook, syslog, queue, off } = places
    await using dns = await startDns({})
    const queuePort = Number(new URL(queue).port)
    const clock = new RunningClock(wallMs(Date.now()))
    const names = new DnsNames({ servers: [dns.server] })
    using dialled = new Dialled()
    const first = boxOf(ways, '', `webhook = "${hook.url}"\nsyslog = "${syslog.udp}"`)
    await using gateway = await GatewayInProcess.start(folder.path, first, { clock, names })
    const own = gateway.port('plain')

    await doEverything(gateway, clock, () => dialled.tcp.has(queuePort))
    const list = await listOf(gateway, off.port)
    assert.deepEqual(
      sorted([...dialled.tcp].filter((port) => port !== own)),
      sorted(list.filter(({ protocol }) => protocol === 'tcp').map(({ port }) => port)),
    )
    assert.deepEqual(
      sorted(dialled.udp),
      sorted(list.filter(({ protocol }) => protocol === 'udp').map(({ port }) => port)),
    )
    assert.deepEqual(sorted(list.map(({ purpose }) => purpose)), ['alerts', 'mail', 'reports', 'sign-in'])
    assert.deepEqual(
      sorted(list.filter(({ purpose }) => purpose === 'mail').map((one) => one.upstream)),
      sorted(senders),
    )

    using proxy = await startProxy(dialled)
    const second = boxOf(
      ways,
      `proxy = "http://127.0.0.1:${proxy.port}"`,
      `webhook = "${hook.url}"\nsyslog = "${syslog.tcp}"`,
    )
    const applied = await gateway.operations.applySetup(second, { check: false, who: 'a technician' })
    assert.equal(applied.kind, 'applied', JSON.stringify(applied))
    dialled.tcp.clear()
    dialled.udp.clear()
    await doEverything(gateway, clock, () => proxy.targets.has(`localhost:${queuePort}`))
    const behind = await listOf(gateway, off.port)
    const tcp = behind.filter(({ isBehindProxy }) => !isBehindProxy)
    assert.deepEqual(
      sorted([...dialled.tcp].filter((port) => port !== own)),
      sorted(tcp.map(({ port }) => port)),
    )
    assert.deepEqual(sorted(dialled.udp), [])
    assert.deepEqual(
      sorted(proxy.targets),
      sorted(behind.filter(({ isBehindProxy }) => isBehindProxy).map(({ host, port }) => `${host}:${port}`)),
    )
    assert.equal(off.connections.length, 0)
  })
})
