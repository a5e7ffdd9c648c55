import { useState } from 'preact/hooks'
import { Door } from '../parts/door.tsx'
import { Field, Form, PasswordField } from '../parts/form.tsx'
import { place } from '../router.ts'
import { t } from '../words/language.ts'
import { useEntrance } from './sign-in/entrance.ts'
import { Halfway } from './sign-in/halfway.tsx'

/** The first page of a box that is nobody's yet. The QR code on its label brings the claim code along: `#/claim/CODE`. */
export function Claim() {
  const [, fromLabel = ''] = place.value.parts
  const [code, setCode] = useState(fromLabel)
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const entrance = useEntrance(() => {
    location.hash = '#/recovery'
  })
  if (entrance.half !== undefined) return <Halfway entrance={entrance} half={entrance.half} />
  return (
    <Door title={t('claim.title')}>
      <p>{t('claim.explain')}</p>
      <Form
        label={t('claim.title')}
        submit={t('claim.go')}
        isBusy={entrance.isBusy}
        trouble={entrance.trouble}
        onSubmit={() => entrance.ask('/claim', { code, name: name.trim(), password })}
      >
        <Field label={t('claim.code')} value={code} onInput={setCode} required />
        <Field label={t('claim.name')} value={name} onInput={setName} autocomplete="username" required />
        <PasswordField
          label={t('claim.password')}
          hint={t('claim.password-hint')}
          value={password}
          onInput={setPassword}
          autocomplete="new-password"
          required
        />
      </Form>
    </Door>
  )
}
