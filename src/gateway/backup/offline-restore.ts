import { join } from 'node:path'
import type { RestoreView, RestoreWish } from '../../core/backup-operations.ts'
import type { Clock } from '../../core/clock.ts'
import type { Done } from '../../core/operations.ts'
import { profileOf } from '../boot.ts'
import { takeDirectory } from '../data-directory.ts'
import { lookAtSpool, takeRestore } from './put-aside.ts'
import { stageRestore } from './restoring.ts'

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
  await takeRestore(dataDir)
  const presentSpool = () => lookAtSpool(join(dataDir, 'spool.db'))
  const world = { dataDir, profile: profileOf(dataDir), clock, presentSpool }
  const staged = await stageRestore(octets, wish, who, world)
  // The directory is ours: no mail can have come since.
  if (staged.kind === 'done' && staged.restored.isTaken) await takeRestore(dataDir)
  return staged
}
