import { useState } from 'preact/hooks'
import type { DeviceCard } from '../../src/core/operations.ts'
import { ask } from '../box.ts'
import { Check } from '../parts/check.tsx'
import { Field, Form } from '../parts/form.tsx'
import { tell } from '../parts/notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useSubmit } from '../parts/use-submit.ts'
import { t } from '../words/language.ts'
import { deviceTab, listOf } from './device-places.ts'

/** One screen; what is needed first, the rest below. Ends on the card. */
export function AddDevice() {
  const [name, setName] = useState('')
  const [isPasswordless, setPasswordless] = useState(false)
  const [address, setAddress] = useState('')
  const [sender, setSender] = useState('')
  const [owner, setOwner] = useState('')
  const [recipients, setRecipients] = useState('')
  const [strong, setStrong] = useState(false)
  const wish = {
    name: name.trim(),
    addresses: listOf(address),
    ...(sender.trim() !== '' && { sender: sender.trim() }),
    ...(owner.trim() !== '' && { owner: owner.trim() }),
    allowedRecipients: listOf(recipients),
    strong,
    passwordless: isPasswordless,
  }
  const { isBusy, trouble, troubleOf, submit } = useSubmit(() =>
    ask<DeviceCard>('POST', '/devices', { body: wish }), () => {
    tell(t('add.done', { name: wish.name }))
    location.hash = deviceTab(wish.name, 'card')
  }, ['name', 'addresses', 'sender', 'owner', 'allowed_recipients'])
  return (
    <>
      <PageHead title={t('add.title')} from={{ place: ['devices'], name: t('device.to-list') }} />
      <Form label={t('add.title')} submit={t('add.go')} isBusy={isBusy} trouble={trouble} onSubmit={submit}>
        <Field
          label={t('add.name')}
          hint={t('add.name-hint')}
          value={name}
          onInput={setName}
          trouble={troubleOf('name')}
          required
        />
        <fieldset>
          <legend>{t('add.how')}</legend>
          <Radio
            label={t('add.by-password')}
            isOn={!isPasswordless}
            onChoose={() => setPasswordless(false)}
          />
          <Radio label={t('add.by-address')} isOn={isPasswordless} onChoose={() => setPasswordless(true)} />
        </fieldset>
        <Field
          label={t('add.address')}
          hint={t('add.address-hint')}
          value={address}
          onInput={setAddress}
          trouble={troubleOf('addresses')}
          required={isPasswordless}
        />
        <Field
          label={t('add.sender')}
          hint={t('add.sender-hint')}
          value={sender}
          onInput={setSender}
          trouble={troubleOf('sender')}
          inputMode="email"
        />
        <details>
          <summary>{t('add.more')}</summary>
          <Field
            label={t('add.owner')}
            value={owner}
            onInput={setOwner}
            trouble={troubleOf('owner')}
            inputMode="email"
          />
          <Field
            label={t('add.recipients')}
            hint={t('add.recipients-hint')}
            value={recipients}
            onInput={setRecipients}
            trouble={troubleOf('allowed_recipients')}
          />
          {!isPasswordless && <Check label={t('add.strong')} isOn={strong} onChange={setStrong} />}
        </details>
      </Form>
    </>
  )
}

interface RadioProps {
  readonly label: string
  readonly isOn: boolean
  readonly onChoose: () => void
}

function Radio({ label, isOn, onChoose }: RadioProps) {
  return (
    <label class="check">
      <input type="radio" name="how" checked={isOn} onChange={onChoose} />
      <span>{label}</span>
    </label>
  )
}
