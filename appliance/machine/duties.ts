import * as v from 'valibot'
import { claimFileDuty } from './claim-file.ts'
import { dataEraseDuty } from './data-erase.ts'
import { type Duties, type Duty, duty } from './duty.ts'
import { firewallDuty } from './firewall.ts'
import { lampDuty } from './lamp.ts'
import { networkDuties } from './network-duties.ts'
import { NetworkTrial } from './network-trial.ts'
import type { NetworkWorld } from './network-world.ts'
import { stickDuties } from './stick.ts'
import { storageDuties } from './storage.ts'
import { updateDuties } from './update-duties.ts'

/** What this service does; a line each. */
export function machineDuties(world: NetworkWorld): Duties {
  const duties = new Map<string, Duty>([
    ['claim-file', claimFileDuty()],
    ['data-erase', dataEraseDuty(() => new NetworkTrial(world).destroyKept())],
    ['firewall-set', firewallDuty()],
    ['lamp', lampDuty()],
    ...stickDuties(),
    ...storageDuties(),
    ...networkDuties(world),
    ...updateDuties(),
  ])
  const names = [...duties.keys(), 'duties']
  return duties.set(
    'duties',
    duty<'duties'>(v.strictObject({}), async () => ({ duties: names })),
  )
}
