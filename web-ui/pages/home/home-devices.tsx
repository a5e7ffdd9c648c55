import type { DeviceHealth } from '../../../src/core/device-view.ts'
import type { HomeDevice } from '../../../src/core/home.ts'
import { boxNow, tick } from '../../clock.ts'
import { List, RowLink } from '../../parts/list.tsx'
import { type Mood, StateWord } from '../../parts/state-word.tsx'
import { to } from '../../router.ts'
import { formatRelative } from '../../words/formats.ts'
import { t } from '../../words/language.ts'

/** More than a screen of them are not looked at here. */
const most = 8

/** Each with its state; those in trouble first. */
export function HomeDevices({
  devices,
  unknown,
}: {
  readonly devices: readonly HomeDevice[]
  readonly unknown: number
}) {
  const sorted = devices.toSorted((one, other) => rank(one.health) - rank(other.health))
  return (
    <section>
      <h2>{t('home.devices')}</h2>
      {devices.length === 0 ? (
        <p>
          {t('home.no-devices')} <a href={to('wizard', 'device')}>{t('home.add-device')}</a>
        </p>
      ) : (
        <List items={sorted.slice(0, most)} keyOf={({ name }) => name} empty="">
          {(device) => <DeviceRow device={device} />}
        </List>
      )}
      {unknown > 0 && (
        <a class="line" href={`${to('devices')}?tab=unknown`}>
          {t('home.unknown-devices', { count: unknown })}
        </a>
      )}
      {devices.length > most && (
        <a class="line" href={to('devices')}>
          {t('home.all-devices', { count: devices.length })}
        </a>
      )}
    </section>
  )
}

function DeviceRow({ device: { name, health, lastMail } }: { readonly device: HomeDevice }) {
  // Read, so that the age goes on.
  tick.value
  return (
    <RowLink href={to('devices', name)} aside={<HealthWord health={health} />}>
      <bdi>{name}</bdi>
      <small>
        {lastMail === undefined
          ? t('home.never-mail')
          : t('home.last-mail', { age: formatRelative(lastMail - boxNow()) })}
      </small>
    </RowLink>
  )
}

const ranks: Readonly<Record<DeviceHealth['kind'], number>> = {
  trouble: 0,
  fine: 1,
  'never-seen': 2,
  paused: 3,
}
const rank = ({ kind }: DeviceHealth): number => ranks[kind]

const moods: Readonly<Record<DeviceHealth['kind'], Mood>> = {
  trouble: 'bad',
  fine: 'good',
  'never-seen': 'unknown',
  paused: 'idle',
}

/** How a device does, in a word or three. */
export function HealthWord({ health }: { readonly health: DeviceHealth }) {
  return <StateWord mood={moods[health.kind]}>{wordOf(health)}</StateWord>
}

function wordOf(health: DeviceHealth): string {
  switch (health.kind) {
    case 'never-seen':
      return t('home.never-seen')
    case 'paused':
      return t('home.paused')
    case 'fine':
    case 'trouble':
      return t(`state.${health.code}`)
  }
}
