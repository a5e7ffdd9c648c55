import { useState } from 'preact/hooks'
import type { Standing } from '../../src/core/console-session.ts'
import { ask, stand, standing } from '../box.ts'
import { Field, Form, PasswordField } from '../parts/form.tsx'
import { t } from '../words/language.ts'

export function SignIn() {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [trouble, setTrouble] = useState('')
  const [isBusy, setBusy] = useState(false)
  const submit = async () => {
    setBusy(true)
    const answer = await ask<Standing>('POST', '/session', { body: { name, password } })
    setBusy(false)
    setTrouble(answer.kind === 'failed' ? answer.sentence : '')
    if (answer.kind === 'done') stand(answer.value)
  }
  const title = t('sign-in.title', { box: standing.value?.about.name ?? '' })
  return (
    <main class="door">
      <h1>{title}</h1>
      <Form label={title} submit={t('sign-in.go')} isBusy={isBusy} trouble={trouble} onSubmit={submit}>
        <Field label={t('sign-in.name')} value={name} onInput={setName} autocomplete="username" required />
        <PasswordField label={t('sign-in.password')} value={password} onInput={setPassword} required />
      </Form>
    </main>
  )
}
