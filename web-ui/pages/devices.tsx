import { useState } from 'preact/hooks'
import type { HomeDevice, HomeView } from '../../src/core/home.ts'
import type { DeviceView } from '../../src/core/operations.ts'
import { Answered } from '../parts/answered.tsx'
import { Field } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { List, RowLink } from '../parts/list.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { When } from '../parts/when.tsx'
import { isAtLeast } from '../role.ts'
import { place, to } from '../router.ts'
import { t } from '../words/language.ts'
import { Aliases } from './aliases.tsx'
import { AddDevice } from './device-add.tsx'
import { AdoptDevice } from './device-adopt.tsx'
import { addPlace } from './device-places.ts'
import { DeviceState } from './device-state.tsx'
import { Sightings } from './sightings.tsx'
import { TakeOver } from './take-over.tsx'

/** Printers that the box knows, and those that it does not know yet. */
export function Devices() {
  const { query } = place.value
  if (query.has('add')) return <AddDevice />
  const address = query.get('adopt')
  return address ? <AdoptDevice key={address} address={address} /> : <DeviceList />
}

function DeviceList() {
  const devices = useAnswer<readonly DeviceView[]>('/devices', ['devices', 'setup'])
  const home = useAnswer<HomeView>('/home', ['home', 'devices'])
  const healths = new Map((home.value?.devices ?? []).map((each) => [each.name, each]))
  return (
    <>
      <h1>{t('nav.devices')}</h1>
      {isAtLeast('technician') && (
        <a class="button main" href={addPlace}>
          <Icon name="plus" />
          {t('devices.add')}
        </a>
      )}
      <Answered known={devices}>{(all) => <Found devices={all} healths={healths} />}</Answered>
      <Sightings />
      {isAtLeast('technician') && <TakeOver />}
      {isAtLeast('technician') && <Aliases />}
    </>
  )
}

interface FoundProps {
  readonly devices: readonly DeviceView[]
  readonly healths: ReadonlyMap<string, HomeDevice>
}

/** More than fit on a phone. */
const fewDevices = 8

function Found({ devices, healths }: FoundProps) {
  const [wanted, setWanted] = useState('')
  const isAsked = (device: DeviceView): boolean =>
    [device.name, device.username ?? '', device.sender ?? '', ...device.addresses].some((text) =>
      text.toLowerCase().includes(wanted.trim().toLowerCase()),
    )
  const found = devices.filter(isAsked)
  return (
    <>
      {devices.length > fewDevices && <Field label={t('devices.find')} value={wanted} onInput={setWanted} />}
      <List
        items={found}
        keyOf={({ name }) => name}
        label={t('nav.devices')}
        empty={t(devices.length === 0 ? 'devices.none' : 'devices.none-found')}
      >
        {(device) => <DeviceRow device={device} home={healths.get(device.name)} />}
      </List>
    </>
  )
}

interface DeviceRowProps {
  readonly device: DeviceView
  /** Undefined: not known yet. */
  readonly home: HomeDevice | undefined
}

function DeviceRow({ device: { name, weak }, home }: DeviceRowProps) {
  return (
    <RowLink href={to('devices', name)}>
      <bdi class="row-name">{name}</bdi>
      <br />
      {home && <DeviceState health={home.health} />}{' '}
      <span class="faint">
        {home?.lastMail !== undefined && (
          <>
            {t('devices.last-mail')} <When at={home.lastMail} />
          </>
        )}
        {weak !== '' && (
          <>
            {' · '}
            <bdi>{t('device.weak', { what: weak })}</bdi>
          </>
        )}
      </span>
    </RowLink>
  )
}
