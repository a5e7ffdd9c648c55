import type { UpstreamView } from '../core/operations.ts'
import type { UpstreamSetup } from '../core/setup.ts'

/** How an upstream is shown whose kind is not active yet: it takes no mail. */
export const inactiveUpstream = ({ name, kind }: UpstreamSetup): UpstreamView => ({
  name,
  kind,
  state: 'not active yet',
  reason: `${kind} is not active yet: it takes no mail`,
  remedy: '',
  inFlight: 0,
  waiting: 0,
  nextTryInMs: undefined,
  quota: [],
})
