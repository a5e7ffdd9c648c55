import type { Clock } from '../core/clock.ts'
import type { Refused } from '../core/operations.ts'
import { nextOpening, parseTimeWindow } from '../core/time-window.ts'
import type { UpdateOperations } from '../core/update-operations.ts'
import { build } from '../platform/build.ts'
import { RecordFile } from '../update/record-file.ts'
import type { Stores } from './boot.ts'

/** While no gateway runs: how far it is. */
export function offlineUpdates(
  { settings, dataDir }: Pick<Stores, 'settings' | 'dataDir'>,
  clock: Clock,
  notRunning: Refused,
): UpdateOperations {
  const refuse = async (): Promise<Refused> => notRunning
  return {
    updates: async () => {
      const { state, check } = new RecordFile(dataDir).record
      const { window, url, automatic } = settings.document.update
      const opening = parseTimeWindow(window) ?? { from: 0, to: 1 }
      return {
        version: build.version,
        machine: { kind: 'none', reason: notRunning.reason },
        state,
        percent: null,
        window,
        opensAt: nextOpening(opening, clock.wall(), settings.setup.gateway.timezone),
        url,
        automatic,
        check,
      }
    },
    checkUpdate: refuse,
    fetchUpdate: refuse,
    beginBundle: refuse,
    uploadBundle: refuse,
    updateSticks: refuse,
    installUpdate: refuse,
    cancelUpdate: refuse,
    rollBackUpdate: refuse,
  }
}
