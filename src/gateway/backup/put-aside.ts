import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Alert, Alerts } from '../../core/alerts.ts'
import { runSpoolErrand } from '../../spool/spool-errands.ts'
import { replacedFolder, stagedFolder } from './backup-folders.ts'
import type { PresentSpool } from './restoring.ts'
import { takeStagedRestore } from './staged-restore.ts'

/** In a process of its own: a file that breaks SQLite breaks nothing here. What nobody can read is nobody's mail any more. */
export async function lookAtSpool(file: string): Promise<PresentSpool | undefined> {
  if (!existsSync(file)) return undefined
  const seen = await runSpoolErrand({ kind: 'look', file })
  return seen.kind === 'seen' ? seen : undefined
}

/** Takes what is staged; what earlier restores replaced goes, unless mail waits in it. True: one was taken. */
export async function takeRestore(dataDir: string): Promise<boolean> {
  if (existsSync(join(dataDir, stagedFolder)))
    for (const { folder, open } of await replacedOnes(dataDir))
      if (open === 0) await rm(folder, { recursive: true, force: true })
  return takeStagedRestore(dataDir)
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
  return await Promise.all(folders.map(async (folder) => ({ folder, open: await openIn(folder) })))
}

async function openIn(folder: string): Promise<number | undefined> {
  const file = join(folder, 'spool.db')
  if (!existsSync(file)) return 0
  // A process that ended without an answer says as little of the mail as a file that can't be read.
  const seen = await lookAtSpool(file).catch(() => undefined)
  return seen?.open
}
