import { useState } from 'preact/hooks'
import type { Enrolment } from '../../../src/core/console-session.ts'
import { type Answer, stand } from '../../box.ts'
import { Copy } from '../../parts/copy.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, Form, PasswordField } from '../../parts/form.tsx'
import { tell } from '../../parts/notice.tsx'
import { Qr } from '../../parts/qr.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { t } from '../../words/language.ts'
import { access } from './access.ts'

type Step =
  | { readonly kind: 'closed' }
  | { readonly kind: 'password' }
  | { readonly kind: 'code'; readonly enrolment: Enrolment }
  | { readonly kind: 'codes'; readonly codes: readonly string[] }

interface EnrollingProps {
  readonly isOn: boolean
  readonly onDone: () => void
}

/** Password, QR and code, recovery codes: one after the other. */
export function Enrolling({ isOn, onDone }: EnrollingProps) {
  const [step, setStep] = useState<Step>({ kind: 'closed' })
  const close = () => {
    setStep({ kind: 'closed' })
    onDone()
  }
  const label = t(isOn ? 'account.factor-change' : 'account.factor-begin')
  return (
    <>
      <button type="button" onClick={() => setStep({ kind: 'password' })}>
        {label}
      </button>
      {step.kind !== 'closed' && (
        <Dialog title={label} onClose={close}>
          {step.kind === 'password' && (
            <PasswordStep
              send={access.draftFactor}
              onDone={(enrolment) => setStep({ kind: 'code', enrolment })}
            />
          )}
          {step.kind === 'code' && (
            <CodeStep enrolment={step.enrolment} onDone={(codes) => setStep({ kind: 'codes', codes })} />
          )}
          {step.kind === 'codes' && <RecoveryCodes codes={step.codes} onClose={close} />}
        </Dialog>
      )}
    </>
  )
}

export function TurnOff({ onDone }: { readonly onDone: () => void }) {
  const [isOpen, setOpen] = useState(false)
  const label = t('account.factor-remove')
  return (
    <>
      <button type="button" class="danger" onClick={() => setOpen(true)}>
        {label}
      </button>
      {isOpen && (
        <Dialog title={label} onClose={() => setOpen(false)}>
          <PasswordStep
            send={access.removeFactor}
            onDone={() => {
              setOpen(false)
              tell(t('account.factor-removed'))
              onDone()
            }}
          />
        </Dialog>
      )}
    </>
  )
}

interface PasswordStepProps<T> {
  readonly send: (password: string) => Promise<Answer<T>>
  readonly onDone: (value: T) => void
}

/** Who found the phone unlocked does not know the password. */
function PasswordStep<T>({ send, onDone }: PasswordStepProps<T>) {
  const [password, setPassword] = useState('')
  const { isBusy, trouble, submit } = useSubmit(() => send(password), onDone)
  const label = t('account.present')
  return (
    <Form label={label} submit={t('do.next')} isBusy={isBusy} trouble={trouble} onSubmit={submit}>
      <PasswordField label={label} value={password} onInput={setPassword} required />
    </Form>
  )
}

interface CodeStepProps {
  readonly enrolment: Enrolment
  readonly onDone: (recoveryCodes: readonly string[]) => void
}

function CodeStep({ enrolment: { secret, uri }, onDone }: CodeStepProps) {
  const [code, setCode] = useState('')
  const { isBusy, trouble, submit } = useSubmit(
    () => access.confirmFactor(code.replaceAll(' ', '')),
    ({ standing, recoveryCodes }) => {
      // The session goes on under another proof.
      stand(standing)
      onDone(recoveryCodes)
    },
  )
  return (
    <>
      <p>{t('account.factor-scan')}</p>
      <Qr text={uri} label={t('account.factor-qr')} />
      <p class="secret" dir="ltr">
        {secret}
      </p>
      <Form
        label={t('account.factor-code')}
        submit={t('account.factor-confirm')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
      >
        <Field
          label={t('account.factor-code')}
          value={code}
          onInput={setCode}
          inputMode="numeric"
          autocomplete="one-time-code"
          required
        />
      </Form>
    </>
  )
}

interface RecoveryCodesProps {
  readonly codes: readonly string[]
  readonly onClose: () => void
}

function RecoveryCodes({ codes, onClose }: RecoveryCodesProps) {
  return (
    <>
      <h3>{t('account.recovery-codes')}</h3>
      <p>{t('account.recovery-line')}</p>
      <ul class="secret" dir="ltr">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <p class="buttons">
        <Copy text={codes.join('\n')} />
        <button type="button" class="main" onClick={onClose}>
          {t('account.recovery-done')}
        </button>
      </p>
    </>
  )
}
