import * as v from 'valibot'
import { type Duties, type Duty, duty } from './duty.ts'
import { lampDuty } from './lamp.ts'
import { storageDuties } from './storage.ts'

/** What this service does; a line each. */
export function machineDuties(): Duties {
  const duties = new Map<string, Duty>([['lamp', lampDuty()], ...storageDuties()])
  const names = [...duties.keys(), 'duties']
  return duties.set(
    'duties',
    duty<'duties'>(v.strictObject({}), async () => ({ duties: names })),
  )
}
