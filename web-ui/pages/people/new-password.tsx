import { useState } from 'preact/hooks'
import { Dialog } from '../../parts/dialog.tsx'
import { Form, PasswordField } from '../../parts/form.tsx'
import { tell } from '../../parts/notice.tsx'
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
  const [trouble, setTrouble] = useState('')
  const [isBusy, setBusy] = useState(false)
  const submit = async () => {
    setBusy(true)
    const answer = await access.setPassword(name, password)
    setBusy(false)
    setTrouble(answer.kind === 'failed' ? answer.sentence : '')
    if (answer.kind === 'failed') return
    onClose()
    tell(t('operators.password-set', { name }))
  }
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
