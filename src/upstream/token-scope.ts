import type { UpstreamSetup } from '../core/setup.ts'
import { acsScope } from './acs-credential.ts'
import { graphScopeOf } from './graph-cloud.ts'
import { smtpKinds } from './smtp-kinds.ts'

/** What a way out asks tokens for; empty where its kind takes none. */
export function tokenScopeOf({ kind, endpoint }: Pick<UpstreamSetup, 'kind' | 'endpoint'>): string {
  switch (kind) {
    case 'outbox':
      return ''
    case 'acs-email':
      return acsScope
    case 'graph':
      return graphScopeOf(endpoint)
    default:
      return smtpKinds[kind].scope
  }
}
