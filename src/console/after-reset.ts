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
  'POST /backups',
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
const atTheBox =
  'this box was reset: backups, restores and recovery codes are made by commands on the box itself'
