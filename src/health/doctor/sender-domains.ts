import { domainOf } from '../../core/address.ts'
import { senderFor } from '../../core/route.ts'
import type { DeviceSetup, Setup, UpstreamSetup } from '../../core/setup.ts'
import { servicesOf } from './service-findings.ts'

/** A domain that mail goes out from, and the ways out that it takes. */
export interface SenderDomain {
  readonly domain: string
  readonly upstreams: readonly UpstreamSetup[]
}

/** Every domain that a service sees as From, each once. */
export function senderDomainsOf(setup: Setup): readonly SenderDomain[] {
  const found = new Map<string, UpstreamSetup[]>()
  for (const upstream of servicesOf(setup)) {
    for (const domain of domainsVia(setup, upstream)) {
      if (isOwned(domain)) found.set(domain, [...(found.get(domain) ?? []), upstream])
    }
  }
  return [...found].map(([domain, upstreams]) => ({ domain, upstreams }))
}

function domainsVia(setup: Setup, upstream: UpstreamSetup): ReadonlySet<string> {
  const devices: readonly (DeviceSetup | undefined)[] = [
    ...setup.devices.filter(
      ({ enabled, route }) => enabled && (route === undefined || route.includes(upstream.name)),
    ),
    ...(setup.gateway.sender === undefined ? [] : [undefined]),
  ]
  const senders = devices.flatMap((device) => senderFor(setup, device, undefined, upstream).sender ?? [])
  const own = upstream.sender === undefined ? [] : [upstream.sender]
  const patterns = upstream.senders.filter((pattern) => pattern.includes('@'))
  return new Set([
    ...[...senders, ...own].map(domainOf),
    ...patterns.map((pattern) => pattern.slice(pattern.lastIndexOf('@') + 1).toLowerCase()),
  ])
}

/** Domains of Azure and of tenants are Microsoft's to set up; names of the local network have no records. */
const isOwned = (domain: string): boolean =>
  domain.includes('.') &&
  !/(^|\.)(azurecomm\.net|onmicrosoft\.com|local|localhost|invalid|internal|lan)$/i.test(domain) &&
  !domain.startsWith('[')
