import type { Setup, UpstreamSetup } from '../../core/setup.ts'

/** A host and port that the setup lets the box connect to: nothing else is dialled. */
export interface Destination {
  readonly host: string
  readonly port: number
  readonly speaks: 'smtp' | 'https'
  readonly security: UpstreamSetup['security']
  /** Extra trust for it; the first that names the host counts. */
  readonly caFile: string
  /** In words, what goes there: `acs`, `the sign-in of acs`. */
  readonly uses: readonly string[]
  /** Ways out that can't send without it. */
  readonly upstreams: readonly string[]
}

export const placeOf = ({ host, port }: Pick<Destination, 'host' | 'port'>): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/** Every place of the enabled ways out and the alerts, each once, in the order of the setup. */
export function destinationsOf(setup: Setup): readonly Destination[] {
  const all = setup.upstreams
    .filter(({ enabled }) => enabled)
    .flatMap((upstream) => [...ownPlace(upstream), ...signInPlace(upstream), ...reportPlace(upstream)])
  const found = new Map<string, Destination>()
  for (const place of [...all, ...webhookPlace(setup)]) {
    const before = found.get(placeOf(place))
    found.set(placeOf(place), before ? joined(before, place) : place)
  }
  return [...found.values()]
}

const joined = (one: Destination, other: Destination): Destination => ({
  ...one,
  caFile: one.caFile || other.caFile,
  uses: [...new Set([...one.uses, ...other.uses])],
  upstreams: [...new Set([...one.upstreams, ...other.upstreams])],
})

function ownPlace(upstream: UpstreamSetup): readonly Destination[] {
  const { name, host, port, security, caFile, endpoint } = upstream
  if (endpoint !== '') return httpsPlace(endpoint, caFile, name, [name])
  if (host === '') return []
  return [{ host, port, speaks: 'smtp', security, caFile, uses: [name], upstreams: [name] }]
}

function signInPlace({ name, credential, authority, caFile, kind }: UpstreamSetup): readonly Destination[] {
  const isEntra = credential.kind === 'client-secret' || credential.kind === 'client-certificate'
  // A connector is shown the certificate itself.
  if (!isEntra || kind === 'exchange-connector') return []
  return httpsPlace(authority, caFile, `the sign-in of ${name}`, [name])
}

const reportPlace = ({ name, reportsQueue, caFile }: UpstreamSetup): readonly Destination[] =>
  httpsPlace(reportsQueue, caFile, `the delivery reports of ${name}`, [])

const webhookPlace = ({ alerts }: Setup): readonly Destination[] =>
  alerts.webhook.startsWith('https://') ? httpsPlace(alerts.webhook, '', 'alerts', []) : []

function httpsPlace(
  url: string,
  caFile: string,
  use: string,
  upstreams: readonly string[],
): readonly Destination[] {
  if (url === '' || !URL.canParse(url)) return []
  const { hostname, port } = new URL(url)
  return [
    {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? 443 : Number(port),
      speaks: 'https',
      security: 'implicit',
      caFile,
      uses: [use],
      upstreams,
    },
  ]
}
