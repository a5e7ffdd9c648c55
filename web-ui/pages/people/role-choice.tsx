import type { OperatorRole } from '../../../src/core/setup.ts'
import { Labelled } from '../../parts/form.tsx'
import { t } from '../../words/language.ts'

const roles = ['administrator', 'technician', 'viewer'] as const satisfies readonly OperatorRole[]

interface RoleChoiceProps {
  readonly id: string
  readonly role: OperatorRole
  readonly onChoose: (role: OperatorRole) => void
}

export function RoleChoice({ id, role, onChoose }: RoleChoiceProps) {
  return (
    <Labelled id={id} label={t('operators.role')} hint={t('role.what')}>
      <select
        id={id}
        value={role}
        aria-describedby={`${id}-hint`}
        onChange={({ currentTarget: { value } }) => {
          const chosen = roles.find((each) => each === value)
          if (chosen) onChoose(chosen)
        }}
      >
        {roles.map((each) => (
          <option key={each} value={each}>
            {t(`role.${each}`)}
          </option>
        ))}
      </select>
    </Labelled>
  )
}
