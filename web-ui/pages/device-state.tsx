import type { DeviceHealth } from '../../src/core/device-view.ts'
import { type Mood, StateWord } from '../parts/state-word.tsx'
import { t } from '../words/language.ts'

const moods: Readonly<Record<DeviceHealth['kind'], Mood>> = {
  'never-seen': 'unknown',
  paused: 'idle',
  fine: 'good',
  trouble: 'bad',
}

/** How a device does, in a word or three. */
export function DeviceState({ health }: { readonly health: DeviceHealth }) {
  return <StateWord mood={moods[health.kind]}>{healthWord(health)}</StateWord>
}

function healthWord(health: DeviceHealth): string {
  switch (health.kind) {
    case 'never-seen':
      return t('devices.never-seen')
    case 'paused':
      return t('devices.paused')
    case 'fine':
    case 'trouble':
      return t(`state.${health.code}`)
  }
}
