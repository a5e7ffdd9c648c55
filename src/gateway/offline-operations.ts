import { ClientIdentities, type PublicIdentity } from '../certificates/client-identity.ts'
import type { Clock } from '../core/clock.ts'
import type { NameService } from '../core/diagnosis.ts'
import type { Operations } from '../core/operations.ts'
import type { Setup, UpstreamSetup } from '../core/setup.ts'
import { build } from '../platform/build.ts'
import { KernelNeighbourSearch } from '../platform/neighbour-search.ts'
import { Cures } from '../settings/cures.ts'
import { TakeOverWindow } from '../submission/take-over.ts'
import { releaseAdopted } from './adopted-mail.ts'
import { azurePaper } from './azure-paper.ts'
import { type BackupParts, backupOperations } from './backup/backup-operations.ts'
import type { Stores } from './boot.ts'
import { calendarNow } from './calendar-facts.ts'
import { wishCertificates } from './certificate-keeping.ts'
import { certificateOperations } from './certificate-operations.ts'
import { cureOperations } from './cure-operations.ts'
import { type DecommissionParts, decommission } from './decommission.ts'
import { deviceOperations } from './device-operations.ts'
import { offlineFleet } from './fleet/offline-fleet.ts'
import { lazyPages } from './lazy-pages.ts'
import { machineOperations } from './machine-operations.ts'
import { noUpstream } from './no-upstream.ts'
import { offlineNetwork } from './offline-network.ts'
import { offlineUpdates } from './offline-updates.ts'
import { offlineUpstream, pauseOffline, resumeOffline } from './offline-upstreams.ts'
import { pastAlertsFrom } from './past-alerts.ts'
import { resetByCommand } from './physical-reset.ts'
import { queueOperations } from './queue-operations.ts'
import { reportOperations } from './report-operations.ts'
import { settingsOperations } from './settings-operations.ts'
import { waitingMail, wrongTakeOver } from './take-over-care.ts'
import { identityView, keepIdentity } from './twins/twin-care.ts'

/** What can be done while no gateway runs: settings, queue and history; nothing is sent. */
export function offlineOperations(
  stores: Stores,
  clock: Clock,
  backup: BackupParts,
  end: Pick<DecommissionParts, 'log' | 'machine' | 'setupFile' | 'onBegun'>,
  names?: NameService,
): Operations {
  const { settings, spool } = stores
  const notRunning = {
    kind: 'refused',
    reason: 'the gateway is not running: start it with `inkpost serve`',
  } as const
  const isKnown = (upstream: string): boolean =>
    [...settings.setup.upstreams, ...settings.retired()].some(({ name }) => name === upstream)
  const now = () => clock.wall()
  const setupOperations = settingsOperations(stores)
  const identities = new ClientIdentities(stores.sealedFiles, clock)
  const operations: Operations = {
    ...setupOperations,
    ...deviceOperations({
      settings,
      spool,
      now,
      traits: () => spool.traits(),
      sessions: () => [],
      sightings: () => spool.sightings(),
      forgetSighting: (address) => spool.forgetSighting(address),
      release: () => releaseAdopted({ spool, settings, now }),
      cardOf: setupOperations.card,
      network: new KernelNeighbourSearch({ clock }),
    }),
    ...cureOperations({ settings, cures: new Cures(settings), clock, operations: () => operations }),
    decommission: (name, who) => decommission({ ...end, stores, operations: () => operations }, name, who),
    // The next start tells of it.
    resetBox: (who) => resetByCommand(stores, who, () => {}),
    takeOver: async () => ({
      // What the next start goes on with.
      open: (await TakeOverWindow.restore({ clock, spool })).open(),
      waiting: await waitingMail({ spool, clock }),
    }),
    openTakeOver: async (subnet, forMs) =>
      wrongTakeOver(subnet, forMs, settings.setup.gateway.trustedNetworks) ?? notRunning,
    closeTakeOver: async (who) => {
      const open = await spool.takeOver()
      if (!open) return { kind: 'refused', reason: 'no take-over window is open' }
      await spool.setTakeOver(undefined)
      settings.record(who, [`take-over: ${open.subnet} closed`])
      return { kind: 'done' }
    },
    ...queueOperations({
      spool,
      now,
      onChange: () => {},
      record: (who, what) => settings.record(who, [what]),
    }),
    ...reportOperations({
      setup: () => settings.setup,
      retired: () => settings.retired(),
      spool,
      clock,
      security: async () => {
        const { securityPaper } = await import('./security-paper.ts')
        return securityPaper({ settings, clock, operations, openings: async () => undefined })
      },
    }),
    async status() {
      const { setup } = settings
      const [queue, disk, alerts, pauses] = await Promise.all([
        spool.counts(),
        spool.isWritable(),
        spool.alerts(),
        spool.pauses(),
      ])
      return {
        version: build.version,
        name: setup.gateway.name,
        running: false,
        since: undefined,
        clock: { wall: clock.wall(), believable: clock.isBelievable() },
        console: '',
        listeners: setup.listeners.map(({ name, address, port, security, protocol }) => ({
          name,
          address,
          port,
          security,
          protocol,
          trouble: 'not running',
        })),
        upstreams: setup.upstreams.map((upstream) => offlineUpstream(upstream, pauses, queue)),
        queue,
        disk,
        alerts,
        vault: settings.vaultState.kind === 'open' ? 'open' : 'locked',
        takeOver: (await TakeOverWindow.restore({ clock, spool })).open(),
        revision: settings.revision,
      }
    },
    async pause(upstream, who) {
      if (!isKnown(upstream)) return noUpstream(upstream)
      const isChanged = await pauseOffline(spool, upstream, clock.wall())
      if (isChanged) settings.record(who, [`upstream ${JSON.stringify(upstream)}: paused by hand`])
      return { kind: 'done', isChanged }
    },
    async resume(upstream, who) {
      if (!isKnown(upstream)) return noUpstream(upstream)
      const isChanged = await resumeOffline(spool, upstream, clock.wall())
      if (isChanged) settings.record(who, [`upstream ${JSON.stringify(upstream)}: resumed by hand`])
      return { kind: 'done', isChanged }
    },
    ...lazyPages(async () => {
      const { offlinePages } = await import('./offline-pages.ts')
      return offlinePages(stores, clock, setupOperations.card, () => operations.status())
    }),
    identity: async () => identityView(stores.records, clock),
    keepIdentity: async (who) => keepIdentity({ ...stores, clock }, who),
    sendTest: async () => notRunning,
    sendThrough: async () => notRunning,
    doctor: async () => {
      const { runOfflineDoctor } = await import('./offline-doctor.ts')
      return runOfflineDoctor(stores, clock, operations, names)
    },
    alerts: async () => {
      const [active, past] = await Promise.all([spool.alerts(), spool.pastAlerts(pastAlertsFrom(now()))])
      return { active, past }
    },
    testAlert: async () => notRunning,
    ...offlineFleet(stores, notRunning),
    ...machineOperations(stores, clock),
    ...offlineNetwork(settings, notRunning),
    ...offlineUpdates(stores, clock, notRunning),
    calendar: async () => calendarNow(settings.setup, stores.sealedFiles, new Cures(settings).list()),
    supportBundle: async () => {
      const { supportPaper } = await import('./support-paper.ts')
      return {
        text: await supportPaper({ operations, log: () => [], secrets: () => settings.knownSecrets() }),
      }
    },
    ...certificateOperations(identities, () => settings.setup),
    azureScript: (options) =>
      azurePaper(
        {
          setup: settings.setup,
          consoleUrl: '',
          identity: (upstream) => publicIdentity(upstream, settings.setup, stores, clock),
        },
        options,
      ),
    ...wishCertificates(stores, clock, () => {}),
    ...backupOperations(backup),
  }
  return operations
}

async function publicIdentity(
  { name, credential }: UpstreamSetup,
  { gateway }: Setup,
  { sealedFiles }: Stores,
  clock: Clock,
): Promise<PublicIdentity | string> {
  const identities = new ClientIdentities(sealedFiles, clock)
  const certificateFile = credential.kind === 'client-certificate' ? credential.certificateFile : ''
  const opened = await identities.prepare({ upstream: name, hostname: gateway.hostname, certificateFile })
  if (opened.kind !== 'open') return opened.detail
  return identities.describe(name) ?? 'its certificate can not be read'
}
