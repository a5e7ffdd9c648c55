import { useState } from 'preact/hooks'
import { ask } from '../../box.ts'
import { Field, Form, Labelled } from '../../parts/form.tsx'
import { StateWord } from '../../parts/state-word.tsx'
import { to } from '../../router.ts'
import { t } from '../../words/language.ts'
import type { StepProps } from '../wizard.tsx'
import { TestMail } from './test-mail.tsx'

/** A real mail by one way out, with what its service said. */
export function TestStep({ progress: { waysOut, proved } }: StepProps) {
  const [chosen, setChosen] = useState('')
  const [recipient, setRecipient] = useState('')
  const [trouble, setTrouble] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [sent, setSent] = useState<string | undefined>(undefined)
  const by = (waysOut.find(({ name }) => name === chosen) ?? waysOut[0])?.name ?? ''
  if (waysOut.length === 0)
    return (
      <section class="card">
        <p>{t('wizard.test-none')}</p>
        <a class="button main" href={to('wizard', 'way-out')}>
          {t('wizard.way-out')}
        </a>
      </section>
    )
  const submit = async () => {
    setBusy(true)
    setSent(undefined)
    const path = `/upstreams/${encodeURIComponent(by)}/test-messages`
    const answer = await ask<{ readonly message: string }>('POST', path, { body: { to: recipient.trim() } })
    setBusy(false)
    setTrouble(answer.kind === 'failed' ? answer.sentence : '')
    if (answer.kind === 'done') setSent(answer.value.message)
  }
  return (
    <section class="card">
      {proved !== undefined && sent === undefined && (
        <p>
          <StateWord mood="good">{t('wizard.test-was-done', { name: proved })}</StateWord>
        </p>
      )}
      <p>{t('wizard.test-explain', { name: by })}</p>
      <Form
        label={t('wizard.test')}
        submit={t('wizard.test-go')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
      >
        {waysOut.length > 1 && (
          <Labelled id="by" label={t('wizard.test-by')}>
            <select id="by" value={by} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
              {waysOut.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </Labelled>
        )}
        <Field
          label={t('wizard.test-to')}
          value={recipient}
          onInput={setRecipient}
          inputMode="email"
          autocomplete="email"
          required
        />
      </Form>
      {sent !== undefined && <TestMail key={sent} id={sent} upstream={by} />}
    </section>
  )
}
