import { useState } from 'preact/hooks'
import type { Standing } from '../../src/core/console-session.ts'
import { ask, stand } from '../box.ts'
import { Field, Form, PasswordField } from '../parts/form.tsx'
import { t } from '../words/language.ts'

/** The first page of a box that is nobody's yet. */
export function Claim() {
  const [code, setCode] = useState('')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [trouble, setTrouble] = useState('')
  const [isBusy, setBusy] = useState(false)
  const submit = async () => {
    setBusy(true)
    const answer = await ask<Standing>('POST', '/claim', { body: { code, name, password } })
    setBusy(false)
    setTrouble(answer.kind === 'failed' ? answer.sentence : '')
    if (answer.kind === 'done') stand(answer.value)
  }
  return (
    <main class="door">
      <h1>{t('claim.title')}</h1>
      <p>{t('claim.explain')}</p>
      <Form
        label={t('claim.title')}
        submit={t('claim.go')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
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
    </main>
  )
}
