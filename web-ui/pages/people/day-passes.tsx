import { useState } from 'preact/hooks'
import type { DayPassView } from '../../../src/core/console-session.ts'
import { Action } from '../../parts/action.tsx'
import { Answered } from '../../parts/answered.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, Form } from '../../parts/form.tsx'
import { List } from '../../parts/list.tsx'
import { tell } from '../../parts/notice.tsx'
import { Qr } from '../../parts/qr.tsx'
import { StateWord } from '../../parts/state-word.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { useSubmit } from '../../parts/use-submit.ts'
import { formatSpan } from '../../words/formats.ts'
import { t } from '../../words/language.ts'
import { access } from './access.ts'

interface Made {
  readonly guest: string
  readonly link: string
}

/** Signs one technician in for a day, by a code to scan. */
export function DayPasses() {
  const known = useAnswer<readonly DayPassView[]>('/passes', ['operators'])
  const [made, setMade] = useState<Made | undefined>(undefined)
  return (
    <section class="card">
      <h2>{t('day-pass.title')}</h2>
      <p>{t('day-pass.line')}</p>
      <Answered known={known}>
        {(passes) => (
          <List items={passes} keyOf={({ id }) => id} empty={t('day-pass.empty')} label={t('day-pass.title')}>
            {(pass) => <PassRow pass={pass} onChanged={known.reload} />}
          </List>
        )}
      </Answered>
      <NewPass
        onMade={(next) => {
          setMade(next)
          known.reload()
        }}
      />
      {made && <PassDialog made={made} onClose={() => setMade(undefined)} />}
    </section>
  )
}

interface PassRowProps {
  readonly pass: DayPassView
  readonly onChanged: () => void
}

function PassRow({ pass, onChanged }: PassRowProps) {
  const { guest, state, leftMs, from } = pass
  return (
    <div class="row">
      <span class="row-text">
        <strong>
          <bdi>{guest}</bdi>
        </strong>{' '}
        <StateWord mood={state === 'used' ? 'good' : 'busy'}>{t(`day-pass.${state}`)}</StateWord>{' '}
        <bdi>{from}</bdi> {t('day-pass.left', { span: formatSpan(leftMs) })}
      </span>
      <Action
        label={t('day-pass.end')}
        run={() => access.endPass(pass)}
        onDone={() => {
          onChanged()
          tell(t('day-pass.ended', { guest }))
        }}
      />
    </div>
  )
}

function NewPass({ onMade }: { readonly onMade: (made: Made) => void }) {
  const [guest, setGuest] = useState('')
  const { isBusy, trouble, submit } = useSubmit(
    () => access.makePass(guest.trim()),
    (value) => {
      setGuest('')
      onMade({ guest, link: `${location.origin}/#/pass/${value.token}` })
    },
  )
  return (
    <Form
      label={t('day-pass.make')}
      submit={t('day-pass.make')}
      isBusy={isBusy}
      trouble={trouble}
      onSubmit={submit}
    >
      <Field
        label={t('day-pass.guest')}
        hint={t('day-pass.guest-hint')}
        value={guest}
        onInput={setGuest}
        required
      />
    </Form>
  )
}

function PassDialog({
  made: { guest, link },
  onClose,
}: {
  readonly made: Made
  readonly onClose: () => void
}) {
  return (
    <Dialog title={t('day-pass.title')} onClose={onClose}>
      <p>{t('day-pass.scan')}</p>
      <Qr text={link} label={t('day-pass.qr', { guest })} />
    </Dialog>
  )
}
