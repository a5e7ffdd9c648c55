import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { RestoreView, RestoreWish } from './core/backup-operations.ts'
import type { Clock } from './core/clock.ts'
import type { NameService } from './core/diagnosis.ts'
import type { HeadOffice } from './core/head-office.ts'
import type { Log } from './core/log.ts'
import type { Machine } from './core/machine.ts'
import type { ApplyResult, Done, Operations } from './core/operations.ts'
import { SpoolUnusable } from './core/spool.ts'
import type { Air } from './core/twin.ts'
import { watchNightlyCopies } from './gateway/backup/nightly-round.ts'
import { restoreOffline } from './gateway/backup/offline-restore.ts'
import { lookAtSpool, takeRestore, tellGivenUp, watchPutAside } from './gateway/backup/put-aside.ts'
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
import { ClaimFile } from './gateway/claim-file.ts'
import { hasData, takeDirectory } from './gateway/data-directory.ts'
import { type Doors, openDoors } from './gateway/doors.ts'
import { emptyFirstSetup, erasureText, factoryReset, isErasing } from './gateway/erasure.ts'
import { dropData, endErasure, eraseDataKeys } from './gateway/erasure-end.ts'
import { EventCounts } from './gateway/event-counts.ts'
import { exampleOf, type ReadyFacts } from './gateway/example.ts'
import { obeyFactoryFile } from './gateway/factory-reset.ts'
import { LazyFleet } from './gateway/fleet/lazy-fleet.ts'
import { keepHouse } from './gateway/housekeeping.ts'
import { watchLamp } from './gateway/lamp-care.ts'
import { liveOperations } from './gateway/live-operations.ts'
import { offlineOperations } from './gateway/offline-operations.ts'
import { obeyResetFile, tellReset } from './gateway/physical-reset.ts'
import { RecentLog } from './gateway/recent-log.ts'
import { restWhenQuiet } from './gateway/rest.ts'
import { type Rooms, startRooms } from './gateway/rooms.ts'
import { applyResult } from './gateway/settings-operations.ts'
import type { StandInOptions, StandInWorld } from './gateway/stand-in.ts'
import { UpdateCare } from './gateway/update-care.ts'
import { build } from './platform/build.ts'
import { systemClock } from './platform/clock.ts'
import { giveBackMemory } from './platform/idle-memory.ts'
import { teeLog } from './platform/log.ts'
import { machineService, noMachine } from './platform/machine-service.ts'
import { StatusLamp } from './platform/status-lamp.ts'
import { scratchSettings } from './settings/scratch-settings.ts'

export interface GatewayOptions {
  readonly dataDir: string
  readonly log: Log
  /** A setup document to apply on first boot (`INKPOST_SETUP`, `INKPOST_BOOT`). */
  readonly setupFile: string | undefined
  /** Whether a box without a setup starts without that document too: the one of the boot partition (`INKPOST_BOOT`). */
  readonly maySetupBeAbsent?: boolean
  /** Of systemd (`RUNTIME_DIRECTORY`): where the screen of the box finds what it shows. Undefined: nobody has one. */
  readonly runtimeFolder?: string | undefined
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
  /** Where the kernel's files are; absent: nobody looks at the machine. */
  readonly machineRoot?: string
  /** The machine service; absent: none is asked. */
  readonly machine?: Machine
  /** The LAN in which other boxes of this identity are looked for. */
  readonly air?: () => Promise<Air>
}

/** Disposing stops accepting, finishes or abandons what is in flight and closes the databases. */
export interface RunningGateway extends AsyncDisposable {
  readonly operations: Operations
  /** Resolves when it can't go on and has to be started anew. */
  readonly failed: Promise<Error>
  /** Resolves when it is to be closed: and opened again, to take a restore that was staged; or for ever, decommissioned. */
  readonly again: Promise<'again' | 'over'>
}

/** The machine that the program runs on. */
const machineWorld = (): GatewayWorld => ({
  clock: systemClock(build.date),
  machineRoot: '/',
  machine: machineService(),
})

/** How long open sessions and sends may take to end before they are cut off. */
const stopWithinMs = 8000
/** Less than that for sends: what is cut off has to be written down, and connections closed. */
const wireGraceMs = 6000
const longestLampMs = 500

/**
 * Opens the house: databases, rooms, doors, in this order; `onReady` when every listener accepts. Rejects with a sentence
 * for the person who typed the command (`StartRefused`).
 */
export async function startGateway(
  options: GatewayOptions,
  world: GatewayWorld = machineWorld(),
): Promise<RunningGateway> {
  const { dataDir } = options
  const { clock } = world
  const counts = new EventCounts()
  const recent = new RecentLog(() => clock.wall())
  const log = teeLog(options.log, counts, recent)
  const failed = Promise.withResolvers<Error>()
  const stopping = new AbortController()
  await using opened = new AsyncDisposableStack()
  // Declared last, disposed first, whatever fails: nothing that is closed waits for a watch that nobody told to end.
  using ending = new DisposableStack()
  ending.defer(() => stopping.abort(new Error('stopping')))
  const machine = world.machine ?? noMachine
  const lamp = new StatusLamp(machine, log)
  void lamp.show('starting')
  const brokenOff = erasureText(dataDir)
  // After a power cut: what a new box begins with is not what the old one was. Before its mark goes.
  if (brokenOff !== undefined) emptyFirstSetup(options.setupFile, brokenOff)
  opened.use(await takeDirectory(dataDir))
  const erasure = { dataDir, machine, log, setupFile: options.setupFile }
  if (brokenOff !== undefined) await dropData(erasure)
  // Behind everything that is open, before the directory is given up.
  opened.defer(() => endErasure(erasure))
  const restore = await takeRestore(dataDir)
  if (restore === 'taken') log.write('info', 'restore-taken')
  if (restore === 'given-up') log.write('warn', 'restore-given-up')
  const stores = opened.use(
    await openStores({
      dataDir,
      profile: profileOf(dataDir),
      clock,
      setupFile: options.setupFile,
      maySetupBeAbsent: options.maySetupBeAbsent ?? false,
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
  const factory = await obeyFactoryFile(stores, options.setupFile, log)
  if (factory.kind === 'erasing') {
    // Everything closes, the data goes, and the house is opened anew as on the first day.
    ending.dispose()
    await opened.disposeAsync()
    return startGateway(options, world)
  }
  const rooms = await startRooms({
    stores,
    clock,
    log,
    bootId: bootId(),
    signal: stopping.signal,
    machine,
    wireGraceMs: world.wireGraceMs ?? wireGraceMs,
    machineRoot: world.machineRoot,
    names: world.names,
    air: world.air,
  }).catch((error: unknown) => {
    throw error instanceof SpoolUnusable ? spoolRefused(dataDir, error) : error
  })
  opened.defer(() => rooms.stop(AbortSignal.timeout(stopWithinMs)))
  const fleet = new LazyFleet({ stores, rooms, clock, log, signal: stopping.signal })
  opened.defer(() => fleet.settled())
  if (deafListeners(rooms).length > 0) await fleet.mendStart()
  refuseDeafListeners(rooms)
  await tellReset({ ...rooms, stores, clock, log }, refusal ?? factory.refusal)
  await tellGivenUp(dataDir, rooms.alerts)
  const putAside = watchPutAside({ dataDir, alerts: rooms.alerts, clock, log }, stopping.signal)
  opened.defer(() => putAside)
  const again = Promise.withResolvers<'again' | 'over'>()
  const backup = {
    ...backupWorld(dataDir, stores, clock, stopping.signal),
    machine,
    onStaged: () => again.resolve('again'),
  }
  const nightly = watchNightlyCopies({ ...backup, alerts: rooms.alerts, log })
  opened.defer(() => nightly)
  let doors: Doors | undefined
  const consoleUrl = (): string => doors?.consoleUrl() ?? ''
  const updates = new UpdateCare({
    ...rooms,
    stores,
    machine,
    clock,
    log,
    consoleUrl,
    signal: stopping.signal,
  })
  opened.use(updates)
  const operations = liveOperations({
    stores,
    rooms,
    clock,
    startedAt: clock.wall(),
    consoleUrl,
    names: world.names,
    backup,
    onReset: () => again.resolve('again'),
    end: { log, machine, setupFile: options.setupFile, onBegun: () => again.resolve('over') },
    recentLog: () => recent.lines(),
    machine,
    updates: updates.operations,
    fleet,
  })
  doors = opened.use(
    await openDoors({ dataDir, operations, rooms, stores, log, clock, counts, signal: stopping.signal }),
  )
  if (options.runtimeFolder !== undefined) {
    const { serveScreen } = await import('./gateway/screen-socket.ts')
    const shown = { setup: () => stores.settings.setup, claim: () => stores.operators.claim() }
    const record = (who: string, what: string) => stores.settings.record(who, [what])
    const menu = { people: stores.operators, network: operations, record }
    opened.use(await serveScreen(options.runtimeFolder, { ...rooms, ...shown, consoleUrl, clock, log, menu }))
  }
  fleet.follow()
  opened.defer(stores.settings.onChange(() => fleet.follow()))
  const claim = () => stores.operators.claim()
  const claimFile = new ClaimFile({ machine, clock, log, signal: stopping.signal, claim, consoleUrl })
  void claimFile.follow()
  opened.defer(stores.settings.onChange(() => void claimFile.follow()))
  updates.follow()
  opened.defer(stores.settings.onChange(() => updates.follow()))
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
  opened.defer(() => lampAtRest(lamp))
  const isClaimed = () => stores.operators.claim().kind === 'claimed'
  const shown = watchLamp({ lamp, clock, alerts: rooms.alerts, isClaimed }, stopping.signal)
  opened.defer(() => shown)
  const stack = opened.move()
  const ends = ending.move()
  return {
    operations,
    failed: failed.promise,
    again: again.promise,
    async [Symbol.asyncDispose]() {
      ends.dispose()
      stores.spool.stopWaiting()
      await stack.disposeAsync()
    },
  }
}

/** A stop does not wait for a lamp. */
async function lampAtRest(lamp: StatusLamp): Promise<void> {
  await Promise.race([lamp.show('stopped'), setTimeout(longestLampMs, undefined, { ref: false })])
}

/**
 * An address that the machine lacks makes none of them: a lease may come later than the box, a setup of another box may name
 * it, and nobody could mend that without the console.
 */
const deafListeners = ({ submission }: Rooms) =>
  submission
    .listeners()
    .filter(({ state, isAddressAbsent }) => state === 'failed' && isAddressAbsent !== true)

/** 'ready' means that every listener accepts: a port that is in use ends the start. */
function refuseDeafListeners(rooms: Rooms): void {
  const deaf = deafListeners(rooms)
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

/** Of head office: no box is needed for it. */
export const headOffice = async (): Promise<HeadOffice> =>
  (await import('./gateway/fleet/head-office.ts')).headOffice

export { oldBoxInFolder } from './gateway/backup/old-box-folder.ts'
/** Ends a decommission that a power cut broke off; what its owner is told, undefined where there was none. */
export async function finishDecommission(
  dataDir: string,
  setupFile: string | undefined,
  machine: Machine = machineService(),
): Promise<string | undefined> {
  const text = erasureText(dataDir)
  if (text === undefined) return undefined
  emptyFirstSetup(setupFile, text)
  using _ = await takeDirectory(dataDir)
  // It may have been broken off before that.
  const left = text === factoryReset ? '' : await eraseDataKeys(machine, silent)
  await dropData({ machine, log: silent })
  return `${text}${left}`
}

/** Of a command: what a person has to know stands in its text. */
const silent: Log = { write: () => {} }

export { hasData }

/** What copies and restores need of an open directory. */
const backupWorld = (dataDir: string, stores: Stores, clock: Clock, signal: AbortSignal) => ({
  profile: profileOf(dataDir),
  ...stores,
  clock,
  signal,
  presentSpool: () => lookAtSpool(join(dataDir, 'spool.db')),
})

/** `setupFile`: of `INKPOST_SETUP`, which a decommission empties. */
type OfflineWorld = Partial<Pick<GatewayWorld, 'clock' | 'names' | 'machine'>> & {
  readonly setupFile?: string | undefined
}

/** In the place of a gateway whose data directory can't be used; loaded where that is so. */
export async function standIn(
  options: StandInOptions,
  world: Pick<StandInWorld, 'clock' | 'machine' | 'places'> = machineWorld(),
): Promise<'again' | 'stopped'> {
  const { standIn: stand } = await import('./gateway/stand-in.ts')
  return await stand(options, { ...world, look: () => lookAtDirectory(options.dataDir) })
}

/** Why a gateway can't start there; an empty directory is left empty, as its first start applies the first setup. */
async function lookAtDirectory(dataDir: string): Promise<string | undefined> {
  // The start ends that, and empties the first setup document with it.
  if (isErasing(dataDir)) return undefined
  try {
    await using opened = new AsyncDisposableStack()
    if (hasData(dataDir)) opened.use(await openOffline(dataDir))
    else opened.use(await takeDirectory(dataDir))
    return undefined
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error
    return error.message
  }
}

/** The databases without a gateway: settings, queue and history by hand. Rejects with a sentence for a person. */
export async function openOffline(
  dataDir: string,
  { clock = systemClock(build.date), names, machine = machineService(), setupFile }: OfflineWorld = {},
): Promise<Operations & AsyncDisposable> {
  await using opened = new AsyncDisposableStack()
  const brokenOff = erasureText(dataDir)
  if (brokenOff !== undefined) emptyFirstSetup(setupFile, brokenOff)
  opened.use(await takeDirectory(dataDir))
  if (brokenOff !== undefined) {
    await dropData({ machine, log: silent })
    throw new StartRefused(`the box of ${dataDir} was decommissioned: its data is gone`)
  }
  opened.defer(() => endErasure({ dataDir, machine, log: silent, setupFile }))
  await takeRestore(dataDir)
  const stores = opened.use(await openStores({ dataDir, profile: profileOf(dataDir), clock }))
  const stopping = new AbortController()
  opened.defer(() => stopping.abort(new Error('stopping')))
  const backup = {
    ...backupWorld(dataDir, stores, clock, stopping.signal),
    machine,
    // The next opening takes it.
    onStaged: () => {},
  }
  const stack = opened.move()
  return {
    ...offlineOperations(
      stores,
      clock,
      backup,
      { log: silent, machine, setupFile, onBegun: () => {} },
      names,
    ),
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
