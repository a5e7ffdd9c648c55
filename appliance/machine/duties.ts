import * as v from 'valibot'
import { type Duties, type Duty, duty } from './duty.ts'
import { lampDuty } from './lamp.ts'
import { networkDuties } from './network-duties.ts'
import type { NetworkWorld } from './network-world.ts'

/** What this service does; a line each. */
export function machineDuties(world: NetworkWorld): Duties {
  const duties = new Map<string, Duty>([['lamp', lampDuty()], ...networkDuties(world)])
  const names = [...duties.keys(), 'duties']
  return duties.set(
    'duties',
    duty<'duties'>(v.strictObject({}), async () => ({ duties: names })),
  )
}
