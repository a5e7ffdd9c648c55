import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Secrets } from '../core/secret.ts'
import type { GatewaySetup } from '../core/setup.ts'
import type { ClientIdentity, Outbox } from '../core/upstream.ts'
import type { MemoryBudget } from '../platform/memory-budget.ts'
import type { TokenSource } from './token-source.ts'

/** What the drivers need of the rest of the house. */
export interface UpstreamParts {
  readonly gateway: Pick<GatewaySetup, 'hostname' | 'proxy'>
  readonly clock: Clock
  readonly log: Log
  readonly memory: MemoryBudget
  readonly secrets: Secrets
  readonly identity: ClientIdentity
  /** One for all ways out: tokens of the same app are shared. */
  readonly tokens: TokenSource
  readonly outbox: Outbox
}
