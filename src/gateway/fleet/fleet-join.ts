import type { Clock } from '../../core/clock.ts'
import type { BoxFacts, FleetOperations, FleetView } from '../../core/fleet.ts'
import type { Log } from '../../core/log.ts'
import { isForTwins } from '../../core/twin.ts'
import type { UpstreamStatus } from '../../delivery/delivery.ts'
import { identityText } from '../../fleet/box-identity.ts'
import { build } from '../../platform/build.ts'
import { siteBlocks } from '../../platform/network.ts'
import type { Stores } from '../boot.ts'
import type { Rooms } from '../rooms.ts'
import { DeafListeners } from './deaf-listeners.ts'
import { FleetBoxes } from './fleet-boxes.ts'
import { type Condition, FleetCare } from './fleet-care.ts'
import { fleetIdentity } from './fleet-memory.ts'

export interface FleetParts {
  readonly stores: Stores
  readonly rooms: Rooms
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

export interface JoinedFleet extends Omit<FleetOperations, 'managed'> {
  /** Whether a bundle on trial was given back because listeners could not be opened with it. */
  mendStart(): Promise<boolean>
  watch(signal: AbortSignal): Promise<void>
}

/** What a running gateway does for its head office, and with other boxes. */
export function joinFleet({ stores, rooms, clock, log, signal }: FleetParts): JoinedFleet {
  const { settings, records } = stores
  const { alerts, cures } = rooms
  const listeners = new DeafListeners(clock, () => siteBlocks().length > 0)
  const care = new FleetCare({
    settings,
    records,
    cures,
    clock,
    log,
    alerts,
    signal,
    random: Math.random,
    ownNetworks: siteBlocks,
    settle: async () => {
      await rooms.submission.reload()
      await rooms.delivery.follow()
    },
    condition: () => conditionOf(stores, rooms, listeners),
    facts: () => factsOf(stores, rooms),
  })
  const boxes = new FleetBoxes({ settings, clock, log, alerts, signal })
  return {
    mendStart: () => care.mendStart(),
    watch: async (within) => void (await Promise.all([care.watch(within), boxes.watch(within)])),
    fleet: () => care.view(),
    pullFleet: async (who) => {
      if ((settings.setup.fleet?.url ?? '') === '')
        return { kind: 'refused', reason: 'this box has no head office: see [fleet] in docs/reference.md' }
      settings.record(who, ['fleet: looked for what head office publishes'])
      await care.pull()
      return { kind: 'done', view: await care.view() }
    },
    fleetIdentity: async () => identityAnswer(stores),
    fleetBoxes: async () => {
      boxes.refresh()
      return boxes.list()
    },
  }
}

export function identityAnswer({ records }: Pick<Stores, 'records'>) {
  const own = fleetIdentity(records)
  return own
    ? ({ kind: 'done', identity: identityText(own) } as const)
    : ({ kind: 'refused', reason: 'the vault is locked: put the right vault.key back' } as const)
}

async function conditionOf(
  { spool }: Stores,
  { submission, delivery }: Rooms,
  listeners: DeafListeners,
): Promise<Condition> {
  const ways = delivery.status(await spool.counts()).filter(({ state }) => state !== 'retired')
  const names = (rows: readonly { readonly name: string }[]) => rows.map(({ name }) => name)
  return {
    ...listeners.look(submission.listeners()),
    sends: names(ways.filter(({ state }) => state !== 'paused')),
    paused: names(ways.filter((way) => way.state === 'paused' && !isHeld(way))),
    held: names(ways.filter((way) => way.state === 'paused' && isHeld(way))),
  }
}

const isHeld = ({ byOperator, pauses }: Pick<UpstreamStatus, 'byOperator' | 'pauses'>): boolean =>
  byOperator || pauses.some(isForTwins)

async function factsOf({ spool, settings }: Stores, { delivery, alerts }: Rooms): Promise<BoxFacts> {
  const counts = await spool.counts()
  const active = alerts.active()
  const open = ['queued', 'sending', 'indeterminate', 'deferred', 'held', 'collecting'] as const
  return {
    name: settings.setup.gateway.name,
    version: build.version,
    alarms: active.filter(({ severity }) => severity === 'alarm').length,
    warnings: active.filter(({ severity }) => severity === 'warning').length,
    waiting: open.reduce((sum, state) => sum + (counts.byState[state] ?? 0), 0),
    paused: delivery.status(counts).filter(({ state }) => state === 'paused').length,
  }
}

/** Of a box whose gateway does not run. */
export const offView = (stores: Pick<Stores, 'settings'>): FleetView => ({
  state: stores.settings.managed === undefined ? 'off' : 'current',
  reason: undefined,
  detail: '',
  managed: stores.settings.managed,
  canary: stores.settings.setup.fleet?.canary ?? false,
  published: undefined,
  takenAt: undefined,
  healthySince: undefined,
  pulledAt: undefined,
  pullTrouble: '',
  toldAt: undefined,
  tellTrouble: '',
  box: {
    name: stores.settings.setup.gateway.name,
    version: build.version,
    alarms: 0,
    warnings: 0,
    waiting: 0,
    paused: 0,
  },
})
