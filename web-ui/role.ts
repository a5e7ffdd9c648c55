import type { OperatorRole } from '../src/core/setup.ts'
import { me } from './box.ts'

const roles: readonly OperatorRole[] = ['viewer', 'technician', 'administrator']

/** Whether who is signed in may do what needs this role. The box refuses it anyway: this is what is offered. */
export function isAtLeast(role: OperatorRole): boolean {
  const mine = me()?.role
  return mine !== undefined && roles.indexOf(mine) >= roles.indexOf(role)
}
