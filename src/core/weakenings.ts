import { isPem } from './pem.ts'
import type { DeviceSetup, ListenerSetup, Setup, TlsFloor, UpstreamSetup } from './setup.ts'

/** Something that is less protected than it could be, because somebody set it so or left it so. */
export interface Weakening {
  /** As the audit names the key: `device "Front desk": tls`. */
  readonly key: string
  /** For a security officer. */
  readonly what: string
  /** Larger is weaker; compared under the same key and sentence object only. */
  readonly level: number
  /** A day on which it ends by itself, `2027-03-01`; empty: it does not. */
  readonly until: string
}

const tlsLevels: Readonly<Record<TlsFloor, number>> = { modern: 0, legacy: 1, vintage: 2 }
const tlsWords: Readonly<Record<TlsFloor, string>> = {
  modern: 'TLS 1.2 and up',
  legacy: 'TLS 1.0 and up',
  vintage: 'SSL 3.0, RC4 and 3DES too',
}

/** Everything of a setup that is worth a look, in the order of the document. */
export function weakeningsOf(setup: Setup): readonly Weakening[] {
  return [
    ...boxWeakenings(setup),
    ...setup.listeners.flatMap(listenerWeakenings),
    ...setup.devices.filter(({ enabled }) => enabled).flatMap(deviceWeakenings),
    ...setup.upstreams.filter(({ enabled }) => enabled).flatMap(upstreamWeakenings),
  ].filter(({ level }) => level > 0)
}

/** Whether anything is weaker in `next` than it was. */
export function isWeaker(previous: Setup, next: Setup): boolean {
  const before = new Map(weakeningsOf(previous).map((each) => [each.key, each]))
  return weakeningsOf(next).some((now) => {
    const was = before.get(now.key)
    return now.level > (was?.level ?? 0) || isLater(now.until, was?.until)
  })
}

/** It goes on for longer than it was to. */
const isLater = (until: string, was: string | undefined): boolean =>
  was !== undefined && was !== '' && (until === '' || until > was)

const weakening = (key: string, what: string, level: number, until = ''): Weakening => ({
  key,
  what,
  level,
  until,
})

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

function boxWeakenings({ gateway, console, alerts }: Setup): readonly Weakening[] {
  const networks = (key: string, list: readonly string[], verb: string) =>
    list
      .filter((network) => network !== 'attached' && !isLoopback(network))
      // Each a key of its own: one more is one more.
      .map((network) => weakening(`${key} ${network}`, `${network} ${verb}`, 1))
  const isOpen = !isLoopback(console.address)
  return [
    weakening(
      'gateway: weakest_tls',
      `Devices and listeners may be set to ${tlsWords[gateway.weakestTls]}`,
      tlsLevels[gateway.weakestTls],
    ),
    ...networks(
      'gateway: trusted_networks',
      gateway.trustedNetworks,
      'is trusted: devices may sign in from there',
    ),
    ...networks('console: networks', console.networks, 'may see the console'),
    weakening(
      'console: tls',
      'The console is served without encryption beyond this machine',
      isOpen && console.tls === 'off' ? 1 : 0,
    ),
    weakening(
      'console: second_factor',
      console.secondFactor === 'optional'
        ? 'No operator needs a second factor'
        : 'Technicians and viewers need no second factor',
      { all: 0, administrators: 1, optional: 2 }[console.secondFactor],
    ),
    weakening(
      'alerts: webhook',
      'Alerts are posted without encryption',
      alerts.webhook.startsWith('http:') ? 1 : 0,
    ),
  ]
}

function listenerWeakenings({ name, address, security, tls }: ListenerSetup): readonly Weakening[] {
  const where = `listener ${JSON.stringify(name)}`
  if (security === 'plain')
    return [
      weakening(`${where}: security`, `Listener "${name}" offers no encryption`, isLoopback(address) ? 0 : 3),
    ]
  return [weakening(`${where}: tls`, `Listener "${name}" takes ${tlsWords[tls]}`, tlsLevels[tls])]
}

function deviceWeakenings(device: DeviceSetup): readonly Weakening[] {
  const { name, tls, weakUntil, certificate } = device
  const where = `device ${JSON.stringify(name)}`
  const level = tls === undefined ? 0 : tls === 'plain' ? 3 : tlsLevels[tls]
  const words =
    tls === undefined ? '' : tls === 'plain' ? 'is not offered encryption' : `may use ${tlsWords[tls]}`
  return [
    weakening(`${where}: tls`, `${name} ${words}`, level, weakUntil),
    weakening(`${where}: password`, `${name} is known by its address alone`, device.password ? 0 : 1),
    weakening(
      `${where}: certificate`,
      `${name} is shown a certificate signed with SHA-1`,
      certificate === 'auto' ? 0 : 1,
    ),
    weakening(
      `${where}: allowed_recipients`,
      `${name} may write to anybody`,
      device.allowedRecipients.length === 0 ? 1 : 0,
    ),
  ]
}

function upstreamWeakenings({ name, security, kind, caFile, host }: UpstreamSetup): readonly Weakening[] {
  const where = `upstream ${JSON.stringify(name)}`
  const isPlain = kind === 'smarthost' && security === 'plain' && !isLoopback(host)
  return [
    weakening(`${where}: security`, `Mail leaves through ${name} without encryption`, isPlain ? 1 : 0),
    weakening(
      `${where}: ca_file`,
      `${name} is also trusted by ${isPem(caFile) ? 'certificates in the settings' : caFile}`,
      caFile === '' ? 0 : 1,
    ),
  ]
}
