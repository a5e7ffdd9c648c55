// Every place that a box dials, whatever it is set up for, stands in the list for the network's administrator; and every
// place of the list is dialled.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { describe, it } from 'node:test'
import type { Destination } from '../../src/core/destinations.ts'
import { second, wallMs } from '../../src/core/time.ts'
import { startDns } from '../../src/health/doctor/dns-server.fixture.ts'
import { DnsNames } from '../../src/platform/name-service.ts'
import { startAzurite } from '../azurite/azurite.ts'
import { Dialled } from '../dialled.ts'
import { startAcsSmtp } from '../emulator/acs-smtp.ts'
import { startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../emulator/azure-settings.ts'
import { startExchangeMx } from '../emulator/exchange-mx.ts'
import { startExchangeOnline } from '../emulator/exchange-online.ts'
import { startGraph } from '../emulator/graph.ts'
import { startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { HookReceiver } from '../hook-receiver.ts'
import { RunningClock } from '../running-clock.ts'
import { plainBox } from './plain-box.ts'

const sender = 'scanner@contoso.com'
const anna = 'anna@contoso.com'
const outlook = 'https://outlook.office365.com'
const graphResource = 'https://graph.microsoft.com'
const storage = 'https://storage.azure.com'
const communication = 'https://communication.azure.com'

async function listening(server: Server): Promise<{ readonly port: number } & Disposable> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() }
}

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

/** Takes syslog over UDP and over TCP. */
async function startSyslog() {
  const udp = createSocket('udp4')
  udp.bind(0, '127.0.0.1')
  await once(udp, 'listening')
  const tcp = await listening(createServer((socket) => void socket.resume().on('end', () => socket.end())))
  return {
    udp: `udp://127.0.0.1:${udp.address().port}`,
    tcp: `tcp://127.0.0.1:${tcp.port}`,
    [Symbol.dispose]: () => {
      tcp[Symbol.dispose]()
      udp.close()
    },
  }
}

interface World {
  readonly azure: Awaited<ReturnType<typeof startAzure>>
  readonly ports: Readonly<Record<string, number>>
  readonly graph: string
  readonly queue: string
  readonly ca: string
}

/** Every kind that sends, each with a place of its own, and one that is switched off. */
function waysOut({ azure, ports, graph, queue, ca }: World): string {
  const app = `[upstream.credential]\nkind = "client-secret"\ntenant_id = "${exampleTenant}"\nclient_id = "${exampleClientId}"\nsecret = "${exampleSecret}"\nexpires = "2999-01-01"\n`
  const way = (kind: string, more: string, rest = ''): string =>
    `[[upstream]]\nname = "${kind}"\nkind = "${kind}"\nsenders = ["${sender}"]\nca_file = "${ca}"\n${more}\n${rest}`
  const smtp = (kind: string, more = ''): string => `host = "localhost"\nport = ${ports[kind]}\n${more}`
  const entra = `authority = "${azure.authority}"\n`
  const inside = 'accepted_domains = ["contoso.com"]'
  return [
    way(
      'acs-email',
      `endpoint = "${azure.endpoint}"\n${entra}`,
      `[upstream.reports]\nqueue = "${queue}"\n${app}`,
    ),
    way('acs-smtp', smtp('acs-smtp', `${entra}username = "${sender}"`), app),
    way('exchange-smtp', smtp('exchange-smtp', `${entra}username = "${sender}"`), app),
    way('exchange-hve', smtp('exchange-hve', `${entra}username = "${sender}"\n${inside}`), app),
    way('exchange-direct', smtp('exchange-direct', inside)),
    way('exchange-connector', smtp('exchange-connector', inside)),
    way('graph', `endpoint = "${graph}"\n${entra}`, app),
    way('smarthost', smtp('smarthost')),
    way('smarthost', `${smtp('off')}enabled = false`).replace('"smarthost"', '"off"'),
    '[[upstream]]\nname = "kept"\nkind = "outbox"\n',
  ].join('')
}

const setup = (ways: string, gateway: string, alerts: string): string =>
  plainBox({
    gateway: `hostname = "branch-07.contoso.com"
postmaster = "${anna}"
sender = "${sender}"
${gateway}
[alerts]
${alerts}`,
    sender,
  }) + ways

const senders = [
  'acs-email',
  'acs-smtp',
  'exchange-smtp',
  'exchange-hve',
  'exchange-direct',
  'exchange-connector',
  'graph',
  'smarthost',
]

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
    const app = {
      tenant: exampleTenant,
      clientId: exampleClientId,
      objectId: '33333333-3333-4333-8333-333333333333',
      secrets: [{ value: exampleSecret }],
      certificates: [],
      role: 'contributor' as const,
      permissions: { [outlook]: ['SMTP.SendAsApp', 'Mail.Send'] },
    }
    const resources = [communication, outlook, storage, graphResource]
    await using azure = await startAzure({ apps: [app], resources })
    const { certificateAuthority } = azure
    const principals = [{ clientId: exampleClientId, objectId: app.objectId }]
    const exchange = {
      mailboxes: [{ address: sender, fullAccess: [exampleClientId] }],
      servicePrincipals: principals,
    }
    const grants = [{ tenant: exampleTenant, clientId: exampleClientId, roles: ['Mail.Send'] }]
    const usernames = [{ username: sender, clientId: exampleClientId, tenant: exampleTenant }]
    const upstream = { certificateAuthority }
    const connectors = [{ name: 'box', type: 'OnPremises' as const, senderIpAddresses: ['127.0.0.0/8'] }]
    await using mailbox = await startExchangeOnline(azure, exchange)
    await using hve = await startExchangeOnline(azure, { ...exchange, service: 'hve' })
    await using acs = await startAcsSmtp(azure, { usernames })
    await using direct = await startExchangeMx({ upstream })
    await using connector = await startExchangeMx({ upstream, connectors })
    await using hub = await startSmtpUpstream(upstream)
    await using off = await startSmtpUpstream(upstream)
    await using graph = await startGraph({ azure, grants })
    await using hook = await HookReceiver.listen()
    await using azurite = await startAzurite(certificateAuthority)
    await azurite.queue('reports')
    await using dns = await startDns({})
    using syslog = await startSyslog()
    using folder = temporaryFolder()
    const ways = waysOut({
      azure,
      graph: graph.endpoint,
      queue: azurite.url('reports'),
      ca: await azure.writeCa(folder.path),
      ports: {
        'acs-smtp': acs.port,
        'exchange-smtp': mailbox.port,
        'exchange-hve': hve.port,
        'exchange-direct': direct.port,
        'exchange-connector': connector.port,
        smarthost: hub.port,
        off: off.port,
      },
    })
    const queuePort = Number(new URL(azurite.url('reports')).port)
    const clock = new RunningClock(wallMs(Date.now()))
    const names = new DnsNames({ servers: [dns.server] })
    using dialled = new Dialled()
    const first = setup(ways, '', `webhook = "${hook.url}"\nsyslog = "${syslog.udp}"`)
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
    const second = setup(
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
