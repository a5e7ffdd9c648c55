import { useState } from 'preact/hooks'
import { refreshStanding } from '../../box.ts'
import { Field, Form } from '../../parts/form.tsx'
import { setGateway } from '../../setup-edits.ts'
import { t } from '../../words/language.ts'
import type { StepProps } from '../wizard.tsx'
import { ClockFound } from './clock-found.tsx'
import { NetworkFound } from './network-found.tsx'

/** Name, time and network, as they were found. */
export function BoxStep({ progress, reload, onDone }: StepProps) {
  const [name, setName] = useState(progress.status.name)
  const [postmaster, setPostmaster] = useState('')
  const [trouble, setTrouble] = useState<ReadonlyMap<string, string>>(new Map())
  const [isBusy, setBusy] = useState(false)
  const submit = async () => {
    setBusy(true)
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone
    const change = await setGateway({
      name: name.trim().toLowerCase(),
      timezone,
      ...(postmaster !== '' && { postmaster: postmaster.trim() }),
    })
    setBusy(false)
    if (change.kind === 'done') {
      // Its name stands above every page.
      await refreshStanding()
      return onDone()
    }
    setTrouble(change.fields.size > 0 ? change.fields : new Map([['', change.sentence]]))
  }
  const rest = [...trouble].filter(([field]) => field !== 'name' && field !== 'postmaster')
  return (
    <>
      <section class="card">
        <Form
          label={t('wizard.box')}
          submit={t('do.save')}
          isBusy={isBusy}
          trouble={rest.map(([field, sentence]) => `${field} ${sentence}`).join('\n')}
          onSubmit={submit}
        >
          <Field
            label={t('wizard.box-name')}
            hint={t('wizard.box-name-hint', { name: name || 'inkpost' })}
            trouble={trouble.get('name')}
            value={name}
            onInput={setName}
            maxLength={63}
            required
          />
          <Field
            label={t('wizard.postmaster')}
            hint={t('wizard.postmaster-hint')}
            trouble={trouble.get('postmaster')}
            value={postmaster}
            onInput={setPostmaster}
            inputMode="email"
          />
        </Form>
      </section>
      <ClockFound clock={progress.status.clock} reload={reload} />
      <NetworkFound listeners={progress.status.listeners} />
    </>
  )
}
