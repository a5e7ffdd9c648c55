import type { Spool } from '../core/spool.ts'
import { waitingOn } from '../core/step-delivery.ts'
import { wallMs } from '../core/time.ts'
import type { Delivery } from '../delivery/delivery.ts'
import type { Settings } from '../settings/settings.ts'

export interface RetirementParts {
  readonly settings: Pick<Settings, 'retired' | 'release'>
  readonly spool: Pick<Spool, 'queue' | 'dueAsks'>
  readonly delivery: Pick<Delivery, 'end'>
}

/** With more in the queue than this nobody looks through it for a name: there is time. */
const looksAtMost = 2000
/** Questions, which are heavier; an unknown fate is an open delivery, too, so that only a confirmation can be missed. */
const asksAtMost = 256
const everAfter = wallMs(Number.MAX_SAFE_INTEGER)

/** Lets upstreams go that left the setup, once no open delivery names them and nothing is to be asked of them. */
export async function releaseRetired({ settings, spool, delivery }: RetirementParts): Promise<void> {
  if (settings.retired().length === 0) return
  const open = await spool.queue({ all: false, limit: looksAtMost })
  const asks = await spool.dueAsks(everAfter, asksAtMost)
  if (open.length >= looksAtMost || asks.length >= asksAtMost) return
  const needed = new Set([
    ...open.map(({ upstream }) => upstream),
    ...open.map(({ waitingFor }) => waitingFor && waitingOn(waitingFor).upstream),
    ...asks.map(({ part }) => part.upstream),
  ])
  for (const { name } of settings.retired()) {
    if (!needed.has(name) && (await delivery.end(name))) settings.release(name)
  }
}
