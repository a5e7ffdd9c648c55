import { join } from 'node:path'
import type { RestoreView, RestoreWish } from './core/backup-operations.ts'
import type { Clock } from './core/clock.ts'
import type { NameService } from './core/diagnosis.ts'
import type { Log } from './core/log.ts'
import type { Machine } from './core/machine.ts'
import type { ApplyResult, Done, Operations } from './core/operations.ts'
import { SpoolUnusable } from './core/spool.ts'
import { watchNightlyCopies } from './gateway/backup/nightly-round.ts'
import { restoreOffline } from './gateway/backup/offline-restore.ts'
import { lookAtSpool, takeRestore, tellPutAside } from './gateway/backup/put-aside.ts'
import {
  bootId,
  logFirstStart,
  openStores,
  profileOf,
  StartRefused,
  type StoreOptions,
  type Stores,
  spoolRefused,
} from './gateway/boot.ts'
import { takeDirectory } from './gateway/data-directory.ts'

import { type Doors, openDoors } from './gateway/doors.ts'
import { EventCounts } from './gateway/event-counts.ts'
import { exampleOf, type ReadyFacts } from './gateway/example.ts'
import { keepHouse } from './gateway/housekeeping.ts'
import { liveOperations } from './gateway/live-operations.ts'
import { offlineOperations } from './gateway/offline-operations.ts'
import { obeyResetFile, tellReset } from './gateway/physical-reset.ts'
import { RecentLog } from './gateway/recent-log.ts'
import { restWhenQuiet } from './gateway/rest.ts'
import { type Rooms, startRooms } from './gateway/rooms.ts'
import { applyResult } from './gateway/settings-operations.ts'
import { build } from './platform/build.ts'
import { systemClock } from './platform/clock.ts'
import { giveBackMemory } from './platform/idle-memory.ts'
import { teeLog } from './platform/log.ts'
import { machineService } from './platform/machine-service.ts'
import { scratchSettings } from './settings/scratch-settings.ts'

export interface GatewayOptions {
  readonly dataDir: string
  readonly log: Log
  /** A setup document to apply on first boot (`INKPOST_SETUP`). */
  readonly setupFile: string | undefined
  /** An empty box starts with an example device; `onReady` is told of it. */
  readonly withExample: boolean
  onReady(facts: ReadyFacts): void
}

/** What a test may put in the place of the machine's. */
export interface GatewayWorld {
  readonly clock: Clock
  readonly spool?: StoreOptions['spool']
  readonly wireGraceMs?: number
  /** What the doctor asks in the place of the machine's DNS. */
  readonly names?: NameService
  /** What does root's work; absent: the machine service of this machine. */
  readonly machine?: Machine
}

/** Disposing stops accepting, finishes or abandons what is in flight and closes the databases. */
export interface RunningGateway extends AsyncDisposable {
  readonly operations: Operations
  /** Resolves when it can't go on and has to be started anew. */
  readonly failed: Promise<Error>
  /** Resolves when it is to be closed and opened again, to take a restore that was staged. */
  readonly again: Promise<'again'>
}

/** How long open sessions and sends may take to end before they are cut off. */
const stopWithinMs = 8000
/** Less than that for sends: what is cut off has to be written down, and connections closed. */
const wireGraceMs = 6000

/**
 * Opens the house: databases, rooms, doors, in this order; `onReady` when every listener accepts. Rejects with a sentence
 * for the person who typed the command (`StartRefused`).
 */
export async function startGateway(
  options: GatewayOptions,
  world: GatewayWorld = { clock: systemClock(build.date) },
): Promise<RunningGateway> {
  const { dataDir } = options
  const { clock } = world
  const machine = world.machine ?? machineService()
  const counts = new EventCounts()
  const recent = new RecentLog(() => clock.wall())
  const log = teeLog(options.log, counts, recent)
  const failed = Promise.withResolvers<Error>()
  const stopping = new AbortController()
  await using opened = new AsyncDisposableStack()
  // Declared last, disposed first, whatever fails: nothing that is closed waits for a watch that nobody told to end.
  using ending = new DisposableStack()
  ending.defer(() => stopping.abort(new Error('stopping')))
  opened.use(await takeDirectory(dataDir))
  if (await takeRestore(dataDir)) log.write('info', 'restore-taken')
  const stores = opened.use(
    await openStores({
      dataDir,
      profile: profileOf(dataDir),
      clock,
      setupFile: options.setupFile,
      isEmbedded: options.withExample,
      onSpoolFailure(failure) {
        log.write('error', 'spool-thread-failed', { detail: String(failure.cause) })
        failed.resolve(failure)
      },
      ...(world.spool === undefined ? {} : { spool: world.spool }),
    }),
  )
  logFirstStart(stores.firstStart, log)
  const refusal = await obeyResetFile(stores, options.setupFile, log)
  const rooms = await startRooms({
    stores,
    clock,
    log,
    bootId: bootId(),
    signal: stopping.signal,
    machine,
    wireGraceMs: world.wireGraceMs ?? wireGraceMs,
  }).catch((error: unknown) => {
    throw error instanceof SpoolUnusable ? spoolRefused(dataDir, error) : error
  })
  opened.defer(() => rooms.stop(AbortSignal.timeout(stopWithinMs)))
  refuseDeafListeners(rooms)
  await tellReset({ ...rooms, stores, clock, log }, refusal)
  await tellPutAside(dataDir, rooms.alerts)
  const again = Promise.withResolvers<'again'>()
  const backup = {
    ...backupWorld(dataDir, stores, clock, stopping.signal),
    onStaged: () => again.resolve('again'),
  }
  const nightly = watchNightlyCopies({ ...backup, alerts: rooms.alerts, log })
  opened.defer(() => nightly)
  let doors: Doors | undefined
  const consoleUrl = (): string => doors?.consoleUrl() ?? ''
  const operations = liveOperations({
    stores,
    rooms,
    clock,
    startedAt: clock.wall(),
    consoleUrl,
    names: world.names,
    backup,
    onReset: () => again.resolve('again'),
    recentLog: () => recent.lines(),
    machine,
  })
  doors = opened.use(
    await openDoors({ dataDir, operations, rooms, stores, log, clock, counts, signal: stopping.signal }),
  )
  const quiet = restWhenQuiet(
    {
      clock,
      work: () => counts.work + rooms.delivery.attempts(),
      isBusy: () => rooms.delivery.inFlight() > 0,
      rest: () => {
        stores.spool.rest()
        giveBackMemory()
      },
    },
    stopping.signal,
  )
  opened.defer(() => quiet)
  const house = keepHouse(
    {
      ...rooms,
      settings: stores.settings,
      physicalReset: stores.physicalReset,
      spool: stores.spool,
      clock,
      log,
      setup: () => stores.settings.setup,
    },
    stopping.signal,
  )
  opened.defer(() => house)
  options.onReady({
    listeners: rooms.submission.addresses(),
    console: consoleUrl(),
    example: options.withExample ? exampleOf(stores.settings) : undefined,
  })
  const stack = opened.move()
  const ends = ending.move()
  return {
    operations,
    failed: failed.promise,
    again: again.promise,
    async [Symbol.asyncDispose]() {
      ends.dispose()
      await stack.disposeAsync()
    },
  }
}

/** 'ready' means that every listener accepts: a port that is in use ends the start. */
function refuseDeafListeners(rooms: Rooms): void {
  const deaf = rooms.submission.listeners().filter(({ state }) => state === 'failed')
  if (deaf.length === 0) return
  throw new StartRefused(
    deaf
      .map(
        ({ name, address, port, detail }) =>
          `listener "${name}" can't open ${address} port ${port}: ${detail}`,
      )
      .join('\n'),
  )
}

export { hasData } from './gateway/data-directory.ts'

/** What copies and restores need of an open directory. */
const backupWorld = (dataDir: string, stores: Stores, clock: Clock, signal: AbortSignal) => ({
  profile: profileOf(dataDir),
  ...stores,
  clock,
  signal,
  presentSpool: () => lookAtSpool(join(dataDir, 'spool.db')),
})

/** The databases without a gateway: settings, queue and history by hand. Rejects with a sentence for a person. */
export async function openOffline(
  dataDir: string,
  { clock, names }: Pick<GatewayWorld, 'clock' | 'names'> = { clock: systemClock(build.date) },
): Promise<Operations & AsyncDisposable> {
  await using opened = new AsyncDisposableStack()
  opened.use(await takeDirectory(dataDir))
  await takeRestore(dataDir)
  const stores = opened.use(await openStores({ dataDir, profile: profileOf(dataDir), clock }))
  const stopping = new AbortController()
  opened.defer(() => stopping.abort(new Error('stopping')))
  const backup = {
    ...backupWorld(dataDir, stores, clock, stopping.signal),
    // The next opening takes it.
    onStaged: () => {},
  }
  const stack = opened.move()
  return {
    ...offlineOperations(stores, clock, backup, names),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Puts a backup in place where no gateway runs, whatever state the directory is in. Rejects with a sentence for a person. */
export const restoreBox = (
  dataDir: string,
  octets: AsyncIterable<Uint8Array>,
  wish: RestoreWish,
  who: string,
): Promise<Done<{ readonly restored: RestoreView }>> =>
  restoreOffline(dataDir, octets, wish, who, systemClock(build.date))

/** What a document would do on a box that has no data yet; makes nothing. */
export function checkAlone(dataDir: string, text: string): ApplyResult {
  const clock = systemClock(build.date)
  using settings = scratchSettings({
    profile: profileOf(dataDir),
    dataDirectory: dataDir,
    now: () => clock.wall(),
  })
  return applyResult(settings, text, { check: true, who: '' })
}
