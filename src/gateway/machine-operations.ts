import type { Clock } from '../core/clock.ts'
import type { MachineHealth } from '../core/machine-health.ts'
import type { Operations } from '../core/operations.ts'
import type { Stores } from './boot.ts'

/** Few ask how the machine is: what finds out is loaded then. `seen`: what only who looks again and again knows. */
export const machineOperations = (
  { dataDir }: Pick<Stores, 'dataDir'>,
  clock: Clock,
  seen: (health: MachineHealth) => MachineHealth = (health) => health,
): Pick<Operations, 'health'> => ({
  health: async () => {
    const [{ vitalSigns }, { machine }] = await Promise.all([
      import('../platform/vital-signs.ts'),
      import('../platform/machine.ts'),
    ])
    const [about, signs] = await Promise.all([machine(), vitalSigns({ clock, dataDirectory: dataDir })])
    return seen({ machine: about, ...signs })
  },
})
