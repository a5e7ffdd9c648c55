import { useId } from 'preact/hooks'
import type { DeviceView } from '../../src/core/operations.ts'
import { to } from '../router.ts'
import { t } from '../words/language.ts'
import type { Watched } from './live-journey.ts'

/** The place where a device is watched, or an address, or everybody. */
export function watchPlace({ device, address }: Partial<Watched>): string {
  const query = new URLSearchParams({ ...(device && { device }), ...(address && !device && { address }) })
  return query.size > 0 ? `${to('live')}?${query}` : to('live')
}

/** Whom the place names. A device's own address counts, too: before it signs in nothing else is known of it. */
export function watchedIn(query: URLSearchParams, devices: readonly DeviceView[]): Watched {
  const device = query.get('device') ?? undefined
  const known = devices.find(({ name }) => name === device)
  const own = known?.seen?.address ?? known?.addresses.find((address) => !address.includes('/'))
  return { device, address: query.get('address') ?? own }
}

interface WatchChoiceProps {
  readonly devices: readonly DeviceView[]
  readonly watched: Watched
}

export function WatchChoice({ devices, watched: { device, address } }: WatchChoiceProps) {
  const id = useId()
  const isAddress = device === undefined && address !== undefined
  const choose = (value: string) => {
    location.hash = value
  }
  const names = devices.map(({ name }) => name)
  return (
    <div class="field">
      <label for={id}>{t('live.watch')}</label>
      <select
        id={id}
        value={watchPlace({ device, address })}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      >
        <option value={watchPlace({})}>{t('live.everybody')}</option>
        {isAddress && <option value={watchPlace({ address })}>{t('live.at-address', { address })}</option>}
        {(device === undefined || names.includes(device) ? names : [...names, device]).map((name) => (
          <option key={name} value={watchPlace({ device: name })}>
            {name}
          </option>
        ))}
      </select>
    </div>
  )
}
