import { useState } from 'preact/hooks'
import { standing } from '../box.ts'
import { Door } from '../parts/door.tsx'
import { Field, Form, PasswordField } from '../parts/form.tsx'
import { t } from '../words/language.ts'
import { useEntrance } from './sign-in/entrance.ts'
import { Halfway } from './sign-in/halfway.tsx'

export function SignIn() {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const entrance = useEntrance(() => {})
  if (entrance.half !== undefined) return <Halfway entrance={entrance} half={entrance.half} />
  const title = t('sign-in.title', { box: standing.value?.about.name ?? '' })
  return (
    <Door title={title}>
      <Form
        label={title}
        submit={t('sign-in.go')}
        isBusy={entrance.isBusy}
        trouble={entrance.trouble}
        onSubmit={() => entrance.ask('/session', { name: name.trim(), password })}
      >
        <Field label={t('sign-in.name')} value={name} onInput={setName} autocomplete="username" required />
        <PasswordField label={t('sign-in.password')} value={password} onInput={setPassword} required />
      </Form>
      <details>
        <summary>{t('sign-in.lost')}</summary>
        <p>{t('sign-in.lost-cure')}</p>
      </details>
    </Door>
  )
}
