import type { Clock } from '../core/clock.ts'
import type { StatusView } from '../core/operations.ts'
import type { WallMs } from '../core/time.ts'
import { build } from '../platform/build.ts'
import type { Stores } from './boot.ts'
import type { Rooms } from './rooms.ts'

export interface StatusParts {
  readonly stores: Stores
  readonly rooms: Rooms
  readonly clock: Clock
  readonly startedAt: WallMs
  /** Where the console is served now; empty where it is closed. */
  readonly consoleUrl: () => string
}

/** One screen of a running gateway. */
export async function liveStatus({
  stores,
  rooms,
  clock,
  startedAt,
  consoleUrl,
}: StatusParts): Promise<StatusView> {
  const { settings, spool } = stores
  const [counts, disk] = await Promise.all([spool.counts(), spool.isWritable()])
  const { setup } = settings
  const localName = rooms.localName.answered
  return {
    version: build.version,
    name: setup.gateway.name,
    ...(localName !== undefined && { localName }),
    running: true,
    since: startedAt,
    clock: { wall: clock.wall(), believable: clock.isBelievable() },
    console: consoleUrl(),
    listeners: rooms.submission.listeners().map(({ state: _, isAddressAbsent: __, detail, ...listener }) => ({
      ...listener,
      trouble: detail,
    })),
    upstreams: rooms.delivery.status(counts),
    queue: counts,
    disk,
    alerts: rooms.alerts.active(),
    vault: settings.vaultState.kind === 'open' ? 'open' : 'locked',
    takeOver: rooms.takeOver.open(),
    revision: settings.revision,
  }
}
