import { useState } from 'preact/hooks'
import type { DeviceCard } from '../../../src/core/operations.ts'
import { ask } from '../../box.ts'
import { Field, Form } from '../../parts/form.tsx'
import { List, RowLink } from '../../parts/list.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { to } from '../../router.ts'
import { t } from '../../words/language.ts'
import type { StepProps } from '../wizard.tsx'
import { TypedCard } from './typed-card.tsx'

interface Made {
  readonly name: string
  readonly card: DeviceCard
}

/** One printer, and what to type at it. */
export function DeviceStep({ progress: { devices }, reload }: StepProps) {
  const [made, setMade] = useState<Made | undefined>(undefined)
  if (made !== undefined)
    return <TypedCard name={made.name} card={made.card} onAnother={() => setMade(undefined)} />
  return (
    <>
      {devices.length > 0 && (
        <section class="card">
          <p>{t('wizard.device-have', { count: devices.length })}</p>
          <List items={devices} keyOf={({ name }) => name} empty="">
            {({ name }) => (
              <RowLink href={to('devices', name)}>
                <bdi>{name}</bdi>
              </RowLink>
            )}
          </List>
        </section>
      )}
      <DeviceForm
        onMade={(one) => {
          setMade(one)
          reload()
        }}
      />
    </>
  )
}

function DeviceForm({ onMade }: { readonly onMade: (made: Made) => void }) {
  const [name, setName] = useState('')
  const [address, setAddress] = useState('')
  const [sender, setSender] = useState('')
  const [isPasswordless, setPasswordless] = useState(false)
  const { isBusy, trouble, troubleOf, submit } = useSubmit(
    () =>
      ask<DeviceCard>('POST', '/devices', {
        body: {
          name: name.trim(),
          addresses: address.trim() === '' ? [] : [address.trim()],
          ...(sender.trim() !== '' && { sender: sender.trim() }),
          passwordless: isPasswordless,
        },
      }),
    (value) => {
      onMade({ name: name.trim(), card: value })
    },
    ['name', 'addresses', 'sender'],
  )
  return (
    <section class="card">
      <Form
        label={t('wizard.device')}
        submit={t('wizard.device-add')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
      >
        <Field
          label={t('wizard.device-name')}
          hint={t('wizard.device-name-hint')}
          value={name}
          onInput={setName}
          trouble={troubleOf('name')}
          maxLength={64}
          required
        />
        <Field
          label={t('wizard.device-address')}
          hint={t('wizard.device-address-hint')}
          value={address}
          onInput={setAddress}
          trouble={troubleOf('addresses')}
          required={isPasswordless}
        />
        <details>
          <summary>{t('wizard.more-fields')}</summary>
          <Field
            label={t('wizard.device-sender')}
            hint={t('wizard.device-sender-none')}
            value={sender}
            onInput={setSender}
            trouble={troubleOf('sender')}
            inputMode="email"
          />
          <label class="choice">
            <input
              type="checkbox"
              checked={isPasswordless}
              onChange={({ currentTarget }) => setPasswordless(currentTarget.checked)}
            />
            {t('wizard.device-passwordless')}
          </label>
        </details>
      </Form>
    </section>
  )
}
