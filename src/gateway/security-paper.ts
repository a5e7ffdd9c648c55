import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { OperatorView } from '../core/access-operations.ts'
import type { Clock } from '../core/clock.ts'
import type { Done, Operations, Report } from '../core/operations.ts'
import type {
  SecurityDevice,
  SecurityEntrance,
  SecurityFacts,
  SecurityOperator,
  SecurityWayOut,
  SecurityWeakening,
} from '../core/security-facts.ts'
import type { CredentialSetup, ListenerSetup, Setup, UpstreamSetup } from '../core/setup.ts'
import { weakeningsOf } from '../core/weakenings.ts'
import { build } from '../platform/build.ts'
import type { Settings } from '../settings/settings.ts'

export interface SecurityParts {
  readonly settings: Settings
  readonly clock: Clock
  readonly operations: Operations
  /** What may be done that should not; undefined where nobody can be asked. */
  readonly openings: () => Promise<readonly { readonly sentence: string }[] | undefined>
}

/** Everything that a security officer asks for, as it is at this moment. */
export async function securityPaper(parts: SecurityParts): Promise<Done<Report>> {
  const [facts, { securityReport }] = await Promise.all([
    factsOf(parts),
    import('../papers/security-report.ts'),
  ])
  return { kind: 'done', text: securityReport(facts), data: facts }
}

async function factsOf({ settings, clock, operations, openings }: SecurityParts): Promise<SecurityFacts> {
  const { setup } = settings
  const [status, devices, operators, calendar, diagnosis, audit, backups, relay] = await Promise.all([
    operations.status(),
    operations.devices(),
    operations.operators(),
    operations.calendar(),
    operations.doctor(),
    operations.verifyAudit([]),
    operations.backups(),
    openings(),
  ])
  return {
    box: setup.gateway.name,
    at: clock.wall(),
    isRunning: status.running,
    versions: versions(),
    entrances: [
      ...setup.listeners.map((listener) => entranceOf(listener, setup, status.listeners)),
      consoleEntrance(setup, status.console),
    ],
    waysOut: setup.upstreams.map(wayOutOf),
    devices: devices.map(deviceOf),
    weakenings: weakeningsOf(setup).map((each) => attributed(each, settings)),
    operators: operators.map(operatorOf),
    secondFactor: { optional: 'nobody', administrators: 'administrators', all: 'everybody' }[
      setup.console.secondFactor
    ],
    calendar,
    vault: status.vault,
    relay: relay?.map(({ sentence }) => sentence),
    diagnosis,
    audit,
    backups,
  }
}

const floors: Readonly<Record<ListenerSetup['tls'], string>> = {
  modern: 'TLS 1.2 and up',
  legacy: 'TLS 1.0 and up',
  vintage: 'TLS 1.0 and up; SSL 3.0 for listed devices',
}

type OpenPlaces = readonly { readonly name: string; readonly port: number; readonly trouble: string }[]

function entranceOf(
  listener: ListenerSetup,
  { gateway, devices }: Setup,
  open: OpenPlaces,
): SecurityEntrance {
  const { name, address, port, security, tls, protocol } = listener
  const there = open.find((each) => each.name === name)
  const words = {
    plain: 'none',
    starttls: `${floors[tls]}, offered`,
    implicit: `${floors[tls]}, from the start`,
  }
  const addresses = devices.filter(({ enabled }) => enabled).flatMap((device) => device.addresses)
  return {
    what: `${protocol === 'pop3' ? 'sign-in by POP3' : 'mail of devices'} ("${name}")`,
    address,
    port: there?.port ?? port,
    encryption: words[security],
    reachableFrom: [...new Set([...gateway.trustedNetworks, ...addresses])],
    trouble: there?.trouble ?? '',
  }
}

function consoleEntrance({ console, gateway }: Setup, url: string): SecurityEntrance {
  const port = Number(/:(\d+)$/.exec(url)?.[1] ?? console.port)
  return {
    what: 'console',
    address: console.address,
    port,
    encryption: console.tls === 'off' ? 'none' : 'TLS 1.2 and up',
    reachableFrom: console.networks.length === 0 ? gateway.trustedNetworks : console.networks,
    trouble: url === '' ? 'closed' : '',
  }
}

const signIns: Readonly<Record<CredentialSetup['kind'], string>> = {
  none: 'nothing',
  'access-key': 'access key',
  'client-secret': 'client secret (OAuth 2)',
  'client-certificate': 'client certificate',
  password: 'password',
}

function wayOutOf({
  name,
  kind,
  host,
  port,
  endpoint,
  security,
  credential,
  enabled,
}: UpstreamSetup): SecurityWayOut {
  const isPlain = kind === 'smarthost' && security === 'plain'
  const isOutbox = kind === 'outbox'
  return {
    name,
    kind,
    to: isOutbox ? 'stays on the box' : endpoint === '' ? `${host}:${port}` : endpoint,
    encryption: isOutbox ? '' : isPlain ? 'none' : 'TLS 1.2 and up, certificate verified',
    signsInBy: isOutbox ? '' : signIns[credential.kind],
    enabled,
  }
}

function deviceOf(view: Awaited<ReturnType<Operations['devices']>>[number]): SecurityDevice {
  const { name, enabled, hasPassword, addresses, seen, weak } = view
  const password = seen?.mechanism ? `password, ${seen.mechanism}` : 'password'
  return {
    name,
    enabled,
    signsInBy: hasPassword ? password : `address ${addresses.join(', ')}`,
    tls: seen?.tls ?? '',
    lastSeen: seen?.lastSeen,
    weak,
  }
}

/** Who set it last: the newest entry of the audit that changed this key, or made the row that has it. */
function attributed(
  { key, what, until }: ReturnType<typeof weakeningsOf>[number],
  settings: Settings,
): SecurityWeakening {
  const row = /^\w+ "(?:[^"\\]|\\.)*"/.exec(key)?.[0]
  const keys = new Set([key, ...(row === undefined ? [] : [row])])
  const found = settings
    .audit(20, { text: row ?? key.split(' ')[0] })
    .find(({ changes }) => changes.some((change) => keys.has(change.what)))
  return { what, until, by: found && { who: found.who, at: found.at } }
}

const operatorOf = ({ name, role, hasSecondFactor }: OperatorView): SecurityOperator => ({
  name,
  role,
  hasSecondFactor,
})

function versions(): SecurityFacts['versions'] {
  return {
    inkpost: build.version,
    built: build.date,
    node: process.versions.node,
    openssl: process.versions.openssl,
    packages: packages(),
  }
}

/** Beside the bundle; from sources there is none. */
function packages(): readonly string[] {
  const file = fileURLToPath(new URL('./THIRD-PARTY-NOTICES.txt', import.meta.url))
  if (!existsSync(file)) return []
  const text = `\n${'-'.repeat(78)}\n\n${readFileSync(file, 'utf8')}`
  return [...text.matchAll(/\n-{78}\n\n(\S+ \S+ \([^)\n]+\))\n/g)].map(([, name = '']) => name)
}
