import { useState } from 'preact/hooks'
import type { SecondFactorView } from '../../src/core/console-session.ts'
import { me, stand } from '../box.ts'
import { Answered } from '../parts/answered.tsx'
import { Form, PasswordField } from '../parts/form.tsx'
import { tell } from '../parts/notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { StateWord } from '../parts/state-word.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { useSubmit } from '../parts/use-submit.ts'
import { t } from '../words/language.ts'
import { access } from './people/access.ts'
import { Enrolling, TurnOff } from './people/second-factor.tsx'

/** The own password and second factor. */
export function Account() {
  const person = me()
  if (person === undefined) return null
  return (
    <>
      <PageHead title={t('more.account')} />
      <p>{t('more.account-line', { name: person.name, role: t(`role.${person.role}`) })}</p>
      {person.isGuest ? (
        <p>{t('account.guest')}</p>
      ) : (
        <>
          <OwnPassword />
          <SecondFactor />
        </>
      )}
    </>
  )
}

function OwnPassword() {
  const [present, setPresent] = useState('')
  const [next, setNext] = useState('')
  const { isBusy, trouble, submit } = useSubmit(
    () => access.changePassword(present, next),
    (value) => {
      setPresent('')
      setNext('')
      // The session goes on under another proof.
      stand(value)
      tell(t('account.password-changed'))
    },
  )
  const label = t('account.change-password')
  return (
    <section class="card">
      <h2>{t('account.password')}</h2>
      <Form label={label} submit={label} isBusy={isBusy} trouble={trouble} onSubmit={submit}>
        <PasswordField label={t('account.present')} value={present} onInput={setPresent} required />
        <PasswordField
          label={t('account.next')}
          hint={t('claim.password-hint')}
          value={next}
          onInput={setNext}
          autocomplete="new-password"
          required
        />
      </Form>
    </section>
  )
}

function SecondFactor() {
  const known = useAnswer<SecondFactorView>('/session/second-factor')
  return (
    <section class="card">
      <h2>{t('account.factor')}</h2>
      <p>{t('account.factor-line')}</p>
      <Answered known={known}>
        {(factor) => (
          <>
            <p>
              <StateWord mood={factor.isOn ? 'good' : 'idle'}>
                {t(factor.isOn ? 'account.factor-on' : 'account.factor-off')}
              </StateWord>
            </p>
            {factor.isOn && <p>{t('account.recovery-left', { count: factor.recoveryCodesLeft })}</p>}
            {factor.isRequired && <p>{t('account.factor-required')}</p>}
            <Enrolling isOn={factor.isOn} onDone={known.reload} />
            {factor.isOn && !factor.isRequired && <TurnOff onDone={known.reload} />}
          </>
        )}
      </Answered>
    </section>
  )
}
