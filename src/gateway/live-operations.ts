import { X509Certificate } from 'node:crypto'
import type { ClientIdentities, PublicIdentity } from '../certificates/client-identity.ts'
import type { Clock } from '../core/clock.ts'
import type { NameService } from '../core/diagnosis.ts'
import type { Operations, Remark, StatusView } from '../core/operations.ts'
import type { SessionRecord } from '../core/spool.ts'
import { second, type WallMs } from '../core/time.ts'
import { build } from '../platform/build.ts'
import { KernelNeighbourSearch } from '../platform/neighbour-search.ts'
import { retryListenersMs } from '../submission/listeners.ts'
import type { ListenerStatus } from '../submission/parts.ts'
import { azurePaper } from './azure-paper.ts'
import { type BackupParts, backupOperations } from './backup/backup-operations.ts'
import type { Stores } from './boot.ts'
import { wishCertificates } from './certificate-keeping.ts'
import { certificateOperations } from './certificate-operations.ts'
import { cureOperations } from './cure-operations.ts'
import { type DecommissionParts, decommission } from './decommission.ts'
import { deviceOperations } from './device-operations.ts'
import { lazyPages } from './lazy-pages.ts'
import { machineOperations } from './machine-operations.ts'
import { noUpstream } from './no-upstream.ts'
import { pastAlertsFrom } from './past-alerts.ts'
import { resetByCommand } from './physical-reset.ts'
import { queueOperations } from './queue-operations.ts'
import { reportOperations } from './report-operations.ts'
import type { Rooms } from './rooms.ts'
import { settingsOperations } from './settings-operations.ts'
import { sendTestMail } from './test-mail.ts'
import { sendTrialMail } from './trial-mail.ts'

export interface LiveParts {
  readonly stores: Stores
  readonly rooms: Rooms
  readonly clock: Clock
  readonly startedAt: WallMs
  /** Where the console is served now; empty where it is closed. */
  readonly consoleUrl: () => string
  /** Undefined: the machine's DNS. */
  readonly names?: NameService | undefined
  readonly backup: BackupParts
  /** The house is to be opened anew. */
  readonly onReset: () => void
  readonly end: Pick<DecommissionParts, 'log' | 'machine' | 'setupFile' | 'onBegun'>
  /** The last events, as JSON lines. */
  readonly recentLog: () => readonly string[]
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
  const ofSettings = settingsOperations(stores, () => submission.addresses())
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
    pause: async (upstream, who) => {
      const done = await delivery.pause(upstream)
      if (done === 'unknown') return noUpstream(upstream)
      if (done === 'changed') record(who, `upstream ${JSON.stringify(upstream)}: paused by hand`)
      return { kind: 'done', isChanged: done === 'changed' }
    },
    resume: async (upstream, who) => {
      const done = await delivery.resume(upstream)
      if (done === 'unknown') return noUpstream(upstream)
      if (done === 'changed') record(who, `upstream ${JSON.stringify(upstream)}: resumed by hand`)
      return { kind: 'done', isChanged: done === 'changed' }
    },
    sessions: async (limit) => mergeSessions(submission.sessions(), await spool.sessions(limit), limit),
    session: async (id) => submission.sessions().find((session) => session.id === id) ?? queue.session(id),
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
    calendar: async () => rooms.calendar(),
    sendTest: (device, to) => sendTestMail(mailWorld, device, to),
    sendThrough: (upstream, to) => sendTrialMail(mailWorld, upstream, to),
    doctor: async () => {
      const { runDoctor } = await import('./doctor.ts')
      return runDoctor({ ...rooms, stores, clock, names: parts.names, operations })
    },
    supportBundle: async () => {
      const { supportPaper } = await import('./support-paper.ts')
      return { text: await supportPaper({ operations, log: parts.recentLog }) }
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
      wish.isTrial || wish.mayReplace
        ? backups.restore(octets, wish, who, isStillAllowed)
        : {
            kind: 'refused',
            reason: 'a gateway is running here: with --yes it starts anew with what is restored',
          },
  }
  return operations
}

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

/** Sessions of memory are newer than those on disk; one that is in both is shown once. */
function mergeSessions(
  live: readonly SessionRecord[],
  kept: readonly SessionRecord[],
  limit: number,
): readonly SessionRecord[] {
  const byId = new Map([...kept, ...live].map((session) => [session.id, session]))
  return [...byId.values()].sort((a, b) => b.startedAt - a.startedAt).slice(0, limit)
}

async function liveStatus({ stores, rooms, clock, startedAt, consoleUrl }: LiveParts): Promise<StatusView> {
  const { settings, spool } = stores
  const [counts, disk] = await Promise.all([spool.counts(), spool.isWritable()])
  const { setup } = settings
  return {
    version: build.version,
    name: setup.gateway.name,
    running: true,
    since: startedAt,
    clock: { wall: clock.wall(), believable: clock.isBelievable() },
    console: consoleUrl(),
    listeners: rooms.submission.listeners().map(({ state: _, detail, ...listener }) => ({
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
