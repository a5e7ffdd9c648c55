import { useEffect } from 'preact/hooks'
import type { DeviceView } from '../../src/core/operations.ts'
import { Answered } from '../parts/answered.tsx'
import { Busy } from '../parts/busy.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { place, to } from '../router.ts'
import { t } from '../words/language.ts'

/** What the code on a sticker opens: the page of the device with this user name or, where it has none, this name. */
export function DeviceByLogin() {
  const [, login = ''] = place.value.parts
  const known = useAnswer<readonly DeviceView[]>('/devices')
  const find = (devices: readonly DeviceView[]) =>
    devices.find(({ username }) => username === login.toLowerCase()) ??
    devices.find(({ name }) => name === login)
  return <Answered known={known}>{(devices) => <Found device={find(devices)} login={login} />}</Answered>
}

function Found({ device, login }: { readonly device: DeviceView | undefined; readonly login: string }) {
  useEffect(() => {
    // In the place of this one: going back leads to where the person was before.
    if (device) location.replace(to('devices', device.name))
  }, [device])
  if (device) return <Busy />
  return (
    <>
      <h1>
        <bdi>{t('device.no-login', { login })}</bdi>
      </h1>
      <p>
        <a href={to('devices')}>{t('device.to-list')}</a>
      </p>
    </>
  )
}
