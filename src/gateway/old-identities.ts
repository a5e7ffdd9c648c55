import type { ServerCertificates, ServerNames } from '../certificates/server-identity.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { OldIdentity } from '../core/server-identity.ts'
import type { Setup } from '../core/setup.ts'
import { second } from '../core/time.ts'
import { ownAddresses } from '../platform/network.ts'

/** After 'ready', so that keys do not compete with the start for a small machine's cores. */
const prepareAfterMs = 5 * second

/** Which of the old identities this setup may be asked for. */
export function neededIdentities({ gateway, devices, listeners }: Setup): readonly OldIdentity[] {
  if (gateway.weakestTls === 'modern') return []
  const isVintage =
    gateway.weakestTls === 'vintage' && [...devices, ...listeners].some(({ tls }) => tls === 'vintage')
  const isSmall = devices.some(({ certificate }) => certificate === 'sha1-1024')
  return [
    'sha1',
    ...(isSmall ? (['sha1-1024'] as const) : []),
    ...(isVintage ? (['vintage'] as const) : []),
    ...(isVintage && isSmall ? (['vintage-1024'] as const) : []),
  ]
}

export const namesOf = ({ gateway }: Setup): ServerNames => ({
  name: gateway.name,
  hostname: gateway.hostname,
  addresses: ownAddresses(),
})

interface OldIdentityParts {
  readonly servers: Pick<ServerCertificates, 'old'>
  readonly setup: () => Setup
  readonly names: () => ServerNames
  readonly clock: Clock
  readonly log: Log
}

/**
 * Makes what the setup may be asked for while nobody waits: a first handshake that has to make its keys takes seconds on
 * a small machine. Comes to its end when the signal aborts.
 */
export async function prepareOldIdentities(parts: OldIdentityParts, signal: AbortSignal): Promise<void> {
  const { servers, setup, names, clock, log } = parts
  await clock.sleep(prepareAfterMs, signal)
  for (const name of neededIdentities(setup())) {
    if (signal.aborted) return
    try {
      await servers.old(name, names())
    } catch (error) {
      log.write('error', 'certificate-not-made', { name, detail: String(error) })
    }
  }
}
