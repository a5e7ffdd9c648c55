import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import tls from 'node:tls'

export type Trust =
  /** `ca` undefined: the runtime's own roots. */
  | { readonly kind: 'trust'; readonly ca: string[] | undefined }
  | { readonly kind: 'unreadable'; readonly detail: string }

/**
 * The roots for a way out. `ca` of a TLS socket replaces the runtime's roots, so an extra file is added to them: trust is
 * only ever added.
 */
export function loadTrust(caFile: string): Trust {
  if (caFile === '') return { kind: 'trust', ca: undefined }
  try {
    return { kind: 'trust', ca: [...tls.getCACertificates('default'), readFileSync(caFile, 'utf8')] }
  } catch (error) {
    return { kind: 'unreadable', detail: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * Connections for HTTPS ways out. An agent of our own keeps the libraries from obeying HTTPS_PROXY and the like: only
 * the setup document's `proxy` counts. Idle connections end before the service (4 minutes at Azure's front) ends them.
 */
export function httpsAgent(ca: string[] | undefined, proxy: string): Agent {
  return new Agent({
    keepAlive: true,
    timeout: 30_000,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(ca ? { ca } : {}),
    ...(proxy === '' ? {} : { proxyEnv: { HTTPS_PROXY: proxy } }),
  })
}
