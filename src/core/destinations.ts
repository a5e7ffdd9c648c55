import { parseShare } from './backup-target.ts'
import type { BackupTargetSetup, Setup, UpstreamSetup } from './setup.ts'
import { parseSyslogTarget } from './syslog-target.ts'

/** One place that the box dials. */
export interface Destination {
  /** As it is dialled: a name, or an address. */
  readonly host: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
  readonly speaks: 'smtp' | 'https' | 'http' | 'syslog' | 'smb'
  readonly purpose: 'mail' | 'sign-in' | 'renewal' | 'reports' | 'alerts' | 'backup' | 'update' | 'proxy'
  /** The way out that needs it. */
  readonly upstream: string | undefined
  /** Dialled by the proxy for us, and not by the box. */
  readonly isBehindProxy: boolean
}

/**
 * Every place outside of the network of the devices that the box dials as its settings stand; nothing else is dialled. Names
 * are resolved and the time is set by the operating system, whose servers are not in here. `retired`: ways out that left the
 * settings and are dialled until what is uncertain there is settled.
 */
export function destinationsOf(
  { upstreams, gateway, alerts, backups, update }: Setup,
  retired: readonly UpstreamSetup[] = [],
): readonly Destination[] {
  const gone = retired.filter(({ name }) => !upstreams.some((upstream) => upstream.name === name))
  const direct = [
    ...[...upstreams.filter(({ enabled }) => enabled), ...gone].flatMap(ofUpstream),
    ...ofUrl(alerts.webhook, 'alerts', undefined),
    ...ofSyslog(alerts.syslog),
    ...backups.filter(({ enabled }) => enabled).flatMap(ofBackup),
    ...ofUrl(update?.url ?? '', 'update', undefined),
  ]
  const proxy = ofUrl(gateway.proxy, 'proxy', undefined)
  const all = direct.map((each) => ({ ...each, isBehindProxy: proxy.length > 0 && each.speaks === 'https' }))
  return unique([...all, ...proxy.map((each) => ({ ...each, isBehindProxy: false }))])
}

type Dialled = Omit<Destination, 'isBehindProxy'>

function ofUpstream(upstream: UpstreamSetup): readonly Dialled[] {
  const { name, host, port, endpoint, authority, credential, kind, reportsQueue } = upstream
  const signsInAtEntra =
    (credential.kind === 'client-secret' || credential.kind === 'client-certificate') &&
    kind !== 'exchange-connector'
  return [
    ...(host === ''
      ? []
      : [{ host, port, protocol: 'tcp', speaks: 'smtp', purpose: 'mail', upstream: name } as const]),
    ...ofUrl(endpoint, 'mail', name),
    ...(signsInAtEntra ? ofUrl(authority, 'sign-in', name) : []),
    ...(signsInAtEntra ? ofRenewal(upstream) : []),
    ...ofUrl(reportsQueue, 'reports', name),
  ]
}

/**
 * Where the Graph of a cloud is, by its sign-in (learn.microsoft.com/graph/deployments). The box asks the sign-in itself; an
 * authority that is none of these has a Graph that nobody can name beforehand.
 */
const graphs: Readonly<Record<string, string>> = {
  'https://login.microsoftonline.com': 'https://graph.microsoft.com',
  'https://login.microsoftonline.us': 'https://graph.microsoft.us',
  'https://login.partner.microsoftonline.cn': 'https://microsoftgraph.chinacloudapi.cn',
}

/** A certificate of the box's own is registered by itself, months before the present one ends. */
function ofRenewal({ name, kind, authority, credential }: UpstreamSetup): readonly Dialled[] {
  const isOwn = credential.kind === 'client-certificate' && credential.certificateFile === ''
  // A way out by Graph has it as its endpoint.
  return isOwn && kind !== 'graph' ? ofUrl(graphs[authority] ?? '', 'renewal', name) : []
}

const defaultPorts = { https: 443, http: 80 } as const

function ofUrl(
  url: string,
  purpose: Destination['purpose'],
  upstream: string | undefined,
): readonly Dialled[] {
  if (url === '') return []
  const { hostname, port, protocol } = new URL(url)
  const speaks = protocol === 'http:' ? 'http' : 'https'
  const dialled = port === '' ? defaultPorts[speaks] : Number(port)
  return [{ host: bare(hostname), port: dialled, protocol: 'tcp', speaks, purpose, upstream }]
}

function ofSyslog(setting: string): readonly Dialled[] {
  const target = parseSyslogTarget(setting)
  if (!target) return []
  const { host, port, transport } = target
  const protocol = transport === 'udp' ? 'udp' : 'tcp'
  return [{ host, port, protocol, speaks: 'syslog', purpose: 'alerts', upstream: undefined }]
}

function ofBackup({ url, share }: BackupTargetSetup): readonly Dialled[] {
  const place = parseShare(share)
  if (!place) return ofUrl(url, 'backup', undefined)
  const { host, port = smbPort } = place
  return [{ host, port, protocol: 'tcp', speaks: 'smb', purpose: 'backup', upstream: undefined }]
}

const smbPort = 445

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

function unique(all: readonly Destination[]): readonly Destination[] {
  const byKey = new Map(
    all.map((each) => [
      `${each.host} ${each.port} ${each.protocol} ${each.purpose} ${each.upstream ?? ''}`,
      each,
    ]),
  )
  return [...byKey.values()]
}
