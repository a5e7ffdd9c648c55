import { X509Certificate } from 'node:crypto'
import type { ClientIdentities, PublicIdentity } from '../certificates/client-identity.ts'
import type { RestoreWish } from '../core/backup-operations.ts'
import type { NameService } from '../core/diagnosis.ts'
import type { FleetOperations } from '../core/fleet.ts'
import type { Machine } from '../core/machine.ts'
import type { Operations, Remark } from '../core/operations.ts'
import { second } from '../core/time.ts'
import type { UpdateOperations } from '../core/update-operations.ts'
import { KernelNeighbourSearch } from '../platform/neighbour-search.ts'
import { retryListenersMs } from '../submission/listeners.ts'
import type { ListenerStatus } from '../submission/parts.ts'
import { azurePaper } from './azure-paper.ts'
import { type BackupParts, backupOperations } from './backup/backup-operations.ts'
import { wishCertificates } from './certificate-keeping.ts'
import { certificateOperations } from './certificate-operations.ts'
import { cureOperations } from './cure-operations.ts'
import { type DecommissionParts, decommission } from './decommission.ts'
import { deviceOperations } from './device-operations.ts'
import { lazyPages } from './lazy-pages.ts'
import { liveStatus, type StatusParts } from './live-status.ts'
import { machineOperations } from './machine-operations.ts'
import { networkOperations } from './network-operations.ts'
import { pastAlertsFrom } from './past-alerts.ts'
import { pauseOperations } from './pause-operations.ts'
import { resetByCommand } from './physical-reset.ts'
import { queueOperations } from './queue-operations.ts'
import { reportOperations } from './report-operations.ts'
import { sessionOperations } from './session-operations.ts'
import { settingsOperations } from './settings-operations.ts'
import { sendTestMail } from './test-mail.ts'
import { sendTrialMail } from './trial-mail.ts'
import { identityView, keepIdentity } from './twins/twin-care.ts'

export interface LiveParts extends StatusParts {
  /** Undefined: the machine's DNS. */
  readonly names?: NameService | undefined
  readonly backup: BackupParts
  /** The house is to be opened anew. */
  readonly onReset: () => void
  readonly end: Pick<DecommissionParts, 'log' | 'machine' | 'setupFile' | 'onBegun'>
  /** The last events, as JSON lines. */
  readonly recentLog: () => readonly string[]
  readonly machine: Machine
  readonly updates: UpdateOperations
  readonly fleet: FleetOperations
}

/** Everything a person may do with a running gateway. */
export function liveOperations(parts: LiveParts): Operations {
  const { stores, rooms, clock } = parts
  const { settings, spool } = stores
  const { delivery, submission } = rooms
  const now = () => clock.wall()
  const record = (who: string, what: string) => settings.record(who, [what])
  const onQueueChange = () => {
    delivery.poke()
    rooms.live.tell({ kind: 'stale', what: 'queue' })
  }
  const queue = queueOperations({ spool, now, onChange: onQueueChange, record })
  const ofSettings = settingsOperations(
    stores,
    () => submission.addresses(),
    (address) => rooms.addresses.tell(address),
    () => rooms.localName.answered,
  )
  const backups = backupOperations(parts.backup)
  const mailWorld = {
    spool,
    clock,
    bootId: rooms.bootId,
    setup: () => settings.setup,
    onAccepted: () => delivery.poke(),
  }
  const operations: Operations = {
    ...ofSettings,
    ...deviceOperations({
      settings,
      spool,
      now,
      traits: async () => submission.traits(),
      sessions: () => submission.sessions(),
      sightings: async () => {
        // With their hardware, which is looked up when they are written.
        await submission.flush()
        return submission.sightings()
      },
      forgetSighting: (address) => submission.forgetSighting(address),
      release: () => rooms.takeOver.release(),
      cardOf: ofSettings.card,
      network: new KernelNeighbourSearch({ clock }),
    }),
    ...cureOperations({ settings, cures: rooms.cures, clock, operations: () => operations }),
    claim: async () => {
      const { fingerprint256 } = new X509Certificate(await rooms.authority('authority'))
      return { ...(await ofSettings.claim()), fingerprint: fingerprint256 }
    },
    decommission: (name, who) =>
      decommission({ ...parts.end, stores, operations: () => operations }, name, who),
    resetBox: (who) => resetByCommand(stores, who, parts.onReset),
    takeOver: () => rooms.takeOver.view(),
    openTakeOver: (subnet, forMs, who) => rooms.takeOver.begin(subnet, forMs, who),
    closeTakeOver: (who) => rooms.takeOver.end(who),
    applySetup: async (text, options) => {
      const result = await ofSettings.applySetup(text, options)
      return result.kind === 'applied'
        ? { ...result, remarks: [...result.remarks, ...deafRemarks(await submission.reload())] }
        : result
    },
    ...queue,
    ...reportOperations({
      setup: () => settings.setup,
      retired: () => settings.retired(),
      spool,
      clock,
      security: async () => {
        const { securityPaper } = await import('./security-paper.ts')
        return securityPaper({ settings, clock, operations, openings: () => submission.openings() })
      },
    }),
    status: () => liveStatus(parts),
    ...lazyPages(async () => {
      const { livePages } = await import('./live-pages.ts')
      return livePages({ ...parts, cardOf: ofSettings.card, status: () => liveStatus(parts) })
    }),
    ...pauseOperations(delivery, record, () => identityView(stores.records, clock).stoodDown?.reason),
    ...sessionOperations(submission, spool, queue),
    forget: async (address, who) => {
      // What memory holds would be written, or shown, behind the erasing.
      rooms.live.clear()
      await submission.forget(address)
      rooms.teller.forget(address)
      await rooms.alerts.forget(address)
      return queue.forget(address, who)
    },
    alerts: async () => ({
      active: rooms.alerts.active(),
      past: await spool.pastAlerts(pastAlertsFrom(now())),
    }),
    testAlert: async (who) => {
      const { testAlert } = await import('./test-alert.ts')
      const isVaultOpen = () => settings.vaultState.kind === 'open'
      const { bootId } = rooms
      return testAlert({ spool, clock, setup: () => settings.setup, bootId, isVaultOpen, delivery }, who)
    },
    ...machineOperations(stores, clock, (health) => rooms.machine?.completed(health) ?? health),
    ...networkOperations({
      settings,
      care: rooms.network,
      memory: rooms.addresses,
      machine: parts.machine,
      clock,
      consoleUrl: parts.consoleUrl,
    }),
    ...parts.updates,
    ...fleetOperations(parts.fleet),
    calendar: async () => rooms.calendar(),
    identity: async () => identityView(stores.records, clock),
    keepIdentity: async (who) => {
      const kept = await keepIdentity({ ...stores, clock }, who)
      if (kept.kind === 'done') rooms.twins.keep()
      return kept
    },
    sendTest: (device, to) => sendTestMail(mailWorld, device, to),
    sendThrough: (upstream, to) => sendTrialMail(mailWorld, upstream, to),
    doctor: async () => {
      const { runDoctor } = await import('./doctor.ts')
      return runDoctor({ ...rooms, stores, clock, names: parts.names, operations })
    },
    supportBundle: async () => {
      const { supportPaper } = await import('./support-paper.ts')
      return {
        text: await supportPaper({
          operations,
          log: parts.recentLog,
          secrets: () => settings.knownSecrets(),
        }),
      }
    },
    ...certificateOperations(rooms.identity, () => settings.setup),
    azureScript: (options) =>
      azurePaper(
        {
          setup: settings.setup,
          consoleUrl: parts.consoleUrl(),
          identity: async ({ name }) => describeIdentity(rooms.identity, name),
        },
        options,
      ),
    ...wishCertificates(stores, clock, () => rooms.certificates.wake()),
    ...backups,
    restore: async (octets, wish, who, isStillAllowed) =>
      mayStartAnew(wish) ? backups.restore(octets, wish, who, isStillAllowed) : isRunning,
    takeOverStorage: async (storage, wish, who, isStillAllowed) =>
      mayStartAnew(wish) ? backups.takeOverStorage(storage, wish, who, isStillAllowed) : isRunning,
  }
  return operations
}

/** Its methods are fields: a class may be spread. */
const fleetOperations = ({
  fleet,
  pullFleet,
  managed,
  fleetIdentity,
  fleetBoxes,
}: FleetOperations): FleetOperations => ({
  fleet,
  pullFleet,
  managed,
  fleetIdentity,
  fleetBoxes,
})

const mayStartAnew = ({ isTrial, mayReplace }: RestoreWish): boolean => isTrial || mayReplace
const isRunning = {
  kind: 'refused',
  reason: 'a gateway is running here: with --yes it starts anew with what is restored',
} as const

const describeIdentity = (identity: ClientIdentities, name: string): PublicIdentity | string => {
  const opened = identity.open(name)
  return opened.kind === 'open'
    ? (identity.describe(name) ?? 'its certificate can not be read')
    : opened.detail
}

/** Whoever applied a document learns at once which of its ports can't be had. */
const deafRemarks = (closed: readonly ListenerStatus[]): readonly Remark[] =>
  closed.map(({ name, address, port, detail }) => ({
    severity: 'warning',
    place: `listener ${JSON.stringify(name)}`,
    sentence: `can't open ${address} port ${port}: ${detail}; it is tried again every ${retryListenersMs / second} s`,
  }))
