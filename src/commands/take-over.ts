import type { RestoreWish } from '../core/backup-operations.ts'
import { type Call, onBox, show } from './call.ts'
import { restoredLines, restoreThere } from './restore.ts'
import { done, failed, refusedBy, type Verdict } from './verdict.ts'

export interface TakeOverChoice {
  readonly dryRun: boolean
  readonly yes: boolean
  readonly withoutSpool: boolean
  readonly putAsideMail: boolean
  readonly holdAll: boolean
}

/** `take-over FOLDER|DEVICE`: this box becomes the one whose data lies there, and goes on with its mail. */
export async function takeOver(call: Call, folder: string, choice: TakeOverChoice): Promise<Verdict> {
  const wish: RestoreWish = {
    secret: '',
    isTrial: choice.dryRun,
    mayReplace: choice.yes,
    mayPutAsideMail: choice.putAsideMail,
    isWithoutSpool: choice.withoutSpool,
    oldBox: { mayHaveGoneOn: choice.holdAll },
  }
  if (folder.startsWith('/dev/')) return fromStorage(call, folder.slice('/dev/'.length), wish)
  const { oldBoxInFolder } = await call.world.loadGateway()
  const found = await oldBoxInFolder(folder, call.dataDir)
  if (found.kind === 'refused') return failed(found.reason)
  const result = await restoreThere(call, found.octets, wish)
  if (typeof result === 'string') return failed(result)
  const { restored, isRunning } = result
  if (restored.kind === 'refused') return refusedBy(restored)
  await show(call, restored.restored, () => restoredLines(restored.restored, call, isRunning))
  return done
}

/** The machine service reads it: it need not be mounted, and not be this user's. */
const fromStorage = (call: Call, storage: string, wish: RestoreWish): Promise<Verdict> =>
  onBox(
    call,
    async (operations) => {
      const { running } = await operations.status()
      const taken = await operations.takeOverStorage(storage, wish, call.world.who)
      if (taken.kind === 'refused') return refusedBy(taken)
      await show(call, taken.restored, () => restoredLines(taken.restored, call, running))
      return done
    },
    { mayMake: true },
  )
