import { useState } from 'preact/hooks'
import type { Sighting } from '../../src/core/learning.ts'
import type { DeviceCard } from '../../src/core/operations.ts'
import { ask } from '../box.ts'
import { Check } from '../parts/check.tsx'
import { Field, Form } from '../parts/form.tsx'
import { tell } from '../parts/notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { useSubmit } from '../parts/use-submit.ts'
import { t } from '../words/language.ts'
import { deviceTab } from './device-places.ts'

/** Makes a device of an unknown printer, from what it said when it was refused. */
export function AdoptDevice({ address }: { readonly address: string }) {
  const sightings = useAnswer<readonly Sighting[]>('/sightings', ['sightings'])
  const seen = sightings.value?.find((each) => each.address === address)
  const [name, setName] = useState('')
  const [pinMac, setPinMac] = useState(false)
  const [passwordless, setPasswordless] = useState(false)
  const wish = { address, ...(name.trim() !== '' && { name: name.trim() }), pinMac, passwordless }
  const { isBusy, trouble, troubleOf, submit } = useSubmit(
    () => ask<DeviceCard & { readonly released: number }>('POST', '/sightings/adopt', { body: wish }),
    ({ card, released }) => {
      const [adopted = name] = card
      tell(told(adopted, released))
      location.hash = deviceTab(adopted, 'card')
    },
    ['name'],
  )
  return (
    <>
      <PageHead
        title={t('adopt.title', { address })}
        from={{ place: ['devices'], name: t('device.to-list') }}
      />
      <p>{t('adopt.explain')}</p>
      <Form
        label={t('adopt.title', { address })}
        submit={t('adopt.go')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
      >
        <Field
          label={t('adopt.name')}
          hint={t('adopt.name-hint')}
          value={name}
          onInput={setName}
          trouble={troubleOf('name')}
        />
        {seen && seen.mac !== '' && (
          <Check label={t('adopt.pin', { mac: seen.mac })} isOn={pinMac} onChange={setPinMac} />
        )}
        {seen?.triedAuth === true && (
          <Check label={t('adopt.passwordless')} isOn={passwordless} onChange={setPasswordless} />
        )}
      </Form>
    </>
  )
}

const told = (name: string, released: number): string =>
  [t('adopt.done', { name }), released > 0 ? t('adopt.released', { count: released }) : ''].join(' ')
