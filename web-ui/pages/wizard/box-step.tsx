import { useState } from 'preact/hooks'
import type { NetworkSheet } from '../../../src/core/network-operations.ts'
import { refreshStanding } from '../../box.ts'
import { Field, Form } from '../../parts/form.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { useSubmit } from '../../parts/use-submit.ts'
import { setGateway } from '../../setup-edits.ts'
import { t } from '../../words/language.ts'
import type { StepProps } from '../wizard.tsx'
import { ClockFound } from './clock-found.tsx'
import { NetworkFound } from './network-found.tsx'

/** Name, time and network, as they were found. */
export function BoxStep({ progress, reload, onDone }: StepProps) {
  const [name, setName] = useState(progress.status.name)
  const machine = useAnswer<NetworkSheet>('/network', ['setup']).value?.machine
  const network = machine?.kind === 'known' ? machine.view : undefined
  const [postmaster, setPostmaster] = useState('')
  const { isBusy, trouble, troubleOf, submit } = useSubmit(() =>
    setGateway({
      name: name.trim().toLowerCase(),
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      ...(postmaster !== '' && { postmaster: postmaster.trim() }),
    }), () => {
    // Its name stands above every page.
    void refreshStanding()
    onDone()
  }, ['name', 'postmaster'])
  return (
    <>
      <section class="card">
        <Form
          label={t('wizard.box')}
          submit={t('do.save')}
          isBusy={isBusy}
          trouble={trouble}
          onSubmit={submit}
        >
          <Field
            label={t('wizard.box-name')}
            hint={t('wizard.box-name-hint', { name: name || 'inkpost' })}
            trouble={troubleOf('name')}
            value={name}
            onInput={setName}
            maxLength={63}
            required
          />
          <Field
            label={t('wizard.postmaster')}
            hint={t('wizard.postmaster-hint')}
            trouble={troubleOf('postmaster')}
            value={postmaster}
            onInput={setPostmaster}
            inputMode="email"
          />
        </Form>
      </section>
      <ClockFound
        clock={progress.status.clock}
        maySet={network !== undefined && !network.hasTime}
        reload={reload}
      />
      <NetworkFound listeners={progress.status.listeners} mayChange={network !== undefined} />
    </>
  )
}
