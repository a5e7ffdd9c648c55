import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import { minute } from '../core/time.ts'
import { alertKeys } from '../delivery/passing-alerts.ts'
import type { Cures, KeptCure } from '../settings/cures.ts'

export interface CureCareParts {
  readonly cures: Cures
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Pick<Alerts, 'raise' | 'active'>
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
export function endCures(parts: CureCareParts): void {
  const { cures, clock } = parts
  if (!clock.isBelievable()) return
  for (const kept of cures.list().filter(({ keptUntil }) => keptUntil <= clock.wall())) {
    if (kept.until === undefined || kept.endsItself) cures.forget(kept.id)
    else end(kept, parts)
  }
}

function end(kept: KeptCure, { cures, log, alerts }: CureCareParts): void {
  const { id, session, code } = kept
  const ended = cures.end(kept, 'the box: its time was over')
  switch (ended.kind) {
    case 'ended': {
      const overtaken = ended.overtaken.map((what) => `${what} was changed since`)
      log.write('info', 'cure-ended', { session, code, detail: [...ended.texts, ...overtaken].join('; ') })
      // Somebody may have decided otherwise meanwhile, or not have known that it was weak.
      if (overtaken.length > 0)
        alerts.raise({
          key: `${alertKeys.cureOvertaken}${id}`,
          severity: 'warning',
          sentence: `The time of a cure (${code}) is over, but ${overtaken.join('; ')}: that was not put back.`,
          remedy: 'Look whether what holds now is meant to stay.',
        })
      return
    }
    case 'problems': {
      const key = `${alertKeys.cureOvertaken}${id}`
      // It is tried each minute, and told once a day.
      if (alerts.active().some((alert) => alert.key === key)) return
      const why = ended.problems.map(({ sentence }) => sentence).join(' ')
      log.write('warn', 'cure-not-ended', { session, code, detail: why })
      alerts.raise({
        key,
        severity: 'warning',
        sentence: `The time of a cure (${code}) is over, but it can't be put back: ${why}`,
        remedy: 'Change what needs it; then the box puts it back by itself.',
      })
      return
    }
    case 'unknown':
    case 'outdated':
    case 'overtaken':
      // Nothing else writes settings between the look and the change: the next look will do.
      return
  }
}
