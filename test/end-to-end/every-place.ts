// Every place that a box may dial, each with a port of its own: the twins of all services, alerts, delivery reports.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { startAzurite } from '../azurite/azurite.ts'
import { startAcsSmtp } from '../emulator/acs-smtp.ts'
import { startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../emulator/azure-settings.ts'
import { startExchangeMx } from '../emulator/exchange-mx.ts'
import { startExchangeOnline } from '../emulator/exchange-online.ts'
import { startGraph } from '../emulator/graph.ts'
import { startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { HookReceiver } from '../hook-receiver.ts'
import { plainBox } from './plain-box.ts'

const sender = 'scanner@contoso.com'
export const anna = 'anna@contoso.com'
const outlook = 'https://outlook.office365.com'
const graphResource = 'https://graph.microsoft.com'
const storage = 'https://storage.azure.com'
const communication = 'https://communication.azure.com'

export async function listening(server: Server): Promise<{ readonly port: number } & Disposable> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() }
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

export const boxOf = (ways: string, gateway: string, alerts: string): string =>
  plainBox({
    gateway: `hostname = "branch-07.contoso.com"
postmaster = "${anna}"
sender = "${sender}"
${gateway}
[alerts]
${alerts}`,
    sender,
  }) + ways

export const senders = [
  'acs-email',
  'acs-smtp',
  'exchange-smtp',
  'exchange-hve',
  'exchange-direct',
  'exchange-connector',
  'graph',
  'smarthost',
]

/** Starts them all; `off` is a way out that is switched off. */
export async function startEveryPlace(folder: string) {
  await using all = new AsyncDisposableStack()
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
  const azure = all.use(await startAzure({ apps: [app], resources }))
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
  const mailbox = all.use(await startExchangeOnline(azure, exchange))
  const hve = all.use(await startExchangeOnline(azure, { ...exchange, service: 'hve' }))
  const acs = all.use(await startAcsSmtp(azure, { usernames }))
  const direct = all.use(await startExchangeMx({ upstream }))
  const connector = all.use(await startExchangeMx({ upstream, connectors }))
  const hub = all.use(await startSmtpUpstream(upstream))
  const off = all.use(await startSmtpUpstream(upstream))
  const graph = all.use(await startGraph({ azure, grants }))
  const hook = all.use(await HookReceiver.listen())
  const azurite = all.use(await startAzurite(certificateAuthority))
  await azurite.queue('reports')
  const syslog = all.use(await startSyslog())
  const ways = waysOut({
    azure,
    graph: graph.endpoint,
    queue: azurite.url('reports'),
    ca: await azure.writeCa(folder),
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
  const opened = all.move()
  return {
    ways,
    hook,
    syslog,
    off,
    queue: azurite.url('reports'),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
