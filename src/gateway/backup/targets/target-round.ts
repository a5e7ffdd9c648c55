import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Alerts } from '../../../core/alerts.ts'
import { targetAlertPrefix as alertPrefix, type TargetState } from '../../../core/backup-target.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Log } from '../../../core/log.ts'
import type { Done } from '../../../core/operations.ts'
import type { BackupTargetSetup } from '../../../core/setup.ts'
import { day, hour } from '../../../core/time.ts'
import type { BackupRecords } from '../../../settings/backup-records.ts'
import type { Settings } from '../../../settings/settings.ts'
import { makingPlace, nightlyFolder } from '../backup-folders.ts'
import { nightlyCopies } from '../nightly-files.ts'
import { recoveryRecipients } from '../recovery.ts'
import { placeOf, type Target, type TargetAnswer } from './target.ts'

export interface TargetRoundWorld {
  readonly dataDir: string
  readonly settings: Settings
  readonly records: BackupRecords
  readonly clock: Clock
  readonly signal: AbortSignal
}

interface Telling {
  readonly alerts: Alerts
  readonly log: Log
}

/** What is remembered of one target. */
interface Kept {
  /** Where all of this is so. */
  readonly place?: string
  /** The copy that is there, by its name here and its time. */
  readonly arrived?: string
  readonly arrivedAt?: number
  /** At the target, the oldest first. */
  readonly names: readonly string[]
  readonly triedAt?: number
  readonly failingSince?: number
  readonly trouble: string
}

const fact = 'backup-targets'
const nothing: Kept = { names: [], trouble: '' }
const againAfterMs = 1 * hour
/** A weekend without a network is nobody's alarm. */
const alertAfterMs = 3 * day

const allKept = (records: BackupRecords): Readonly<Record<string, Kept>> =>
  JSON.parse(records.fact(fact) ?? '{}')

/** A target that moved has nothing yet. */
function keptOf(records: BackupRecords, setup: BackupTargetSetup): Kept {
  const kept = allKept(records)[setup.name]
  return kept?.place === placeOf(setup) ? kept : nothing
}

export const targetStates = ({ settings, records }: TargetRoundWorld): readonly TargetState[] => {
  const isWithoutCode = recoveryRecipients(records).length === 0
  return settings.setup.backups.map((setup) => {
    const { arrivedAt, trouble } = keptOf(records, setup)
    return {
      name: setup.name,
      kind: setup.kind,
      place: placeOf(setup),
      arrivedAt,
      trouble: trouble === '' && isWithoutCode && setup.enabled ? withoutCode : trouble,
    }
  })
}

const withoutCode =
  'there is no recovery code yet, and without one no nightly copy is made: `inkpost recovery new`'

async function targetOf(setup: BackupTargetSetup, { settings }: TargetRoundWorld): Promise<Target> {
  const world = { secrets: settings, proxy: settings.setup.gateway.proxy }
  switch (setup.kind) {
    case 'https':
      return (await import('./https-target.ts')).httpsTarget(setup, world)
    case 'smb':
      return (await import('./smb-target.ts')).smbTarget(setup, world)
  }
}

/** Brings the newest nightly copy to every target that has it not; one that fails is tried again every hour. */
export async function sendCopies(world: TargetRoundWorld & Telling): Promise<void> {
  const { settings, alerts, signal } = world
  const targets = settings.setup.backups.filter(({ enabled }) => enabled)
  for (const setup of targets) if (!signal.aborted) await sendCopy(setup, world)
  const names = new Set(targets.map(({ name }) => alertPrefix + name))
  for (const { key } of alerts.active()) if (key.startsWith(alertPrefix) && !names.has(key)) alerts.clear(key)
}

async function sendCopy(setup: BackupTargetSetup, world: TargetRoundWorld & Telling): Promise<void> {
  const { dataDir, records, settings, clock, signal, log } = world
  const [copy] = nightlyCopies(dataDir)
  const kept = keptOf(records, setup)
  const identity = copy && `${copy.name} ${copy.at}`
  const now = clock.wall()
  const rests = kept.trouble !== '' && now - (kept.triedAt ?? 0) < againAfterMs && now >= (kept.triedAt ?? 0)
  if (!copy || kept.arrived === identity || rests) return
  const name = `${settings.setup.gateway.name}-${copy.name}`
  const target = await targetOf(setup, world)
  const parcel = { folder: join(dataDir, nightlyFolder), file: copy.name, octets: copy.octets, name }
  const answer = await tried(() => target.put(parcel, signal))
  if (signal.aborted) return
  if (answer.kind === 'failed') return fail(setup, kept, answer.detail, world)
  const names = [...kept.names.filter((each) => each !== name), name]
  for (const surplus of names.slice(0, -setup.keep)) {
    const removed = await tried(() => target.remove(surplus, signal))
    if (removed.kind === 'failed')
      log.write('warn', 'old-copy-stays', { target: setup.name, name: surplus, detail: removed.detail })
  }
  save(records, setup, {
    ...(identity !== undefined && { arrived: identity }),
    arrivedAt: now,
    names: names.slice(-setup.keep),
    trouble: '',
  })
  log.write('info', 'nightly-copy-sent', { target: setup.name, name })
  world.alerts.clear(alertPrefix + setup.name)
}

/** What nobody foresaw is the target's trouble too: the others still get their copies. */
async function tried(work: () => Promise<TargetAnswer>): Promise<TargetAnswer> {
  try {
    return await work()
  } catch (error) {
    return { kind: 'failed', detail: error instanceof Error ? error.message : String(error) }
  }
}

function fail(
  setup: BackupTargetSetup,
  kept: Kept,
  trouble: string,
  world: TargetRoundWorld & Telling,
): void {
  const { records, clock, log, alerts } = world
  const now = clock.wall()
  const failingSince = kept.trouble === '' ? now : (kept.failingSince ?? now)
  save(records, setup, { ...kept, triedAt: now, failingSince, trouble })
  log.write('warn', 'nightly-copy-not-sent', { target: setup.name, detail: trouble })
  // One that is raised is of the place of before.
  if (now - failingSince < alertAfterMs) {
    alerts.clear(alertPrefix + setup.name)
    return
  }
  alerts.raise({
    key: alertPrefix + setup.name,
    severity: 'warning',
    sentence: `The nightly copies do not reach ${setup.name} (${placeOf(setup)}) for three days: ${trouble}.`,
    remedy: `Cure that, then: \`inkpost backup-target test ${setup.name}\`. It is tried every hour; copies on the box go on.`,
  })
}

function save(records: BackupRecords, setup: BackupTargetSetup, kept: Kept): void {
  const place = placeOf(setup)
  records.saveFact(fact, JSON.stringify({ ...allKept(records), [setup.name]: { ...kept, place } }))
}

/** Puts a small file there and takes it away again. */
export async function testTarget(world: TargetRoundWorld, name: string, who: string): Promise<Done> {
  const { settings, records, dataDir, signal } = world
  const setup = settings.setup.backups.find((each) => each.name === name)
  if (!setup) return { kind: 'refused', reason: `there is no [[backup]] ${JSON.stringify(name)}` }
  const place = makingPlace(dataDir)
  try {
    const text = `A test of ${settings.setup.gateway.name}. It may be removed.\n`
    writeFileSync(join(place, 'test'), text)
    const parcel = {
      folder: place,
      file: 'test',
      octets: text.length,
      name: `${settings.setup.gateway.name}-test.txt`,
    }
    const target = await targetOf(setup, world)
    const put = await tried(() => target.put(parcel, signal))
    if (put.kind === 'failed') return { kind: 'refused', reason: `${name}: ${put.detail}` }
    const removed = await tried(() => target.remove(parcel.name, signal))
    settings.record(who, [`backup ${JSON.stringify(name)}: tested`])
    // Whoever has cured it is not told of the trouble for another hour.
    const kept = keptOf(records, setup)
    if (kept.trouble !== '') save(records, setup, { ...kept, triedAt: 0 })
    return removed.kind === 'done'
      ? { kind: 'done' }
      : { kind: 'refused', reason: `${name}: it can be written, but nothing removed: ${removed.detail}` }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
