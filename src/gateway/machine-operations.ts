import type { Clock } from '../core/clock.ts'
import type { Operations } from '../core/operations.ts'
import type { Stores } from './boot.ts'

/** Few ask how the machine is: what finds out is loaded then. */
export const machineOperations = (
  { dataDir }: Pick<Stores, 'dataDir'>,
  clock: Clock,
): Pick<Operations, 'health'> => ({
  health: async () => {
    const { vitalSigns } = await import('../platform/vital-signs.ts')
    return vitalSigns({ clock, dataDirectory: dataDir })
  },
})
