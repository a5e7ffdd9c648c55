import { type Destination as Dialled, destinationsOf as everyDestination } from '../../core/destinations.ts'
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

/** Every place of the enabled ways out and the alerts that can be looked at, each once, in the order of the setup. */
export function destinationsOf(setup: Setup): readonly Destination[] {
  const found = new Map<string, Destination>()
  for (const dialled of everyDestination(setup)) {
    const place = lookable(dialled, setup)
    if (!place) continue
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

/** The proxy is in front of the others; places for copies and updates have their own trust, and tests of their own. */
type Untested = 'proxy' | 'backup' | 'update'

const isUntested = (purpose: Dialled['purpose']): purpose is Untested =>
  purpose === 'proxy' || purpose === 'backup' || purpose === 'update'

/** Undefined for what has no greeting and no certificate, or is not tested here. */
function lookable(dialled: Dialled, { upstreams, alerts }: Setup): Destination | undefined {
  const { host, port, speaks, purpose } = dialled
  if (isUntested(purpose) || (speaks !== 'smtp' && speaks !== 'https')) return undefined
  const upstream = upstreams.find(({ name }) => name === dialled.upstream)
  const name = upstream?.name ?? ''
  return {
    host,
    port,
    speaks,
    security: speaks === 'smtp' ? (upstream?.security ?? 'starttls') : 'implicit',
    caFile: upstream?.caFile ?? alerts.caFile,
    uses: [uses[purpose](name)],
    upstreams: purpose === 'mail' || purpose === 'sign-in' ? [name] : [],
  }
}

const uses: Readonly<Record<Exclude<Dialled['purpose'], Untested>, (upstream: string) => string>> = {
  mail: (name) => name,
  'sign-in': (name) => `the sign-in of ${name}`,
  renewal: (name) => `the renewal of the certificate of ${name}`,
  reports: (name) => `the delivery reports of ${name}`,
  alerts: () => 'alerts',
}
