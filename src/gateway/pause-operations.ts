import type { Operations } from '../core/operations.ts'
import type { Delivery } from '../delivery/delivery.ts'
import { noUpstream } from './no-upstream.ts'

/** Ways out, stopped and let go on by hand. */
export const pauseOperations = (
  delivery: Pick<Delivery, 'pause' | 'resume'>,
  record: (who: string, what: string) => void,
  /** Why another box sends in the place of this one; undefined: none does. */
  standsDown: () => string | undefined,
): Pick<Operations, 'pause' | 'resume'> => ({
  pause: async (upstream, who) => {
    const done = await delivery.pause(upstream)
    if (done === 'unknown') return noUpstream(upstream)
    if (done === 'changed') record(who, `upstream ${JSON.stringify(upstream)}: paused by hand`)
    return { kind: 'done', isChanged: done === 'changed' }
  },
  resume: async (upstream, who) => {
    const down = standsDown()
    if (down !== undefined)
      return {
        kind: 'refused',
        reason: `${down}: \`inkpost identity keep\` says that this is the one to stay`,
      }
    const done = await delivery.resume(upstream)
    if (done === 'unknown') return noUpstream(upstream)
    if (done === 'changed') record(who, `upstream ${JSON.stringify(upstream)}: resumed by hand`)
    return { kind: 'done', isChanged: done === 'changed' }
  },
})
