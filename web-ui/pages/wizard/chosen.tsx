import { useState } from 'preact/hooks'
import { extractCertificates } from '../../../src/core/pem.ts'
import { Choice } from '../../parts/check.tsx'
import { Field, Form, PasswordField } from '../../parts/form.tsx'
import { PemField } from '../../parts/pem-field.tsx'
import { type Submitting, useSubmit } from '../../parts/use-submit.ts'
import { go, to } from '../../router.ts'
import { addUpstream } from '../../setup-edits.ts'
import type { Key } from '../../words/en.ts'
import { t } from '../../words/language.ts'
import type { StepProps } from '../wizard.tsx'
import {
  keysShown,
  kindForms,
  kindKey,
  rowOf,
  type SendingKind,
  type SignIn,
  type WayOutWish,
} from './kinds.ts'

interface ChosenProps extends StepProps {
  readonly kind: SendingKind
}

/** The few fields that a kind cannot do without. The box looks at them as it would at a document. */
export function Chosen({ kind, progress, reload, onDone }: ChosenProps) {
  const form = kindForms[kind]
  const taken = progress.status.upstreams.map(({ name }) => name)
  const [wish, setWish] = useState<WayOutWish>(() => emptyWish(freeName(form.name, taken), form.signIns[0]))
  const set = (part: Partial<WayOutWish>) => setWish((before) => ({ ...before, ...part }))
  const { isBusy, trouble, troubleOf, submit } = useSubmit(
    () => addUpstream(rowOf(kind, wish)),
    () => {
      reload()
      if (wish.signIn === 'script') go('wizard', 'way-out', 'script', wish.name.trim())
      else onDone()
    },
    keysShown(kind, wish),
  )
  return (
    <section class="card">
      <h2>{t(kindKey(kind))}</h2>
      <Form
        label={t(kindKey(kind))}
        submit={t('wizard.save-way-out')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
      >
        <WayOutFields kind={kind} wish={wish} set={set} troubleOf={troubleOf} />
      </Form>
      <a class="line" href={to('wizard', 'way-out', 'choose')}>
        {t('do.back')}
      </a>
    </section>
  )
}

const emptyWish = (name: string, signIn: SignIn = 'none'): WayOutWish => ({
  name,
  signIn,
  sender: '',
  endpoint: '',
  key: '',
  host: '',
  port: '',
  security: 'starttls',
  username: '',
  password: '',
  domains: '',
  caFile: '',
})

function freeName(wanted: string, taken: readonly string[]): string {
  let name = wanted
  for (let number = 2; taken.includes(name); number += 1) name = `${wanted}-${number}`
  return name
}

interface FieldsProps {
  readonly kind: SendingKind
  readonly wish: WayOutWish
  readonly set: (part: Partial<WayOutWish>) => void
  readonly troubleOf: Submitting['troubleOf']
}

function WayOutFields(props: FieldsProps) {
  const { kind, wish, set, troubleOf } = props
  const { hasHost, hasDomains, signIns } = kindForms[kind]
  return (
    <>
      {hasHost && (
        <Field
          label={t('wizard.host')}
          hint={hasHost === 'mx' ? t('wizard.host-mx-hint') : undefined}
          value={wish.host}
          onInput={(host) => set({ host })}
          trouble={troubleOf('host')}
          inputMode="url"
          required
        />
      )}
      {kind === 'smarthost' && <PortFields {...props} />}
      {hasDomains && (
        <Field
          label={t('wizard.domains')}
          hint={t('wizard.domains-hint')}
          value={wish.domains}
          onInput={(domains) => set({ domains })}
          trouble={troubleOf('accepted_domains')}
          required
        />
      )}
      <Field
        label={t('wizard.sender')}
        hint={t('wizard.sender-hint')}
        value={wish.sender}
        onInput={(sender) => set({ sender })}
        trouble={troubleOf('sender', 'senders')}
        inputMode="email"
        required={kind !== 'smarthost'}
      />
      {signIns.length > 1 && <SignInChoice {...props} />}
      <SignInFields {...props} />
      <Seldom {...props} />
    </>
  )
}

function PortFields({ wish, set, troubleOf }: FieldsProps) {
  return (
    <>
      <Choice
        label={t('wizard.security')}
        value={wish.security}
        choices={(['starttls', 'implicit', 'plain'] as const).map((each) => [
          each,
          t(`wizard.security-${each}`),
        ])}
        onChange={(security) => set({ security })}
        trouble={troubleOf('security')}
      />
      <Field
        label={t('wizard.port')}
        value={wish.port}
        onInput={(port) => set({ port })}
        trouble={troubleOf('port')}
        inputMode="numeric"
      />
    </>
  )
}

const signInKeys: Readonly<Record<SignIn, Key>> = {
  script: 'wizard.by-script',
  key: 'wizard.by-key',
  password: 'wizard.by-password',
  none: 'wizard.no-sign-in',
}

function SignInChoice({ kind, wish, set }: FieldsProps) {
  return (
    <fieldset>
      <legend>{t('wizard.how')}</legend>
      {kindForms[kind].signIns.map((signIn) => (
        <label key={signIn} class="choice">
          <input
            type="radio"
            name="sign-in"
            checked={wish.signIn === signIn}
            onChange={() => set({ signIn })}
          />
          {t(signInKeys[signIn])}
        </label>
      ))}
    </fieldset>
  )
}

function SignInFields({ wish, set, troubleOf }: FieldsProps) {
  switch (wish.signIn) {
    case 'key':
      return (
        <>
          <Field
            label={t('wizard.endpoint')}
            hint={t('wizard.endpoint-hint')}
            value={wish.endpoint}
            onInput={(endpoint) => set({ endpoint })}
            trouble={troubleOf('endpoint')}
            inputMode="url"
            required
          />
          <PasswordField
            label={t('wizard.key')}
            value={wish.key}
            onInput={(key) => set({ key })}
            trouble={troubleOf('credential.key')}
            autocomplete="off"
            required
          />
        </>
      )
    case 'password':
      return (
        <>
          <Field
            label={t('wizard.username')}
            value={wish.username}
            onInput={(username) => set({ username })}
            trouble={troubleOf('credential.username', 'username')}
            required
          />
          <PasswordField
            label={t('wizard.password')}
            value={wish.password}
            onInput={(password) => set({ password })}
            trouble={troubleOf('credential.password')}
            autocomplete="off"
            required
          />
        </>
      )
    case 'script':
    case 'none':
      return null
  }
}

function Seldom({ wish, set, troubleOf }: FieldsProps) {
  const trouble = troubleOf('name', 'ca_file')
  return (
    <details open={trouble !== undefined}>
      <summary>{t('wizard.more-fields')}</summary>
      <Field
        label={t('wizard.name')}
        value={wish.name}
        onInput={(name) => set({ name })}
        trouble={troubleOf('name')}
        maxLength={64}
        required
      />
      <PemField
        label={t('wizard.ca-file')}
        value={wish.caFile}
        extract={extractCertificates}
        onInput={(caFile) => set({ caFile })}
        trouble={troubleOf('ca_file')}
      />
    </details>
  )
}
