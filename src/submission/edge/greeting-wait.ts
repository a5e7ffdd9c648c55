import type { ListenerSetup } from '../../core/setup.ts'
import type { ClientMemory } from '../../core/spool.ts'

/** Silence on a TLS port after which a plain client is supposed, which waits for its 220. */
const implicitSilenceMs = 2000
/** A client that began with TLS before is given this long to do so again. */
const knownTlsMs = 5000
const unknownMs = 300
const loopbackMs = 20

/**
 * How long the banner waits for the client to speak first, in ms. A ClientHello that crosses our banner on its way
 * spoils the handshake, hence the waits; whoever is known to speak SMTP waits for nothing. Loopback has no delay on the
 * line and many clients behind one address: nothing is remembered of it.
 */
export function greetingWait(
  security: ListenerSetup['security'],
  isLoopback: boolean,
  known: ClientMemory['speaksFirst'] | undefined,
): number {
  if (security === 'implicit') return implicitSilenceMs
  if (isLoopback) return loopbackMs
  switch (known) {
    case 'smtp':
      return 0
    case 'tls':
      return knownTlsMs
    case 'nothing':
    case undefined:
      return unknownMs
  }
}
