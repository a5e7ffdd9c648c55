import type { AccessOperations } from '../core/access-operations.ts'
import type { Done, Refused } from '../core/operations.ts'
import { type OperatorRole, operatorRoles } from '../core/setup.ts'
import type { OperatorChange } from '../settings/operators.ts'
import type { Stores } from './boot.ts'

type AccessStores = Pick<Stores, 'operators' | 'secondFactors' | 'tokens'>

/** Who may come in, by a running gateway or beside the databases. */
export function accessOperations({
  operators,
  secondFactors,
  tokens,
}: AccessStores): Omit<AccessOperations, 'resetBox'> {
  return {
    operators: async () =>
      operators.list().map(({ name, role }) => ({ name, role, hasSecondFactor: secondFactors.isOn(name) })),
    addOperator: async (name, role, password, who) => {
      if (!isRole(role)) return wrong(`the role is administrator, technician or viewer, not ${role}`)
      return operatorDone(await operators.add(name, role, password, who), name)
    },
    setOperatorPassword: async (name, password, who) =>
      operatorDone(await operators.setPassword(name, password, who), name),
    removeOperator: async (name, who, wish) => operatorDone(operators.remove(name, who, wish), name),
    removeSecondFactor: async (name, who) => {
      const found = operators.nameOf(name)
      if (found === undefined) return refused(`there is no operator ${name}`)
      return secondFactors.remove(found, who) ? { kind: 'done' } : refused(`${name} has no second factor`)
    },
    tokens: async () => tokens.list(),
    addToken: async (wish, who) => {
      const made = tokens.add(wish, who)
      return made.kind === 'made' ? { ...made, kind: 'done' } : wrong(made.sentence)
    },
    removeToken: async (id, who) =>
      tokens.remove(id, who) ? { kind: 'done' } : refused(`there is no token ${id}`),
  }
}

const refused = (reason: string): Refused => ({ kind: 'refused', reason })
const wrong = (reason: string): Refused => ({ kind: 'refused', reason, isWrongInput: true })

const isRole = (role: string): role is OperatorRole => operatorRoles.some((each) => each === role)

export function operatorDone(change: Exclude<OperatorChange, { kind: 'wrong-code' }>, name: string): Done {
  switch (change.kind) {
    case 'done':
      return { kind: 'done' }
    case 'exists':
      return refused(`there is an operator ${name} already`)
    case 'unknown':
      return refused(`there is no operator ${name}`)
    case 'last':
      return refused(change.sentence)
    case 'outdated':
      return refused(`${name} was given another password meanwhile: sign in with that one`)
    case 'refused':
      return wrong(change.sentence)
  }
}
