import type { DeviceSheet } from '../../src/core/device-view.ts'
import type { Managed } from '../../src/core/fleet.ts'
import type { Whereabouts } from '../../src/core/learning.ts'
import type { DeviceMail, DeviceView } from '../../src/core/operations.ts'
import { Answered } from '../parts/answered.tsx'
import { isManagedRow, ManagedNote, useManaged } from '../parts/managed.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { type Known, useAnswer } from '../parts/use-answer.ts'
import { isAtLeast } from '../role.ts'
import { place } from '../router.ts'
import { t } from '../words/language.ts'
import { CardTab } from './device-card.tsx'
import { SettingsTab } from './device-edit.tsx'
import { NowTab } from './device-now.tsx'
import { deviceApi } from './device-places.ts'
import { DeviceState } from './device-state.tsx'

/** A device as it was seen. */
export interface SeenDevice {
  readonly device: DeviceView
  readonly whereabouts: Whereabouts
  readonly mail: DeviceMail
}

/** What all parts of a device's page stand on. */
export interface DeviceKnown {
  readonly name: string
  readonly seen: Known<SeenDevice>
  readonly sheet: Known<{ readonly sheet: DeviceSheet }>
  /** Its row is head office's; undefined: the site's. */
  readonly managed: Managed | undefined
}

/** Everything about one device: how it does, what to type into it, how it is set up. */
export function Device() {
  const [, name = ''] = place.value.parts
  return <NamedDevice key={name} name={name} />
}

function NamedDevice({ name }: { readonly name: string }) {
  const seen = useAnswer<SeenDevice>(deviceApi(name), ['devices', 'setup'])
  const sheet = useAnswer<{ readonly sheet: DeviceSheet }>(deviceApi(name, 'sheet'), ['devices', 'setup'])
  const all = useManaged()
  const managed = isManagedRow(all, 'device', name) ? all : undefined
  const known = { name, seen, sheet, managed }
  const tabs = [
    { id: 'now', label: t('device.tab.now'), content: () => <NowTab known={known} /> },
    { id: 'card', label: t('device.tab.card'), content: () => <CardTab known={known} /> },
    { id: 'settings', label: t('device.tab.settings'), content: () => <SettingsTab known={known} /> },
  ]
  return (
    <>
      <PageHead title={<bdi>{name}</bdi>} from={{ place: ['devices'], name: t('device.to-list') }} />
      <Answered known={seen}>
        {() => (
          <>
            {managed && (
              <ManagedNote managed={managed}>
                {(managed.site[name] ?? []).length > 0 && <p>{t('managed.device')}</p>}
              </ManagedNote>
            )}
            {sheet.value && <DeviceState health={sheet.value.sheet.health} />}
            {isAtLeast('technician') ? (
              <Tabs label={t('device.tabs')} tabs={tabs} />
            ) : (
              <NowTab known={known} />
            )}
          </>
        )}
      </Answered>
    </>
  )
}
