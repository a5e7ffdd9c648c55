import { randomBytes } from 'node:crypto'
import { ClientIdentities } from '../certificates/client-identity.ts'
import { type AuthorityName, ServerCertificates } from '../certificates/server-identity.ts'
import { LiveHub } from '../console/live/hub.ts'
import type { CalendarEntry } from '../core/calendar.ts'
import type { Clock } from '../core/clock.ts'
import type { NameService } from '../core/diagnosis.ts'
import type { Log } from '../core/log.ts'
import type { Machine } from '../core/machine.ts'
import type { ServerIdentity } from '../core/server-identity.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import type { RecoveryReport } from '../core/spool.ts'
import type { Air } from '../core/twin.ts'
import type { Upstream } from '../core/upstream.ts'
import { type Delivery, startDelivery } from '../delivery/delivery.ts'
import { checkFailureRates } from '../delivery/failure-rate.ts'
import { endPassingAlerts } from '../delivery/passing-alerts.ts'
import { ReportCollector } from '../delivery/report-collector.ts'
import { AlertTeller } from '../health/alert-teller.ts'
import { AlertBook } from '../health/alerts.ts'
import { watchClock } from '../health/clock-watch.ts'
import { watchDisk } from '../health/disk-watch.ts'
import type { MachineWatch } from '../health/machine-watch.ts'
import { build } from '../platform/build.ts'
import { makersOf } from '../platform/hardware-makers.ts'
import { teeLog } from '../platform/log.ts'
import { MemoryBudget } from '../platform/memory-budget.ts'
import { KernelNeighbours } from '../platform/neighbours.ts'
import { ownBlocks } from '../platform/network.ts'
import { Cures } from '../settings/cures.ts'
import type { Submission } from '../submission/parts.ts'
import { startSubmission } from '../submission/submission.ts'
import { TakeOverWindow } from '../submission/take-over.ts'
import { createUpstream } from '../upstream/drivers.ts'
import { createReportQueue } from '../upstream/storage-report-queue.ts'
import { TokenSource } from '../upstream/token-source.ts'
import { AddressMemory } from './address-memory.ts'
import { alertWays } from './alert-ways.ts'
import type { Stores } from './boot.ts'
import { calendarNow, unreadCertificates } from './calendar-facts.ts'
import type { CertificateCare } from './certificate-care.ts'
import { keepCertificates } from './certificate-keeping.ts'
import { watchCertificate } from './certificate-watch.ts'
import { watchCures } from './cure-care.ts'
import { finishRenames } from './device-renaming.ts'
import { DeviceReplacements } from './device-replacement.ts'
import { Makers } from './device-sheet.ts'
import { DropCare } from './drop-care.ts'
import { tellExpiries } from './expiry-watch.ts'
import { FirewallCare } from './firewall-care.ts'
import { LocalName } from './local-name/local-name.ts'
import { machineCare } from './machine-care.ts'
import { NetworkCare } from './network-care.ts'
import { namesOf, prepareOldIdentities } from './old-identities.ts'
import { checkRelay } from './relay-check.ts'
import { releaseRetired } from './retirement.ts'
import { staleByLog, tellSettings } from './stale-by-log.ts'
import { TakeOverCare } from './take-over-care.ts'
import { standsDownAtStart, TwinCare } from './twins/twin-care.ts'
import { wayOutFor } from './way-out.ts'

export interface RoomParts {
  readonly stores: Stores
  readonly clock: Clock
  readonly log: Log
  readonly bootId: string
  readonly signal: AbortSignal
  readonly machine: Machine
  /** How long what is on the wire may take to end when the house stops, in real time whatever the clock says. */
  readonly wireGraceMs: number
  /** Where the kernel's files are; undefined: nobody looks at the machine. */
  readonly machineRoot: string | undefined
  /** Undefined: the machine's DNS. */
  readonly names: NameService | undefined
  /** What a test puts in the place of the LAN. */
  readonly air?: (() => Promise<Air>) | undefined
}

/** The rooms of a running gateway, joined. */
export interface Rooms {
  readonly submission: Submission
  readonly delivery: Delivery
  readonly reports: Pick<ReportCollector, 'counters'>
  readonly alerts: AlertBook
  readonly teller: AlertTeller
  readonly memory: MemoryBudget
  readonly takeOver: TakeOverCare
  readonly replacements: DeviceReplacements
  readonly makers: Makers
  readonly drops: DropCare
  readonly twins: TwinCare
  readonly identity: ClientIdentities
  readonly tokens: TokenSource
  /** A driver of its own, for whoever asks. */
  readonly createUpstream: (setup: UpstreamSetup) => Upstream
  readonly certificates: CertificateCare
  /** An authority's certificate for import into devices, in PEM; made if there is none yet. */
  readonly authority: (name: AuthorityName) => Promise<string>
  /** What browsers see; another one where a name, an address or the time asks for it. */
  readonly consoleIdentity: () => Promise<ServerIdentity>
  readonly calendar: () => readonly CalendarEntry[]
  /** Keys of its entries that cannot be read now. */
  readonly unread: () => ReadonlySet<string>
  readonly recovery: RecoveryReport
  readonly bootId: string
  readonly cures: Cures
  /** Undefined: nobody looks at the machine. */
  readonly machine: MachineWatch | undefined
  readonly network: NetworkCare
  readonly localName: LocalName
  readonly addresses: AddressMemory
  /** Calls back when the box has other addresses than before; the result ends it. */
  readonly onAddresses: (listener: () => void) => () => void
  /** What happens now. */
  readonly live: LiveHub
  /** Submission first, so that nothing is accepted that nobody will send; what is in flight by then is cut off. */
  stop(signal: AbortSignal): Promise<void>
}

/** Starts the rooms in the order of a message's way backwards, so that each finds the next one there. */
export async function startRooms(parts: RoomParts): Promise<Rooms> {
  const { stores, clock, bootId, signal } = parts
  const live = new LiveHub({ clock, boot: randomBytes(5).toString('hex') })
  signal.addEventListener('abort', () => live.close(), { once: true })
  const log = teeLog(parts.log, staleByLog(live))
  const { settings, spool } = stores
  const setup = () => settings.setup
  // Closes what was started when a later room can't be; a whole house is closed by `stop`.
  await using started = new AsyncDisposableStack()
  const alerts = started.use(await AlertBook.open({ spool, clock, log }))
  const cures = new Cures(settings)
  const memory = new MemoryBudget(setup().limits.memory)
  const recovery = await spool.recover(clock.wall())
  log.write('info', 'spool-recovered', { ...recovery })
  noteVault(stores, alerts)
  noteMisfits(stores, alerts)

  const servers = new ServerCertificates(stores.sealedFiles, clock, build.date)
  // As they are now: temporary addresses come and go, and every new certificate has to be accepted at a panel.
  let names = namesOf(setup())
  let serverIdentity = await servers.identity(names)
  const renewServer = async (): Promise<void> => {
    names = namesOf(setup())
    serverIdentity = await servers.identity(names)
  }
  const identity = new ClientIdentities(stores.sealedFiles, clock)
  await prepareIdentities(identity, stores)

  const tokens = new TokenSource({
    clock,
    secrets: settings,
    identity,
    get proxy() {
      return setup().gateway.proxy
    },
  })
  const create = (upstream: UpstreamSetup): Upstream =>
    createUpstream(upstream, {
      gateway: setup().gateway,
      clock,
      log,
      memory,
      secrets: settings,
      identity,
      tokens,
      outbox: spool,
    })
  let ports: () => readonly number[] = () => []
  const firewall = new FirewallCare({
    machine: parts.machine,
    alerts,
    clock,
    log,
    setup,
    retired: () => settings.retired(),
    open: () => ports(),
  })
  // Else the first mail would find every way out closed.
  await firewall.followInTime()
  const delivery = started.use(
    await startDelivery({
      spool,
      clock,
      log,
      live,
      alerts,
      setup,
      createUpstream: create,
      random: Math.random,
      bootId,
      namespace: recovery.namespace,
      retired: () => settings.retired(),
      standsDown: standsDownAtStart(stores.records, setup(), parts.air !== undefined),
    }),
  )
  const reports = started.use(
    new ReportCollector({
      spool,
      clock,
      log,
      live,
      alerts,
      setup,
      reporter: delivery.reporter,
      openQueue: (upstream) => createReportQueue(upstream, { clock, tokens, gateway: setup().gateway }),
      onFailure: () => {
        delivery.poke()
        void checkFailureRates({ spool, clock, alerts }).catch((error: unknown) =>
          log.write('warn', 'failure-rates-unknown', { detail: String(error) }),
        )
      },
    }),
  )
  await reports.follow()
  const openAir = parts.air ?? (() => openAirOfLan(log))
  const twins = new TwinCare({ ...stores, clock, log, alerts, delivery, openAir, signal })
  if (parts.air) twins.begin()
  else twins.follow(setup())
  const isVaultOpen = () => settings.vaultState.kind === 'open'
  const ways = alertWays({ spool, clock, setup, bootId, isVaultOpen, delivery })
  const teller = started.use(await AlertTeller.start({ book: alerts, spool, clock, log, ways }))
  const calendar = () => calendarNow(setup(), stores.sealedFiles, cures.list())
  const unread = () => unreadCertificates(setup(), stores.sealedFiles)
  tellExpiries({ alerts, clock, calendar, unread })
  const certificates = keepCertificates({
    stores,
    identities: identity,
    tokens,
    clock,
    log,
    alerts,
    onRecovered: () => {
      delivery.follow().catch((error: unknown) => {
        log.write('error', 'settings-not-followed', { detail: String(error) })
      })
    },
  })
  const window = await TakeOverWindow.restore({ clock, spool })
  const takeOver = new TakeOverCare({
    window,
    spool,
    settings,
    clock,
    log,
    alerts,
    onRelease: () => delivery.poke(),
  })
  // An adoption that the process did not live to finish.
  await takeOver.release()
  const drops = started.use(new DropCare(spool, clock, log))
  await drops.look()
  const neighbours = new KernelNeighbours()
  const replacements = new DeviceReplacements({
    settings,
    clock,
    log,
    alerts,
    hardwareAt: (address) => neighbours.hardwareAt(address),
    forget: async (device) => {
      submission.forgetDevice(device)
      await spool.forgetDevice(device)
    },
  })
  // A new name that the process did not live to give to all of a device's history; memory knows none yet.
  await finishRenames({ settings, spool })
  const submission = await startSubmission({
    setup,
    secrets: settings,
    spool,
    clock,
    log,
    live,
    memory,
    identities: { modern: () => serverIdentity, old: (name) => servers.old(name, names) },
    neighbours,
    makers: makersOf,
    takeOver: window,
    wayOut: (message) => {
      const way = wayOutFor(message, setup())
      const parked = way.kind === 'ok' ? delivery.parking(message) : undefined
      return parked === undefined ? way : { kind: 'ok', parked }
    },
    onAccepted: (message) => delivery.accepted(message),
    onDeviceSeen: (device, address, hasSignedIn) => {
      if (hasSignedIn) void replacements.sawSignIn(device, address)
    },
    bootId,
    random: Math.random,
  })
  ports = () => submission.addresses().map(({ port }) => port)
  void firewall.follow()
  const addressListeners = new Set<() => void>([() => void renewServer().catch(tellNotRenewed)])
  const tellNotRenewed = (error: unknown): void =>
    log.write('error', 'certificate-not-renewed', { detail: String(error) })
  const addresses = new AddressMemory({
    settings,
    machine: parts.machine,
    own: ownBlocks,
    neighbours,
    clock,
    log,
    alerts,
  })
  const network = new NetworkCare({
    settings,
    dataDir: stores.dataDir,
    machine: parts.machine,
    clock,
    log,
    alerts,
    signal,
    onAddresses: () => {
      for (const listener of [...addressListeners]) listener()
    },
  })
  void network.start()
  const localName = new LocalName({ clock, log, alerts, signal })
  void localName.follow(setup())
  addressListeners.add(() => localName.look())
  let checking = checkRelay({ submission, alerts, log })
  // One change after the other: what the last one says stands.
  let following = Promise.resolve()
  const stopFollowing = settings.onChange((_, renamed) => {
    // First: what memory holds under an old name must not be taken for that of a device that has it now.
    submission.renameDevices(renamed)
    tellSettings(live)
    following = following.then(follow)
  })
  const follow = async (): Promise<void> => {
    try {
      memory.resize(setup().limits.memory)
      await renewServer()
      await prepareIdentities(identity, stores)
      certificates.wake()
      void prepare()
      await firewall.followInTime()
      await Promise.all([
        submission.whileRenaming(() => finishRenames({ settings, spool })),
        submission.reload(),
        delivery.follow(),
        reports.follow(),
      ])
      await firewall.followInTime()
      twins.follow(setup())
      void network.follow()
      void localName.follow(setup())
      noteMisfits(stores, alerts)
      tellExpiries({ alerts, clock, calendar, unread })
      endPassingAlerts({ alerts, clock, setup })
      teller.poke()
      checking = checking.then(() => checkRelay({ submission, alerts, log }))
      await takeOver.release()
      await releaseRetired({ settings, spool, delivery })
    } catch (error) {
      log.write('error', 'settings-not-followed', { detail: String(error) })
    }
  }
  const machine =
    parts.machineRoot === undefined
      ? undefined
      : machineCare({ ...parts, root: parts.machineRoot, dataDirectory: stores.dataDir, alerts, log, setup })
  const prepare = () => prepareOldIdentities({ servers, setup, names: () => names, clock, log }, signal)
  void prepare()
  const watches = [
    firewall.watch(signal),
    watchClock({ clock, log, alerts, onJump: () => delivery.poke() }, signal),
    watchCertificate({ clock, log, identity: () => serverIdentity, renew: renewServer }, signal),
    takeOver.watch(signal),
    replacements.watch(signal),
    certificates.watch(signal),
    watchCures({ cures, clock, log, alerts }, signal),
    addresses.watch(signal),
    watchDisk({ look: () => spool.isWritable(), clock, alerts }, signal),
    ...(machine ? [machine.watch(signal)] : []),
  ]
  started.move()
  return {
    submission,
    delivery,
    reports,
    alerts,
    teller,
    memory,
    takeOver,
    replacements,
    drops,
    twins,
    makers: new Makers(neighbours, makersOf),
    identity,
    tokens,
    createUpstream: create,
    certificates,
    authority: (name) => servers.authority(name, names),
    consoleIdentity: () => servers.console(namesOf(setup())),
    calendar,
    unread,
    recovery,
    machine,
    bootId,
    live,
    network,
    localName,
    addresses,
    onAddresses: (listener) => {
      addressListeners.add(listener)
      return () => addressListeners.delete(listener)
    },
    cures,
    async stop(within) {
      stopFollowing()
      drops[Symbol.dispose]()
      const stopping = submission.stop(within)
      await reports[Symbol.asyncDispose]()
      await teller[Symbol.asyncDispose]()
      const onTheWire = AbortSignal.any([within, AbortSignal.timeout(parts.wireGraceMs)])
      await Promise.all([
        stopping,
        delivery.stop(onTheWire),
        ...watches,
        checking,
        twins.settled(),
        localName.settled(),
      ])
      await alerts[Symbol.asyncDispose]()
    },
  }
}

/** Loaded only by a box of the LAN. */
async function openAirOfLan(log: Log): Promise<Air> {
  const { openLanAir } = await import('../platform/lan-air.ts')
  return openLanAir({ onTrouble: (detail) => log.write('warn', 'twins-not-heard', { detail }) })
}

/** Upstreams that are known by a certificate get one before anything is sent; a file is read again. */
async function prepareIdentities(identity: ClientIdentities, { settings: { setup } }: Stores): Promise<void> {
  for (const { name, credential } of setup.upstreams) {
    if (credential.kind !== 'client-certificate') continue
    await identity.prepare({
      upstream: name,
      hostname: setup.gateway.hostname,
      certificateFile: credential.certificateFile,
    })
  }
}

function noteVault({ settings }: Stores, alerts: AlertBook): void {
  if (settings.vaultState.kind === 'open') {
    alerts.clear('vault-locked')
    return
  }
  alerts.raise({
    key: 'vault-locked',
    severity: 'alarm',
    sentence:
      'The vault is locked: vault.key is lost or another one. Mail is taken from devices known by address and waits; nobody can sign in by password and nothing is sent.',
    remedy:
      'Put the right vault.key back and start again. If it is lost: stop, move settings.db and vault.key away, apply the setup document with its secrets again, start; the mail in spool.db stays.',
  })
}

/** After an update or on the way back to an older release: the box works with what it can read. */
function noteMisfits({ settings }: Stores, alerts: AlertBook): void {
  if (settings.misfits.length === 0) {
    alerts.clear('setup-not-understood')
    return
  }
  alerts.raise({
    key: 'setup-not-understood',
    severity: 'alarm',
    sentence: `This release cannot read a part of the stored setup and works without it; devices and upstreams with such a part are switched off. ${settings.misfits.join('; ')}.`,
    remedy: 'See `inkpost export`, put right what is missing there, and apply it.',
  })
}
