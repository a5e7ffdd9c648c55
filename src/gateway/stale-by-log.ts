import type { LiveListener, Stale } from '../core/live.ts'
import type { Log } from '../core/log.ts'

/** Of what a line in the log says that it is not as it was. */
const changed: Readonly<Record<string, Stale['what']>> = {
  'alert-raised': 'alerts',
  'alert-renewed': 'alerts',
  'alert-cleared': 'alerts',
  'upstream-paused': 'upstreams',
  'upstream-tried-again': 'upstreams',
  'upstream-throttled': 'upstreams',
  'take-over-failed': 'sightings',
  'unadopted-dropped': 'queue',
}

/** Hears of changes where everything that happens is said anyway. */
export const staleByLog = (live: LiveListener): Log => ({
  write(_level, event) {
    const what = changed[event]
    if (what !== undefined && live.isHeard) live.tell({ kind: 'stale', what })
  },
})

/** After a change of the settings: the document has devices, upstreams and operators in it. */
export function tellSettings(live: LiveListener): void {
  if (!live.isHeard) return
  for (const what of ['setup', 'devices', 'upstreams', 'operators'] as const)
    live.tell({ kind: 'stale', what })
}
