import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import tls, { type SecureContext } from 'node:tls'
import { isPem } from '../core/pem.ts'

export type Trust =
  /** `context` undefined: the runtime's own roots, which it keeps once for everybody. */
  | { readonly kind: 'trust'; readonly context: SecureContext | undefined }
  | { readonly kind: 'unreadable'; readonly detail: string }

interface KnownTrust {
  readonly pem: string
  readonly context: SecureContext
}

/** One context for each file, as long as its content stays: a context of its own for every connection costs megabytes. */
const known = new Map<string, KnownTrust>()

/**
 * The roots for a way out. `ca` of a TLS context replaces the runtime's roots, so an extra file is added to them: trust is
 * only ever added.
 */
export function loadTrust(caFile: string): Trust {
  if (caFile === '') return { kind: 'trust', context: undefined }
  try {
    const pem = authoritiesIn(caFile)
    const before = known.get(caFile)
    const context = before?.pem === pem ? before.context : contextWith(pem)
    known.set(caFile, { pem, context })
    return { kind: 'trust', context }
  } catch (error) {
    return { kind: 'unreadable', detail: error instanceof Error ? error.message : String(error) }
  }
}

/** The settings name a file, or hold the text. */
const authoritiesIn = (caFile: string): string => (isPem(caFile) ? caFile : readFileSync(caFile, 'utf8'))

/** Those by the key's own certificate: one for each pair, as long as both files stay. */
const knownIdentities = new Map<string, KnownTrust>()

/** The roots for a way out, and the certificate that it shows who it is by. */
export function loadTrustWithIdentity(
  upstream: string,
  caFile: string,
  identity: { readonly keyPem: string; readonly certificatePem: string },
): Trust {
  try {
    const extra = caFile === '' ? '' : authoritiesIn(caFile)
    const pem = [extra, identity.keyPem, identity.certificatePem].join('\n')
    const before = knownIdentities.get(upstream)
    if (before?.pem === pem) return { kind: 'trust', context: before.context }
    const context = tls.createSecureContext({
      ...(extra === '' ? {} : { ca: rootsWith(extra) }),
      key: identity.keyPem,
      cert: identity.certificatePem,
      minVersion: 'TLSv1.2',
    })
    knownIdentities.set(upstream, { pem, context })
    return { kind: 'trust', context }
  } catch (error) {
    return { kind: 'unreadable', detail: error instanceof Error ? error.message : String(error) }
  }
}

/** The runtime's roots and one more. */
export const rootsWith = (pem: string): string[] => [...tls.getCACertificates('default'), pem]

const contextWith = (pem: string): SecureContext =>
  tls.createSecureContext({ ca: rootsWith(pem), minVersion: 'TLSv1.2' })

/**
 * Connections for HTTPS ways out. An agent of our own keeps the libraries from obeying HTTPS_PROXY and the like: only
 * the setup document's `proxy` counts. Idle connections end before the service (4 minutes at Azure's front) ends them.
 */
export function httpsAgent(context: SecureContext | undefined, proxy: string): Agent {
  return new Agent({
    keepAlive: true,
    timeout: 30_000,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(context ? { secureContext: context } : {}),
    ...(proxy === '' ? {} : { proxyEnv: { HTTPS_PROXY: proxy } }),
  })
}
