import { existsSync, readdirSync, renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Alert, Alerts } from '../../core/alerts.ts'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import { hour } from '../../core/time.ts'
import { alertKeys } from '../../delivery/passing-alerts.ts'
import { runSpoolErrand } from '../../spool/spool-errands.ts'
import { givenUpFolder, replacedFolder, stagedFolder, syncFolder } from './backup-folders.ts'
import type { PresentSpool } from './restoring.ts'
import { mayReplaceMail, takeStagedRestore } from './staged-restore.ts'

/** In a process of its own: a file that breaks SQLite breaks nothing here. What nobody can read is nobody's mail any more. */
export async function lookAtSpool(file: string): Promise<PresentSpool | undefined> {
  if (!existsSync(file)) return undefined
  const seen = await runSpoolErrand({ kind: 'look', file })
  return seen.kind === 'seen' ? seen : undefined
}

/**
 * Takes what is staged; what earlier restores replaced goes, unless mail waits in it. `given-up`: mail came between the last
 * look and the closing of the house, and nobody said that it may be put aside. The restore is gone then, the mail is not.
 */
export async function takeRestore(dataDir: string): Promise<'none' | 'taken' | 'given-up'> {
  if (!existsSync(join(dataDir, stagedFolder))) return takeStagedRestore(dataDir) ? 'taken' : 'none'
  const mayReplace =
    mayReplaceMail(dataDir) || ((await lookAtSpool(join(dataDir, 'spool.db')))?.open ?? 0) === 0
  if (!mayReplace) {
    await giveUp(dataDir)
    return 'given-up'
  }
  await rm(join(dataDir, givenUpFolder), { recursive: true, force: true })
  for (const { folder, open } of await replacedOnes(dataDir))
    if (open === 0) await rm(folder, { recursive: true, force: true })
  return takeStagedRestore(dataDir) ? 'taken' : 'none'
}

/** A command may be the one that meets it, and tells nobody: the empty folder is for the next gateway. */
async function giveUp(dataDir: string): Promise<void> {
  const folder = join(dataDir, givenUpFolder)
  await rm(folder, { recursive: true, force: true })
  renameSync(join(dataDir, stagedFolder), folder)
  syncFolder(dataDir)
  for (const name of readdirSync(folder)) await rm(join(folder, name), { recursive: true, force: true })
}

/** Whoever had given it up, it is told by an alert that lasts. */
export async function tellGivenUp(
  dataDir: string,
  alerts: Alerts & { flush(): Promise<void> },
): Promise<void> {
  const folder = join(dataDir, givenUpFolder)
  if (!existsSync(folder)) return
  alerts.raise(givenUpAlert)
  await alerts.flush()
  await rm(folder, { recursive: true, force: true })
}

/** Looks at the start and each hour, one folder after the other, until the signal aborts. */
export async function watchPutAside(world: PutAsideWorld, signal: AbortSignal): Promise<void> {
  const { dataDir, alerts, clock, log } = world
  while (!signal.aborted) {
    await tellPutAside(dataDir, alerts).catch((error: unknown) =>
      log.write('warn', 'put-aside-not-seen', { detail: String(error) }),
    )
    await clock.sleep(hour, signal)
  }
}

export interface PutAsideWorld {
  readonly dataDir: string
  readonly alerts: Alerts
  readonly clock: Clock
  readonly log: Log
}

const givenUpAlert: Alert = {
  key: alertKeys.restoreGivenUp,
  severity: 'warning',
  sentence: 'A restore was given up: mail came while the box closed, and it would have been put aside.',
  remedy: 'Restore again; the tick for mail that waits puts it aside.',
}

const alertPrefix = 'mail-put-aside/'

/** Accepted mail that a restore put aside is sent by nobody: that is said for as long as it lies there. */
export async function tellPutAside(dataDir: string, alerts: Alerts): Promise<void> {
  const waiting = (await replacedOnes(dataDir)).filter(({ open }) => open !== 0)
  const told = new Set(waiting.map(({ folder }) => alertPrefix + basename(folder)))
  for (const { key } of alerts.active()) if (key.startsWith(alertPrefix) && !told.has(key)) alerts.clear(key)
  for (const replaced of waiting) alerts.raise(putAsideAlert(replaced))
}

const putAsideAlert = ({ folder, open }: Replaced): Alert => ({
  key: alertPrefix + basename(folder),
  severity: 'warning',
  sentence:
    open === undefined
      ? `A restore put the mail of this box aside into ${folder}; it can't be read, and is not sent.`
      : `A restore put ${open} waiting ${open === 1 ? 'delivery' : 'deliveries'} aside into ${folder}: they are not sent.`,
  remedy: `To send them, restore that spool (docs/operations.md, Backups); else remove ${folder}.`,
})

interface Replaced {
  readonly folder: string
  /** Deliveries that wait in it; undefined: nobody can say. */
  readonly open: number | undefined
}

const pattern = new RegExp(`^${replacedFolder}(-\\d+)?$`)

async function replacedOnes(dataDir: string): Promise<readonly Replaced[]> {
  const folders = readdirSync(dataDir)
    .filter((name) => pattern.test(name))
    .map((name) => join(dataDir, name))
  const found: Replaced[] = []
  for (const folder of folders) found.push({ folder, open: await openIn(folder) })
  return found
}

async function openIn(folder: string): Promise<number | undefined> {
  const file = join(folder, 'spool.db')
  if (!existsSync(file)) return 0
  // A process that ended without an answer says as little of the mail as a file that can't be read.
  const seen = await lookAtSpool(file).catch(() => undefined)
  return seen?.open
}
