import type { Operations } from '../core/operations.ts'
import { errorAnswer } from './answers.ts'
import type { Route } from './router.ts'

/** What is known of a reset by somebody who stood at the box. */
export interface ResetMemory {
  wasReset(): boolean
  /** `id` as typed. */
  isOldMail(id: string): boolean
}

const content = 'GET /messages/:id/content'
/** By each of them who claims a box that was reset could carry its mail and secrets elsewhere. */
const carriers: ReadonlySet<string> = new Set([
  'POST /restore',
  'POST /storages/:storage/take-over',
  'POST /recovery-code',
  'POST /recovery-code/confirm',
])

/** On TCP only: who is on the box itself has everything anyway. */
export function withoutWhatWasBefore(routes: readonly Route[], memory: ResetMemory): readonly Route[] {
  return routes.map((each) => {
    const name = `${each.method} ${each.pattern}`
    if (name === content) return guarded(each, (asked) => memory.isOldMail(asked.parameter('id')), oldMail)
    return carriers.has(name) ? guarded(each, () => memory.wasReset(), atTheBox) : each
  })
}

/**
 * A backup has the settings then, and what is sealed among them stays sealed: its key does not leave the box, and neither
 * does mail. What is newer than the reset is not told apart: a name that is changed seals an old secret anew.
 */
export function backupsWithoutWhatWasBefore(operations: Operations, memory: ResetMemory): Operations {
  return {
    ...operations,
    backups: async () => ({ ...(await operations.backups()), isAfterReset: memory.wasReset() }),
    makeBackup: async (wish, who) => {
      if (!memory.wasReset()) return operations.makeBackup(wish, who)
      if (wish.withSpool) return { kind: 'refused', reason: mailStays }
      return operations.makeBackup({ ...wish, withoutKey: true }, who)
    },
  }
}

type Handle = Route['handle']

const guarded = (
  route: Route,
  isRefused: (asked: Parameters<Handle>[0]) => boolean,
  sentence: string,
): Route => ({
  ...route,
  handle: (asked) => (isRefused(asked) ? errorAnswer(sentence, 403) : route.handle(asked)),
})

const oldMail = 'this mail is from before the reset of the box: its content is read on the box itself only'
const mailStays = 'this box was reset: a backup with its mail is made by a command on the box itself'
const atTheBox = 'this box was reset: restores and recovery codes are made by commands on the box itself'
