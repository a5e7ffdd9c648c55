import type { UpstreamSetup } from '../core/setup.ts'
import { kindFacts } from './upstream-kinds.ts'

/** A key without which a way out can't be used, and which only the service can tell. */
export type MissingKey = 'endpoint' | 'credential.tenant_id' | 'credential.client_id'

/** What an upstream still has to be told; while it is switched off that is no error (`azure-script` finds it). */
export function missingOf({ kind, endpoint, credential }: UpstreamSetup): readonly MissingKey[] {
  const isEntra =
    (credential.kind === 'client-certificate' || credential.kind === 'client-secret') &&
    kind !== 'exchange-connector'
  return [
    ...(kindFacts[kind].speaks === 'https' && endpoint === '' ? (['endpoint'] as const) : []),
    ...(isEntra && credential.tenantId === '' ? (['credential.tenant_id'] as const) : []),
    ...(isEntra && credential.clientId === '' ? (['credential.client_id'] as const) : []),
  ]
}
