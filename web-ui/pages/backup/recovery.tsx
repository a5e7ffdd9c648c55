import { useState } from 'preact/hooks'
import type { RecoveryState } from '../../../src/core/backup-operations.ts'
import { ask } from '../../box.ts'
import { boxNow } from '../../clock.ts'
import { Action } from '../../parts/action.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Copy } from '../../parts/copy.tsx'
import { Field, Form } from '../../parts/form.tsx'
import { tell } from '../../parts/notice.tsx'
import { StateWord } from '../../parts/state-word.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { formatDay, formatRelative } from '../../words/formats.ts'
import { t } from '../../words/language.ts'

interface RecoveryProps {
  readonly recovery: RecoveryState
  readonly onChanged: () => void
}

/** To what the nightly copies are sealed. */
export function Recovery({ recovery, onChanged }: RecoveryProps) {
  const [code, setCode] = useState('')
  const taken = (made: { readonly code: string }) => {
    setCode(made.code)
    onChanged()
  }
  const mint = () => ask<{ readonly code: string }>('POST', '/recovery-code')
  return (
    <section class="card">
      <h2>{t('backup.recovery')}</h2>
      <p>{t('backup.recovery-line')}</p>
      <RecoveryWord recovery={recovery} />
      {code !== '' && <ShownOnce code={code} />}
      {(recovery.kind === 'unconfirmed' || code !== '') && (
        <ConfirmCode
          onDone={() => {
            setCode('')
            onChanged()
          }}
        />
      )}
      {code === '' &&
        (recovery.kind === 'absent' ? (
          <Action label={t('backup.recovery-make')} look="main" run={mint} onDone={taken} />
        ) : (
          <Confirm
            label={t('backup.recovery-new')}
            question={t('backup.recovery-question')}
            run={mint}
            onDone={taken}
          >
            <p>{t('backup.recovery-new-line')}</p>
          </Confirm>
        ))}
    </section>
  )
}

function RecoveryWord({ recovery }: { readonly recovery: RecoveryState }) {
  switch (recovery.kind) {
    case 'absent':
      return <StateWord mood="bad">{t('backup.recovery-absent')}</StateWord>
    case 'unconfirmed': {
      const age = formatRelative(recovery.since - boxNow())
      return <StateWord mood="warn">{t('backup.recovery-unconfirmed', { age })}</StateWord>
    }
    case 'confirmed':
      return (
        <StateWord mood="good">
          {t('backup.recovery-confirmed', { day: formatDay(recovery.since) })}
        </StateWord>
      )
  }
}

function ShownOnce({ code }: { readonly code: string }) {
  return (
    <div role="status">
      <p>{t('backup.recovery-once')}</p>
      <p class="secret" dir="ltr">
        {code}
      </p>
      <Copy text={code} />
    </div>
  )
}

function ConfirmCode({ onDone }: { readonly onDone: () => void }) {
  const [part, setPart] = useState('')
  const { isBusy, trouble, submit } = useSubmit(
    () => ask('POST', '/recovery-code/confirm', { body: { part } }),
    () => {
      tell(t('backup.recovery-done'))
      onDone()
    },
  )
  return (
    <Form
      label={t('backup.recovery-confirm')}
      submit={t('backup.recovery-confirm')}
      isBusy={isBusy}
      trouble={trouble}
      onSubmit={submit}
    >
      <Field
        label={t('backup.recovery-part')}
        hint={t('backup.recovery-part-hint')}
        value={part}
        onInput={setPart}
        required
      />
    </Form>
  )
}
