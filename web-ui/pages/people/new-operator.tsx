import { useState } from 'preact/hooks'
import type { OperatorRole } from '../../../src/core/setup.ts'
import { Field, Form, PasswordField } from '../../parts/form.tsx'
import { tell } from '../../parts/notice.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { t } from '../../words/language.ts'
import { access } from './access.ts'
import { RoleChoice } from './role-choice.tsx'

export function NewOperator({ onAdded }: { readonly onAdded: () => void }) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<OperatorRole>('technician')
  const [password, setPassword] = useState('')
  const { isBusy, trouble, submit } = useSubmit(
    () => access.addOperator({ name: name.trim(), role, password }),
    () => {
      tell(t('operators.added', { name }))
      setName('')
      setPassword('')
      onAdded()
    },
  )
  const label = t('operators.add')
  return (
    <section class="card">
      <h2>{label}</h2>
      <Form label={label} submit={t('do.add')} isBusy={isBusy} trouble={trouble} onSubmit={submit}>
        <Field label={t('operators.name')} value={name} onInput={setName} required />
        <RoleChoice id="new-operator-role" role={role} onChoose={setRole} />
        <PasswordField
          label={t('operators.password')}
          hint={t('operators.password-hint')}
          value={password}
          onInput={setPassword}
          autocomplete="new-password"
          required
        />
      </Form>
    </section>
  )
}
