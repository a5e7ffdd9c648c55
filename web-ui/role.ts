import type { OperatorRole } from '../src/core/setup.ts'
import { me } from './box.ts'

const roles: readonly OperatorRole[] = ['viewer', 'technician', 'administrator']

/** What a role may not do is not offered; the box refuses it anyway. */
export const may = (needs: OperatorRole): boolean => {
  const role = me()?.role
  return role !== undefined && roles.indexOf(role) >= roles.indexOf(needs)
}
