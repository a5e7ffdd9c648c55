import type { DeviceSetup } from './setup.ts'

/** Whom an administrator let devices write to, where they bounded any; empty: nobody is bounded. */
export const boundsOf = (devices: readonly Pick<DeviceSetup, 'allowedRecipients'>[]): readonly string[] => [
  ...new Set(devices.flatMap(({ allowedRecipients }) => allowedRecipients)),
]
