import type { UpstreamKind } from '../../core/setup.ts'

/** Services of Azure Communication Services. */
export const acsKinds: ReadonlySet<UpstreamKind> = new Set(['acs-email', 'acs-smtp'])

/** Services of Exchange Online. */
export const exchangeKinds: ReadonlySet<UpstreamKind> = new Set([
  'exchange-smtp',
  'exchange-hve',
  'exchange-direct',
  'exchange-connector',
  'graph',
])

/** Those that know this box by its public address, or may. */
export const tenantHostKinds: ReadonlySet<UpstreamKind> = new Set(['exchange-direct', 'exchange-connector'])
