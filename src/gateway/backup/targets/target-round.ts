import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Alerts } from '../../../core/alerts.ts'
import type { TargetState } from '../../../core/backup-target.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Log } from '../../../core/log.ts'
import type { Machine } from '../../../core/machine.ts'
import type { Done } from '../../../core/operations.ts'
import type { BackupTargetSetup } from '../../../core/setup.ts'
import { day, hour } from '../../../core/time.ts'
import { noMachine } from '../../../platform/machine-service.ts'
import type { BackupRecords } from '../../../settings/backup-records.ts'
import type { Settings } from '../../../settings/settings.ts'
import { makingPlace, nightlyFolder } from '../backup-folders.ts'
import { nightlyCopies } from '../nightly-files.ts'
import { placeOf, type Target, type TargetAnswer } from './target.ts'

export interface TargetRoundWorld {
  readonly dataDir: string
  readonly settings: Settings
  readonly records: BackupRecords
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Writes on sticks. */
  readonly machine?: Machine
}

interface Telling {
  readonly alerts: Alerts
  readonly log: Log
}

/** What is remembered of one target. */
interface Kept {
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
const alertPrefix = 'backup-target/'

const keptOf = (records: BackupRecords): Readonly<Record<string, Kept>> =>
  JSON.parse(records.fact(fact) ?? '{}')

export const targetStates = ({ settings, records }: TargetRoundWorld): readonly TargetState[] => {
  const kept = keptOf(records)
  return settings.setup.backups.map((setup) => ({
    name: setup.name,
    kind: setup.kind,
    place: placeOf(setup),
    arrivedAt: kept[setup.name]?.arrivedAt,
    trouble: kept[setup.name]?.trouble ?? '',
  }))
}

async function targetOf(setup: BackupTargetSetup, { settings, machine }: TargetRoundWorld): Promise<Target> {
  const world = { secrets: settings, proxy: settings.setup.gateway.proxy }
  switch (setup.kind) {
    case 'https':
      return (await import('./https-target.ts')).httpsTarget(setup, world)
    case 'smb':
      return (await import('./smb-target.ts')).smbTarget(setup, world)
    case 'usb':
      return (await import('./usb-target.ts')).usbTarget(setup, machine ?? noMachine)
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
  const kept = keptOf(records)[setup.name] ?? nothing
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
  save(records, setup.name, {
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
  save(records, setup.name, { ...kept, triedAt: now, failingSince, trouble })
  log.write('warn', 'nightly-copy-not-sent', { target: setup.name, detail: trouble })
  if (now - failingSince < alertAfterMs) return
  alerts.raise({
    key: alertPrefix + setup.name,
    severity: 'warning',
    sentence: `The nightly copies do not reach ${setup.name} (${placeOf(setup)}) for three days: ${trouble}.`,
    remedy: `Cure that, then: \`inkpost backup-target test ${setup.name}\`. It is tried every hour; copies on the box go on.`,
  })
}

function save(records: BackupRecords, name: string, kept: Kept): void {
  records.saveFact(fact, JSON.stringify({ ...keptOf(records), [name]: kept }))
}

/** Puts a small file there and takes it away again. */
export async function testTarget(world: TargetRoundWorld, name: string, who: string): Promise<Done> {
  const { settings, dataDir, signal } = world
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
    return removed.kind === 'done'
      ? { kind: 'done' }
      : { kind: 'refused', reason: `${name}: it can be written, but nothing removed: ${removed.detail}` }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
