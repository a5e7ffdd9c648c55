import { useState } from 'preact/hooks'
import { Dialog } from '../../parts/dialog.tsx'
import { Form, PasswordField } from '../../parts/form.tsx'
import { tell } from '../../parts/notice.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { t } from '../../words/language.ts'
import { access } from './access.ts'

/** Gives somebody else a new password. */
export function NewPassword({ name }: { readonly name: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {t('operators.new-password')}
      </button>
      {isOpen && <PasswordDialog name={name} onClose={() => setOpen(false)} />}
    </>
  )
}

function PasswordDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const [password, setPassword] = useState('')
  const { isBusy, trouble, submit } = useSubmit(
    () => access.setPassword(name, password),
    () => {
      onClose()
      tell(t('operators.password-set', { name }))
    },
  )
  const label = t('operators.new-password')
  return (
    <Dialog title={`${label}: ${name}`} onClose={onClose}>
      <Form label={label} submit={t('do.save')} isBusy={isBusy} trouble={trouble} onSubmit={submit}>
        <PasswordField
          label={label}
          hint={t('operators.password-hint')}
          value={password}
          onInput={setPassword}
          autocomplete="new-password"
          required
        />
      </Form>
    </Dialog>
  )
}
