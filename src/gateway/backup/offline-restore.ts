import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RestoreView, RestoreWish } from '../../core/backup-operations.ts'
import type { Clock } from '../../core/clock.ts'
import type { Done } from '../../core/operations.ts'
import { runSpoolErrand } from '../../spool/spool-errands.ts'
import { profileOf } from '../boot.ts'
import { takeDirectory } from '../data-directory.ts'
import { type PresentSpool, stageRestore } from './restoring.ts'
import { takeStagedRestore } from './staged-restore.ts'

/**
 * Restores where no gateway runs: on an empty directory, or on one whose databases may be what is broken. Rejects with
 * `StartRefused` where another process has the directory.
 */
export async function restoreOffline(
  dataDir: string,
  octets: AsyncIterable<Uint8Array>,
  wish: RestoreWish,
  who: string,
  clock: Clock,
): Promise<Done<{ readonly restored: RestoreView }>> {
  using _lock = await takeDirectory(dataDir)
  takeStagedRestore(dataDir)
  const presentSpool = () => lookAtSpool(join(dataDir, 'spool.db'))
  const world = { dataDir, profile: profileOf(dataDir), clock, presentSpool }
  const staged = await stageRestore(octets, wish, who, world)
  if (staged.kind === 'done' && staged.restored.isTaken) takeStagedRestore(dataDir)
  return staged
}

/** In a process of its own: a file that breaks SQLite breaks nothing here. What nobody can read is nobody's mail any more. */
export async function lookAtSpool(file: string): Promise<PresentSpool | undefined> {
  if (!existsSync(file)) return undefined
  const seen = await runSpoolErrand({ kind: 'look', file })
  return seen.kind === 'seen' ? seen : undefined
}
