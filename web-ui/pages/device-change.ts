import type { DeviceSettings } from '../../src/core/device-view.ts'
import type { RowChange } from '../../src/core/setup-operations.ts'
import { type Answer, ask } from '../box.ts'
import { deviceApi } from './device-places.ts'

/** What the box answers to a change. */
export interface DeviceChanged {
  readonly settings: DeviceSettings
  readonly changes: readonly string[]
  readonly remarks: readonly string[]
  readonly revision: number
}

/** `revision`: of the setup that the person saw; undefined: whatever it is now. */
export const changeDevice = (
  name: string,
  change: RowChange,
  revision: number | undefined,
): Promise<Answer<DeviceChanged>> => ask('PUT', deviceApi(name, 'settings'), { body: { change, revision } })
