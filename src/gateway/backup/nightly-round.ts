import { createHash } from 'node:crypto'
import type { Alerts } from '../../core/alerts.ts'
import { targetAlertPrefix } from '../../core/backup-target.ts'
import { localTime } from '../../core/local-time.ts'
import type { Log } from '../../core/log.ts'
import type { Machine } from '../../core/machine.ts'
import { minute, type WallMs, wallMs } from '../../core/time.ts'
import type { BackupRecords } from '../../settings/backup-records.ts'
import { type BackupWorld, isMakingBackup, makeBackup } from './backup-making.ts'
import { keepNightlyCopy, nightlyCopies, nightlyName } from './nightly-files.ts'
import { recoveryRecipients } from './recovery.ts'

export interface NightlyWorld extends BackupWorld {
  readonly alerts: Alerts
  readonly log: Log
  /** Writes on sticks. */
  readonly machine?: Machine
}

const lookEveryMs = 15 * minute
/** Of the box's own time zone: nobody scans, and a copy of the evening's changes is there in the morning. */
const quietHour = 3
const alertKey = 'nightly-copy-failed'

/** What is remembered of the last try. */
interface LastCopy {
  readonly at: number
  /** Of the settings that it has and of those who can open it; empty: it failed. */
  readonly fingerprint: string
  readonly trouble: string
}

const fact = 'nightly-copy'

export function lastCopyOf(
  records: BackupRecords,
): { readonly at: WallMs; readonly trouble: string; readonly fingerprint: string } | undefined {
  const kept = records.fact(fact)
  if (kept === undefined) return undefined
  const { at, trouble, fingerprint }: LastCopy = JSON.parse(kept)
  return { at: wallMs(at), trouble, fingerprint }
}

/** Makes a copy a night until the signal aborts; never rejects. */
export async function watchNightlyCopies(world: NightlyWorld): Promise<void> {
  const { clock, signal } = world
  while (!signal.aborted) {
    await clock.sleep(lookEveryMs, signal)
    if (!signal.aborted) await copyIfDue(world)
    if (!signal.aborted && hasTargets(world)) await sendToTargets(world)
  }
}

/** Or had some: an alert of one that is gone has to end. */
const hasTargets = ({ settings, alerts }: NightlyWorld): boolean =>
  settings.setup.backups.length > 0 || alerts.active().some(({ key }) => key.startsWith(targetAlertPrefix))

/** Loaded by boxes that have some. */
async function sendToTargets(world: NightlyWorld): Promise<void> {
  try {
    const { sendCopies } = await import('./targets/target-round.ts')
    await sendCopies(world)
  } catch (error) {
    world.log.write('error', 'targets-not-reached', { detail: String(error) })
  }
}

/** True: a copy was made. */
export async function copyIfDue(world: NightlyWorld): Promise<boolean> {
  const { clock, records, settings, signal } = world
  if (recoveryRecipients(records).length === 0 || !clock.isBelievable()) return false
  const last = lastCopyOf(records)
  if (!isTime(clock.wall(), last?.at, settings.setup.gateway.timezone)) return false
  // Somebody makes one by hand: the next look finds it done.
  if (isMakingBackup(world.dataDir)) return false
  const fingerprint = fingerprintOf(records)
  // What a restored box remembers of copies is of the box before.
  if (last?.fingerprint === fingerprint && nightlyCopies(world.dataDir).length > 0) return false
  try {
    await copy(world)
    remember(world, { fingerprint, trouble: '' })
    world.alerts.clear(alertKey)
    return true
  } catch (error) {
    if (!signal.aborted) tell(world, error instanceof Error ? error.message : String(error))
    return false
  }
}

/** A copy that a lost code opens is none: another code makes another copy due. */
const fingerprintOf = (records: BackupRecords): string =>
  createHash('sha256')
    .update(records.fingerprint())
    .update(JSON.stringify(recoveryRecipients(records)))
    .digest('hex')

/** Once on each day of the zone, at the quiet hour or, where the box was off by then, as soon as it can. */
export function isTime(now: WallMs, last: WallMs | undefined, zone: string): boolean {
  const local = localTime(now, zone)
  if (local.hour < quietHour) return false
  if (last === undefined || last > now) return true
  const then = localTime(last, zone)
  return then.year !== local.year || then.month !== local.month || then.day !== local.day
}

async function copy(world: NightlyWorld): Promise<void> {
  const { dataDir, records, clock, log } = world
  const recipients = recoveryRecipients(records)
  const made = await makeBackup(world, { recipients }, { withSpool: false })
  if (made.kind === 'refused') throw new Error(made.reason)
  const name = nightlyName(new Date(clock.wall()).toISOString().slice(0, 10))
  try {
    await keepNightlyCopy(dataDir, name, made.octets)
  } finally {
    await made.octets[Symbol.asyncIterator]().return?.()
  }
  log.write('info', 'nightly-copy-made', { name })
}

function tell(world: NightlyWorld, trouble: string): void {
  remember(world, { fingerprint: '', trouble })
  world.log.write('warn', 'nightly-copy-failed', { detail: trouble })
  world.alerts.raise({
    key: alertKey,
    severity: 'warning',
    sentence: `The nightly copy of the settings could not be made: ${trouble}.`,
    remedy: 'Cure that; it is tried again the next night. `inkpost backup FILE` makes a backup now.',
  })
}

function remember({ records, clock }: NightlyWorld, copied: Omit<LastCopy, 'at'>): void {
  records.saveFact(fact, JSON.stringify({ at: clock.wall(), ...copied }))
}
