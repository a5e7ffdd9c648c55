import type { RestoreWish } from '../core/backup-operations.ts'
import { type Call, show } from './call.ts'
import { restoredLines, restoreThere } from './restore.ts'
import { done, failed, refusedBy, type Verdict } from './verdict.ts'

export interface TakeOverChoice {
  readonly dryRun: boolean
  readonly yes: boolean
  readonly withoutSpool: boolean
  readonly putAsideMail: boolean
  readonly holdAll: boolean
}

/** `take-over FOLDER`: this box becomes the one whose data lies there, and goes on with its mail. */
export async function takeOver(call: Call, folder: string, choice: TakeOverChoice): Promise<Verdict> {
  const { oldBoxInFolder } = await call.world.loadGateway()
  const found = await oldBoxInFolder(folder, call.dataDir)
  if (found.kind === 'refused') return failed(found.reason)
  const wish: RestoreWish = {
    secret: '',
    isTrial: choice.dryRun,
    mayReplace: choice.yes,
    mayPutAsideMail: choice.putAsideMail,
    isWithoutSpool: choice.withoutSpool,
    oldBox: { mayHaveGoneOn: choice.holdAll },
  }
  const result = await restoreThere(call, found.octets, wish)
  if (typeof result === 'string') return failed(result)
  const { restored, isRunning } = result
  if (restored.kind === 'refused') return refusedBy(restored)
  await show(call, restored.restored, () => restoredLines(restored.restored, call, isRunning))
  return done
}
