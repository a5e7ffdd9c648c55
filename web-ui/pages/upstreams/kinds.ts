import type { UpstreamKind } from '../../../src/core/setup.ts'

/** What most people need first. */
export const upstreamKinds = [
  'acs-email',
  'exchange-smtp',
  'graph',
  'exchange-connector',
  'exchange-direct',
  'exchange-hve',
  'acs-smtp',
  'smarthost',
  'outbox',
] as const satisfies readonly UpstreamKind[]
