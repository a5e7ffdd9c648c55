import type { OperatorSetup } from '../core/setup.ts'

type Held = Pick<OperatorSetup, 'role'>

/** At the box itself a box may be given away: with nobody left its claim code opens it again. */
export interface AdministratorWish {
  readonly keepsAdministrator?: boolean
}

/**
 * Why operators must not become these: nobody could make others any more, and while there is any the box can't be
 * claimed. Asked wherever operators are written; undefined: they may.
 */
export function administratorTrouble(
  before: readonly Held[],
  after: readonly Held[],
  { keepsAdministrator = false }: AdministratorWish,
): string | undefined {
  if (!before.some(isAdministrator) || after.some(isAdministrator)) return undefined
  return after.length === 0 && !keepsAdministrator
    ? undefined
    : 'no administrator would be left: make another one first'
}

const isAdministrator = ({ role }: Held): boolean => role === 'administrator'
