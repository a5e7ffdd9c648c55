import type { OperatorSetup } from '../core/setup.ts'
import { error, type Problem } from './problem.ts'
import { placeIn, type Readable } from './readable.ts'
import { kept, type OperatorDocument } from './schema.ts'
import type { StoredOperator } from './settings-database.ts'

/** What a document does to the operators. Those made in the console stay, unless the document names them too. */
export interface OperatorPlan {
  readonly problems: readonly Problem[]
  /** All there will be. */
  readonly operators: readonly OperatorSetup[]
  readonly saves: readonly OperatorSetup[]
  readonly removals: readonly string[]
  /** `operator "anna": password_hash`. */
  readonly changed: readonly string[]
  /** Names of those that would not be as they are: made, changed, of another origin, or gone. */
  readonly touched: readonly string[]
}

const isSameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

export function planOperators(stored: readonly StoredOperator[], readable: Readable): OperatorPlan {
  const next = readable.document
  const plans = next.operator.map((row, index) =>
    planRow(row, placeIn(readable, 'operator', index, row.name, 'password_hash'), stored),
  )
  const isNamed = (name: string): boolean => next.operator.some((row) => isSameName(row.name, name))
  const others = stored.filter(({ name }) => !isNamed(name))
  const saves = plans.flatMap(({ save }) => save ?? [])
  const removals = others.filter(({ origin }) => origin === 'document').map(({ name }) => name)
  return {
    problems: plans.flatMap(({ problem }) => problem ?? []),
    operators: [...saves, ...others.filter(({ origin }) => origin === 'console')],
    saves,
    removals,
    changed: plans.flatMap(({ changed }) => changed ?? []),
    touched: [...saves.filter((save) => !isThere(save, stored)).map(({ name }) => name), ...removals],
  }
}

/** Of the document already, too: who is taken into it leaves with a later one. */
const isThere = (save: OperatorSetup, stored: readonly StoredOperator[]): boolean =>
  stored.some(
    ({ name, role, passwordHash, origin }) =>
      origin === 'document' && name === save.name && role === save.role && passwordHash === save.passwordHash,
  )

interface RowPlan {
  readonly problem?: Problem
  readonly save?: OperatorSetup
  readonly changed?: string
}

function planRow(row: OperatorDocument, place: string, stored: readonly StoredOperator[]): RowPlan {
  const old = stored.find(({ name }) => isSameName(name, row.name))
  if (row.password_hash === kept && old === undefined)
    return { problem: error(place, 'nothing is kept for this operator; write the hash itself') }
  const passwordHash = row.password_hash === kept && old !== undefined ? old.passwordHash : row.password_hash
  const hasChanged = old !== undefined && old.passwordHash !== passwordHash
  return {
    save: { name: row.name, role: row.role, passwordHash },
    ...(hasChanged && { changed: `operator ${JSON.stringify(row.name)}: password_hash` }),
  }
}
