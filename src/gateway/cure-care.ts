import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import { minute } from '../core/time.ts'
import type { Cures, KeptCure } from '../settings/cures.ts'

export interface CureCareParts {
  readonly cures: Cures
  readonly clock: Clock
  readonly log: Log
}

const lookEveryMs = 1 * minute

/** Puts cures back whose end has come, until the signal aborts. */
export async function watchCures(parts: CureCareParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    endCures(parts)
    await parts.clock.sleep(lookEveryMs, signal)
  }
}

/** A clock that can't be believed ends nothing: it would end what was just begun, or nothing for years. */
export function endCures({ cures, clock, log }: CureCareParts): void {
  if (!clock.isBelievable()) return
  for (const kept of cures.list().filter(({ keptUntil }) => keptUntil <= clock.wall())) {
    if (kept.until === undefined || kept.endsItself) cures.forget(kept.id)
    else end(kept, cures, log)
  }
}

function end(kept: KeptCure, cures: Cures, log: Log): void {
  const { id, session, code } = kept
  const undone = cures.undo(kept, 'the box: its time was over')
  switch (undone.kind) {
    case 'done':
      log.write('info', 'cure-ended', { session, code, detail: undone.texts.join('; ') })
      return
    case 'overtaken':
      // Somebody decided otherwise meanwhile.
      log.write('info', 'cure-ended', { session, code, detail: `${undone.what} was changed since` })
      cures.forget(id)
      return
    case 'problems':
      log.write('warn', 'cure-not-ended', {
        session,
        code,
        detail: undone.problems.map(({ sentence }) => sentence),
      })
      return
    case 'unknown':
    case 'outdated':
      // Nothing else writes settings between the look and the change: the next look will do.
      return
  }
}
